"""The portal's client against the simulator: two readings of Codat's documents must agree."""

import dataclasses
import inspect
import io
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from onboarding.codat import Client, RetryPolicy, errors, where
from onboarding.codat.webhooks import parse_event, verify_signature
from onboarding.simulator.assumptions import CONNECTOR_TROUBLE_WORDS

from .conftest import SECRET, Arranged, Codat, Portal, eventually

PERIODS = {"period_length": 1, "periods_to_compare": 12}
# Each method of the client, and how it is called.
CALLS: dict[str, Callable[[Client, Arranged], Any]] = {
    "list_integrations": lambda c, a: list(c.list_integrations()),
    "get_integration": lambda c, a: c.get_integration("gbol"),
    "get_integrations_branding": lambda c, a: c.get_integrations_branding("qhyg"),
    "list_companies": lambda c, a: list(
        c.list_companies(tags=where("uid", "=", "a"), order_by="-created", page_size=1)
    ),
    "create_company": lambda c, a: c.create_company(name="New", tags={"uid": "1"}),
    "get_company": lambda c, a: c.get_company(a.company),
    "update_company": lambda c, a: c.update_company(a.fresh_company(), name="Other"),
    "replace_company": lambda c, a: c.replace_company(a.fresh_company(), name="Other", tags={}),
    "delete_company": lambda c, a: c.delete_company(a.fresh_company()),
    "list_connections": lambda c, a: list(c.list_connections(a.company)),
    "create_connection": lambda c, a: c.create_connection(a.fresh_company(), platform_key="gbol"),
    "get_connection": lambda c, a: c.get_connection(a.company, a.connection),
    "get_authorization_url": lambda c, a: c.get_authorization_url(a.company, a.connection),
    "unlink_connection": lambda c, a: c.unlink_connection(**a.fresh_linked()),
    "delete_connection": lambda c, a: c.delete_connection(**a.fresh_connection()),
    "refresh_all_data_types": lambda c, a: c.refresh_all_data_types(a.fresh_linked()["company_id"]),
    "refresh_data_type": lambda c, a: c.refresh_data_type(
        a.fresh_linked()["company_id"], "invoices"
    ),
    "get_company_data_status": lambda c, a: c.get_company_data_status(a.company),
    "list_pull_operations": lambda c, a: list(
        c.list_pull_operations(a.company, order_by="-requested")
    ),
    "get_pull_operation": lambda c, a: c.get_pull_operation(a.company, a.dataset),
    "get_read_validation_results": lambda c, a: c.get_read_validation_results(a.company, a.dataset),
    "get_company_info": lambda c, a: c.get_company_info(a.company),
    "get_commerce_profile": lambda c, a: c.get_commerce_profile(a.company, a.shop),
    "get_profile": lambda c, a: c.get_profile(),
    "get_profile_sync_settings": lambda c, a: c.get_profile_sync_settings(),
    "update_profile_sync_settings": lambda c, a: c.update_profile_sync_settings(
        client_id=a.client_id,
        settings=c.get_profile_sync_settings().settings,
        overrides_defaults=True,
    ),
    "get_company_sync_settings": lambda c, a: c.get_company_sync_settings(a.company),
    "set_company_sync_settings": lambda c, a: c.set_company_sync_settings(
        a.company,
        settings=c.get_company_sync_settings(a.company).settings,
        overrides_defaults=True,
    ),
    "create_partner_expense_connection": lambda c, a: c.create_partner_expense_connection(
        a.fresh_linked()["company_id"]
    ),
    "get_company_configuration": lambda c, a: c.get_company_configuration(a.company),
    "set_company_configuration": lambda c, a: c.set_company_configuration(
        a.company, bank_account_id="acc-1200", supplier_id="s/5", customer_id="0001"
    ),
    "get_mapping_options": lambda c, a: c.get_mapping_options(a.company),
    "list_accounting_accounts": lambda c, a: list(c.list_accounting_accounts(a.company)),
    "list_accounting_bank_accounts": lambda c, a: list(
        c.list_accounting_bank_accounts(a.company, a.connection)
    ),
    "list_suppliers": lambda c, a: list(c.list_suppliers(a.company)),
    "get_supplier": lambda c, a: c.get_supplier(a.company, "s/5"),
    "list_customers": lambda c, a: list(c.list_customers(a.company)),
    "get_customer": lambda c, a: c.get_customer(a.company, "0001"),
    "list_tax_rates": lambda c, a: list(c.list_tax_rates(a.company)),
    "get_tax_rate": lambda c, a: c.get_tax_rate(a.company, "rate/20"),
    "list_tracking_categories": lambda c, a: list(c.list_tracking_categories(a.company)),
    "get_tracking_category": lambda c, a: c.get_tracking_category(a.company, "DEPARTMENTS"),
    "get_accounting_profit_and_loss": lambda c, a: (
        c.get_accounting_profit_and_loss(a.company, **PERIODS).reports
    ),
    "get_accounting_balance_sheet": lambda c, a: (
        c.get_accounting_balance_sheet(a.company, **PERIODS).reports
    ),
    "list_files": lambda c, a: c.list_files(a.company),
    "download_files": lambda c, a: c.download_files(
        a.company, into=io.BytesIO(), uploaded_on=datetime.now(UTC).date()
    ),
    "list_webhook_consumers": lambda c, a: a.fresh_consumer() and c.list_webhook_consumers(),
    "create_webhook_consumer": lambda c, a: c.create_webhook_consumer(
        url=f"{a.portal.url}/elsewhere", event_types=["company.created"]
    ),
    "delete_webhook_consumer": lambda c, a: c.delete_webhook_consumer(a.fresh_consumer()),
}
ANSWER_NOTHING = {
    *("delete_company", "delete_connection", "refresh_all_data_types", "download_files"),
    *("set_company_sync_settings", "update_profile_sync_settings", "delete_webhook_consumer"),
}
METHODS = {
    name
    for name, _ in inspect.getmembers(Client, inspect.isfunction)
    if not name.startswith("_") and name != "close"
}


