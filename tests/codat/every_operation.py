"""Every operation of the client once: how it is called, what must leave, and an answer to it."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from onboarding.codat import Client, SyncSetting, where

COMPANY = "0d1c1b1a-7d51-4a0c-9b77-2f5d3a9e8c10"
CONNECTION = "1f0c6a3e-7d51-4a0c-9b77-2f5d3a9e8c10"
DATASET = "2a2a2a2a-7d51-4a0c-9b77-2f5d3a9e8c10"
KEY = "3b3b3b3b-7d51-4a0c-9b77-2f5d3a9e8c10"
UNDER = f"/companies/{COMPANY}"

A_COMPANY = {"id": COMPANY, "name": "Bakery", "redirect": "https://link.codat.io/company/0d1c"}
A_CONNECTION = {
    "id": CONNECTION,
    "integrationId": "6b113e06-e818-45d7-977b-8e6bb3d01269",
    "integrationKey": "qhyg",
    "sourceId": "56e6575a-3f1f-4918-b009-f7535555f0d6",
    "sourceType": "Accounting",
    "platformName": "QuickBooks Online",
    "linkUrl": "https://link-api.codat.io/companies/0d1c/connections/1f0c/start?otp=481516",
    "status": "PendingAuth",
    "created": "2026-09-01T09:30:00.1234567Z",
}
A_PULL_OPERATION = {
    "id": DATASET,
    "companyId": COMPANY,
    "connectionId": CONNECTION,
    "dataType": "company",
    "status": "Fetching",
    "requested": "2026-09-01T09:30:00Z",
    "progress": 40,
    "isCompleted": False,
    "isErrored": False,
}
SETTING = SyncSetting(data_type="company", fetch_on_first_link=True, sync_schedule=24)
SETTING_JSON = {
    "dataType": "company",
    "fetchOnFirstLink": True,
    "syncSchedule": 24,
    "syncOrder": 0,
    "isLocked": False,
}
PAGE = {"page": "1", "pageSize": "100"}
TWELVE_MONTHS = {"periodLength": "1", "periodsToCompare": "12"}


def page(*results: Any) -> dict[str, Any]:
    return {"results": list(results), "pageNumber": 1, "pageSize": 100, "_links": {}}


@dataclass(frozen=True)
class Operation:
    """`idempotent` calls take an idempotency key: `call` passes on whatever it is given."""

    id: str
    call: Callable[..., Any]
    method: str
    path: str
    params: dict[str, str] = field(default_factory=dict)
    body: Any = None
    status: int = 200
    answer: Any = None

    @property
    def takes_a_key(self) -> bool:
        return self.method in ("POST", "PATCH")

    @property
    def name(self) -> str:
        """The client's method: the operationId in snake case."""
        return self.id.replace("-", "_").replace("syncSettings", "sync_settings")


def paged(call: Callable[[Client], Any]) -> Callable[[Client], Any]:
    return lambda client: list(call(client))