def client_of(codat: Codat, **more: Any) -> Client:
    return Client("demo-api-key", codat.url, **{"retry": RetryPolicy.none(), **more})


@pytest.fixture
def client(codat: Codat) -> Client:
    return client_of(codat)


def arm(codat: Codat, fault: str, operation: str, **more: object) -> None:
    codat.control("/faults", {"match": {"operation": operation}, "fault": fault, **more})


@pytest.mark.parametrize("method", sorted(METHODS))
def test_the_client_understands_each_answer(arranged: Arranged, method: str) -> None:
    assert method in CALLS, "say here how it is called"
    answer = CALLS[method](client_of(arranged.codat), arranged)
    assert method in ANSWER_NOTHING or answer


def test_names_and_times_are_understood(arranged: Arranged) -> None:
    client = client_of(arranged.codat)
    assert client.get_company_info(arranged.company).company_name == "Harbour Bakes"
    status = client.get_company_data_status(arranged.company)["company"]
    assert status.last_successful_sync is not None
    age = datetime.now(UTC) - status.last_successful_sync
    assert abs(age.total_seconds()) < 600


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, errors.InvalidRequestError),
        (401, errors.AuthenticationError),
        (402, errors.AccountLimitError),
        (403, errors.ForbiddenError),
        (404, errors.NotFoundError),
        (409, errors.ConflictError),
        (429, errors.RateLimitError),
        (500, errors.ServerError),
        (503, errors.ServerError),
    ],
)
def test_a_refusal_becomes_its_error(
    codat: Codat, client: Client, status: int, error: type[errors.CodatError]
) -> None:
    arm(codat, f"status:{status}", "create-company", retry_after=3)
    with pytest.raises(error) as raised:
        client.create_company(name="A")
    assert raised.value.correlation_id
    if isinstance(raised.value, errors.RateLimitError):
        assert raised.value.retry_after == 3


@pytest.mark.parametrize("what", ["reached", "reset"])
def test_both_events_about_the_allowance_are_understood(
    codat: Codat, portal: Portal, client: Client, what: str
) -> None:
    codat.control("/midnight")
    codat.control("/settings", {"daily_quota": 1})
    assert client.get_profile()
    with pytest.raises(errors.RateLimitError) as raised:
        client.get_profile()
    assert raised.value.retry_after
    codat.control("/midnight")

    def delivery() -> tuple[dict[str, str], bytes] | None:
        wanted = f'"client.rateLimit.{what}"'.encode()
        return next((each for each in list(portal.heard) if wanted in each[1]), None)

    headers, body = eventually(delivery)
    assert verify_signature(body, headers, [SECRET])
    event = parse_event(body)
    assert event.event_type == f"client.rateLimit.{what}"
    assert (event.company_id, event.connection_ids) == ("", ())
    assert event.generated_date is not None
    assert event.payload["dailyQuota"] == 1
    assert client.get_profile()


@pytest.mark.parametrize("trouble", ["auto_run_off", "other_file_open", "other_machine"])
def test_the_trouble_of_a_connector_is_told_by_its_connection(
    codat: Codat, client: Client, trouble: str
) -> None:
    company_id, connection_id = codat.linked("pqsw")
    assert client.get_connection(company_id, connection_id).troubles == ()
    codat.act(connection_id, "connector_trouble", trouble=trouble)
    connection = client.get_connection(company_id, connection_id)
    assert [words for _name, words in connection.troubles] == [CONNECTOR_TROUBLE_WORDS[trouble]]
    assert client.get_company(company_id).connections == (
        dataclasses.replace(connection, link_url=connection.link_url.partition("?")[0]),
    )
    codat.act(connection_id, "connector_trouble", trouble="")
    assert client.get_connection(company_id, connection_id).troubles == ()


def test_a_cut_read_is_repeated(codat: Codat) -> None:
    arm(codat, "cut", "get-profile")
    assert client_of(codat, retry=RetryPolicy()).get_profile()


@pytest.mark.parametrize("fault", ["cut", "processed_then_cut", "timeout"])
def test_a_write_without_answer_is_in_doubt(codat: Codat, fault: str) -> None:
    arm(codat, fault, "create-company")
    client = client_of(codat, timeout=(1.0, 0.4))
    with pytest.raises(errors.UnreachableError) as raised:
        client.create_company(name="A", idempotency_key=str(uuid.uuid4()))
    assert raised.value.maybe_processed


def test_a_write_repeated_with_its_key_is_done_once(codat: Codat, client: Client) -> None:
    arm(codat, "processed_then_cut", "create-company")
    key = str(uuid.uuid4())
    with pytest.raises(errors.UnreachableError):
        client.create_company(name="Once", tags={"uid": "1"}, idempotency_key=key)
    again = client.create_company(name="Once", tags={"uid": "1"}, idempotency_key=key)
    found = list(client.list_companies(tags=where("uid", "=", "1")))
    assert [company.id for company in found] == [again.id]


def test_a_slow_answer_is_waited_for(codat: Codat, client: Client) -> None:
    arm(codat, "slow:0.5", "get-profile")
    began = time.monotonic()
    assert client.get_profile()
    assert time.monotonic() - began >= 0.5


def test_a_lagging_list_shows_the_company_later(codat: Codat, client: Client) -> None:
    arm(codat, "list_lag:30", "create-company")
    made = client.create_company(name="Late", tags={"uid": "late"})
    assert list(client.list_companies(tags=where("uid", "=", "late"))) == []
    codat.control("/clock", {"advance_seconds": 31})
    assert [c.id for c in client.list_companies(tags=where("uid", "=", "late"))] == [made.id]


def test_the_details_are_not_ready_at_first(codat: Codat, client: Client) -> None:
    codat.control("/settings", {"fetch_on_first_link": False})
    company_id, _ = codat.linked()
    with pytest.raises(errors.ConflictError):
        client.get_company_info(company_id)


def test_a_type_that_is_being_read_is_a_conflict(codat: Codat, client: Client) -> None:
    codat.control("/settings", {"dataset_pauses": {"invoices": 600}})
    company_id, _ = codat.linked()
    client.refresh_data_type(company_id, "invoices")
    with pytest.raises(errors.ConflictError):
        client.refresh_data_type(company_id, "invoices")


def test_the_client_accepts_the_signature(codat: Codat, portal: Portal) -> None:
    codat.company("Signed")
    headers, body = eventually(lambda: portal.heard and portal.heard[-1])
    webhook_id = next(v for k, v in headers.items() if k.lower() == "webhook-id")
    assert verify_signature(body, headers, [SECRET]) == webhook_id