OPERATIONS = [
    Operation(
        "list-integrations",
        paged(lambda c: c.list_integrations(query=where("sourceType", "=", "Accounting"))),
        "GET",
        "/integrations",
        {**PAGE, "query": "sourceType=Accounting"},
        answer=page({"key": "gbol", "name": "Xero", "logoUrl": "", "enabled": True}),
    ),
    Operation(
        "get-integration",
        lambda c: c.get_integration("gbol"),
        "GET",
        "/integrations/gbol",
        answer={"key": "gbol", "name": "Xero", "logoUrl": "", "enabled": True},
    ),
    Operation(
        "get-integrations-branding",
        lambda c: c.get_integrations_branding("gbol"),
        "GET",
        "/integrations/gbol/branding",
        answer={"button": {"hover": {"image": {"src": "https://x/y.png", "alt": "Xero"}}}},
    ),
    Operation(
        "list-companies",
        paged(
            lambda c: c.list_companies(
                query=where("name", "~", "Ba"),
                order_by="-created",
                tags=where("uid", "=", "cust-42"),
                page_size=1000,
            )
        ),
        "GET",
        "/companies",
        {
            "page": "1",
            "pageSize": "1000",
            "query": "name~Ba",
            "orderBy": "-created",
            "tags": "uid=cust-42",
        },
        answer=page(A_COMPANY),
    ),
    Operation(
        "create-company",
        lambda c, **key: c.create_company(
            name="Smith (Holdings) Ltd", description="d", tags={"uid": "cust-42"}, **key
        ),
        "POST",
        "/companies",
        body={"name": "Smith Holdings Ltd", "description": "d", "tags": {"uid": "cust-42"}},
        answer=A_COMPANY,
    ),
    Operation("get-company", lambda c: c.get_company(COMPANY), "GET", UNDER, answer=A_COMPANY),
    Operation(
        "update-company",
        lambda c, **key: c.update_company(COMPANY, name="Bakery", **key),
        "PATCH",
        UNDER,
        body={"name": "Bakery"},
        answer=A_COMPANY,
    ),
    Operation(
        "replace-company",
        lambda c: c.replace_company(COMPANY, name="Bakery", tags={}),
        "PUT",
        UNDER,
        body={"name": "Bakery", "tags": {}},
        answer=A_COMPANY,
    ),
    Operation("delete-company", lambda c: c.delete_company(COMPANY), "DELETE", UNDER, status=204),
    Operation(
        "list-connections",
        paged(lambda c: c.list_connections(COMPANY, query="status=Linked")),
        "GET",
        f"{UNDER}/connections",
        {**PAGE, "query": "status=Linked"},
        answer=page(A_CONNECTION),
    ),
    Operation(
        "create-connection",
        lambda c, **key: c.create_connection(COMPANY, platform_key="qhyg", **key),
        "POST",
        f"{UNDER}/connections",
        body={"platformKey": "qhyg"},
        answer=A_CONNECTION,
    ),
    Operation(
        "get-connection",
        lambda c: c.get_connection(COMPANY, CONNECTION),
        "GET",
        f"{UNDER}/connections/{CONNECTION}",
        answer=A_CONNECTION,
    ),
    Operation(
        "unlink-connection",
        lambda c, **key: c.unlink_connection(COMPANY, CONNECTION, **key),
        "PATCH",
        f"{UNDER}/connections/{CONNECTION}",
        body={"status": "Unlinked"},
        answer=A_CONNECTION,
    ),
    Operation(
        "delete-connection",
        lambda c: c.delete_connection(COMPANY, CONNECTION),
        "DELETE",
        f"{UNDER}/connections/{CONNECTION}",
    ),
    Operation(
        "refresh-all-data-types",
        lambda c, **key: c.refresh_all_data_types(COMPANY, **key),
        "POST",
        f"{UNDER}/data/all",
        status=204,
    ),
    Operation(
        "refresh-data-type",
        lambda c, **key: c.refresh_data_type(COMPANY, "company", connection_id=CONNECTION, **key),
        "POST",
        f"{UNDER}/data/queue/company",
        {"connectionId": CONNECTION},
        answer=A_PULL_OPERATION,
    ),
    Operation(
        "get-company-data-status",
        lambda c: c.get_company_data_status(COMPANY),
        "GET",
        f"{UNDER}/dataStatus",
        answer={"company": {"dataType": "company", "currentStatus": "Complete"}},
    ),
    Operation(
        "list-pull-operations",
        paged(lambda c: c.list_pull_operations(COMPANY, order_by="-requested")),
        "GET",
        f"{UNDER}/data/history",
        {**PAGE, "orderBy": "-requested"},
        answer=page(A_PULL_OPERATION),
    ),
    Operation(
        "get-pull-operation",
        lambda c: c.get_pull_operation(COMPANY, DATASET),
        "GET",
        f"{UNDER}/data/history/{DATASET}",
        answer=A_PULL_OPERATION,
    ),
    Operation(
        "get-read-validation-results",
        lambda c: c.get_read_validation_results(COMPANY, DATASET),
        "GET",
        f"{UNDER}/sync/{DATASET}/validation",
        answer={"errors": [{"ruleId": "accounting-bill-030", "message": "m"}], "warnings": None},
    ),
    Operation(
        "get-company-info",
        lambda c: c.get_company_info(COMPANY),
        "GET",
        f"{UNDER}/data/info",
        answer={"companyName": None, "companyLegalName": "Bakery Ltd", "addresses": None},
    ),
    Operation(
        "get-commerce-profile",
        lambda c: c.get_commerce_profile(COMPANY, CONNECTION),
        "GET",
        f"{UNDER}/connections/{CONNECTION}/data/commerce-info",
        answer={"companyName": "Bakery", "commercePlatformRef": "shop-1"},
    ),
    Operation(
        "get-profile",
        lambda c: c.get_profile(),
        "GET",
        "/profile",
        answer={"name": "Firm", "redirectUrl": "https://portal/link/return", "apiKey": "SECRET"},
    ),
    Operation(
        "get-profile-syncSettings",
        lambda c: c.get_profile_sync_settings(),
        "GET",
        "/profile/syncSettings",
        answer={"clientId": KEY, "settings": [SETTING_JSON], "overridesDefaults": True},
    ),
    Operation(
        "update-profile-syncSettings",
        lambda c, **key: c.update_profile_sync_settings(client_id=KEY, settings=[SETTING], **key),
        "POST",
        "/profile/syncSettings",
        body={"clientId": KEY, "settings": [SETTING_JSON], "overridesDefaults": True},
        status=204,
    ),
    Operation(
        "get-company-syncSettings",
        lambda c: c.get_company_sync_settings(COMPANY),
        "GET",
        f"{UNDER}/syncSettings",
        answer={"companyId": COMPANY, "settings": [SETTING_JSON], "overridesDefaults": False},
    ),
    Operation(
        "set-company-syncSettings",
        lambda c, **key: c.set_company_sync_settings(
            COMPANY, settings=[SETTING], overrides_defaults=False, **key
        ),
        "POST",
        f"{UNDER}/syncSettings",
        body={"companyId": COMPANY, "settings": [SETTING_JSON], "overridesDefaults": False},
        status=204,
    ),
    Operation(
        "create-partner-expense-connection",
        lambda c, **key: c.create_partner_expense_connection(COMPANY, **key),
        "POST",
        f"{UNDER}/sync/expenses/connections/partnerExpense",
        answer=A_CONNECTION | {"status": "Linked", "sourceType": "Expense"},
    ),
    Operation(
        "get-company-configuration",
        lambda c: c.get_company_configuration(COMPANY),
        "GET",
        f"{UNDER}/sync/expenses/config",
        answer={"bankAccount": {"id": "32"}, "supplier": None},
    ),
    Operation(
        "set-company-configuration",
        lambda c, **key: c.set_company_configuration(
            COMPANY, bank_account_id="32", supplier_id="a/b", customer_id="7", **key
        ),
        "POST",
        f"{UNDER}/sync/expenses/config",
        body={"bankAccount": {"id": "32"}, "supplier": {"id": "a/b"}, "customer": {"id": "7"}},
        answer={"bankAccount": {"id": "32"}, "supplier": {"id": "a/b"}, "customer": {"id": "7"}},
    ),
    Operation(
        "get-mapping-options",
        lambda c: c.get_mapping_options(COMPANY),
        "GET",
        f"{UNDER}/sync/expenses/mappingOptions",
        answer={"expenseProvider": "p", "accounts": [{"id": "1"}], "taxRates": [{"id": "2"}]},
    ),
    Operation(
        "list-accounting-accounts",
        paged(
            lambda c: c.list_accounting_accounts(
                COMPANY,
                query=where("metadata.isDeleted", "!=", True) & where("isBankAccount", "=", True),
            )
        ),
        "GET",
        f"{UNDER}/data/accounts",
        {**PAGE, "query": "metadata.isDeleted!=true&&isBankAccount=true"},
        answer=page({"id": "1", "type": "Asset", "metadata": {"isDeleted": True}}),
    ),
    Operation(
        "list-accounting-bank-accounts",
        paged(lambda c: c.list_accounting_bank_accounts(COMPANY, CONNECTION)),
        "GET",
        f"{UNDER}/connections/{CONNECTION}/data/bankAccounts",
        PAGE,
        answer=page({"id": "1", "iBan": "GB33BUKB20201555555555", "balance": 12.5}),
    ),
    Operation(
        "list-suppliers",
        paged(lambda c: c.list_suppliers(COMPANY)),
        "GET",
        f"{UNDER}/data/suppliers",
        PAGE,
        answer=page({"id": "a/b", "supplierName": None, "status": "Active"}),
    ),
    Operation(
        "get-supplier",
        lambda c: c.get_supplier(COMPANY, "a/b ?"),
        "GET",
        f"{UNDER}/data/suppliers/a%2Fb%20%3F",
        answer={"id": "a/b ?", "status": "Active"},
    ),
    Operation(
        "list-customers",
        paged(lambda c: c.list_customers(COMPANY)),
        "GET",
        f"{UNDER}/data/customers",
        PAGE,
        answer=page({"id": "7", "status": "Archived"}),
    ),
    Operation(
        "get-customer",
        lambda c: c.get_customer(COMPANY, "7"),
        "GET",
        f"{UNDER}/data/customers/7",
        answer={"id": "7", "status": "Active"},
    ),
    Operation(
        "list-tax-rates",
        paged(lambda c: c.list_tax_rates(COMPANY)),
        "GET",
        f"{UNDER}/data/taxRates",
        PAGE,
        answer=page({"id": "t", "effectiveTaxRate": 17.5}),
    ),
    Operation(
        "get-tax-rate",
        lambda c: c.get_tax_rate(COMPANY, "t"),
        "GET",
        f"{UNDER}/data/taxRates/t",
        answer={"id": "t"},
    ),
    Operation(
        "list-tracking-categories",
        paged(lambda c: c.list_tracking_categories(COMPANY)),
        "GET",
        f"{UNDER}/data/trackingCategories",
        PAGE,
        answer=page({"id": "k"}),
    ),
    Operation(
        "get-tracking-category",
        lambda c: c.get_tracking_category(COMPANY, "k"),
        "GET",
        f"{UNDER}/data/trackingCategories/k",
        answer={"id": "k", "subCategories": [{"id": "k1"}]},
    ),
    Operation(
        "get-accounting-profit-and-loss",
        lambda c: c.get_accounting_profit_and_loss(COMPANY, period_length=1, periods_to_compare=12),
        "GET",
        f"{UNDER}/data/financials/profitAndLoss",
        TWELVE_MONTHS,
        answer={"currency": "GBP", "reportBasis": "Accrual", "reports": []},
    ),
    Operation(
        "get-accounting-balance-sheet",
        lambda c: c.get_accounting_balance_sheet(
            COMPANY, period_length=1, periods_to_compare=12, start_month=date(2026, 9, 1)
        ),
        "GET",
        f"{UNDER}/data/financials/balanceSheet",
        {**TWELVE_MONTHS, "startMonth": "2026-09-01"},
        answer={"currency": "GBP", "reports": []},
    ),
    Operation(
        "list-files",
        lambda c: c.list_files(COMPANY),
        "GET",
        f"{UNDER}/files",
        answer=[{"fileName": "a.pdf", "uploaded": "2026-09-01T09:30:00Z"}],
    ),
    Operation(
        "download-files",
        lambda c: c.download_files(COMPANY, into=io.BytesIO(), uploaded_on=date(2026, 9, 1)),
        "GET",
        f"{UNDER}/files/download",
        {"date": "2026-09-01"},
        answer=b"PK",
    ),
    Operation(
        "list-webhook-consumers",
        lambda c: c.list_webhook_consumers(),
        "GET",
        "/webhooks",
        answer={"results": [{"id": KEY, "url": "https://portal/webhooks/codat"}]},
    ),
    Operation(
        "create-webhook-consumer",
        lambda c, **key: c.create_webhook_consumer(
            url="https://portal/webhooks/codat",
            event_types=["connection.connected"],
            company_tags=["env:live"],
            **key,
        ),
        "POST",
        "/webhooks",
        body={
            "url": "https://portal/webhooks/codat",
            "eventTypes": ["connection.connected"],
            "disabled": False,
            "companyTags": ["env:live"],
        },
        status=201,
        answer={"id": KEY, "url": "https://portal/webhooks/codat"},
    ),
    Operation(
        "delete-webhook-consumer",
        lambda c: c.delete_webhook_consumer(KEY),
        "DELETE",
        f"/webhooks/{KEY}",
        status=204,
    ),
]
