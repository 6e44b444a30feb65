"""Expenses: the partner's own connection, default accounts, and what spend can be mapped to."""

from typing import Any

from flask import g

from onboarding.simulator import assumptions, books, connecting
from onboarding.simulator.answers import Answer, ApiError
from onboarding.simulator.catalogue import PLATFORMS
from onboarding.simulator.world import World

from .operation import find_company, invalid, json_body, operation
from .reading_state import last_read

_SPEND = ["Payment", "Refund", "Reward", "Chargeback"]


@operation("POST", "/companies/<company_id>/sync/expenses/connections/partnerExpense")
def create_partner_expense_connection(world: World, company_id: str) -> Answer:
    company = find_company(world, company_id)
    linked = [
        connection
        for connection in world.connections_of[company.id]
        if connection.status == "Linked"
        and PLATFORMS[connection.platform_key].source_type == "Accounting"
    ]
    if not linked:
        raise ApiError(
            assumptions.PARTNER_EXPENSE_WITHOUT_ACCOUNTING_STATUS,
            "The company has no linked accounting connection.",
        )
    connection = connecting.create_partner_expense_connection(world, company, hide=g.hide_new)
    return connecting.connection_body(world, connection), 200


@operation("GET", "/companies/<company_id>/sync/expenses/config")
def get_company_configuration(world: World, company_id: str) -> Answer:
    company = find_company(world, company_id)
    if company.expense_configuration is None:
        status = assumptions.NO_EXPENSE_CONFIGURATION_STATUS
        raise ApiError(status, f"No configuration was found for company {company.id}")
    return company.expense_configuration, 200


@operation("POST", "/companies/<company_id>/sync/expenses/config")
def set_company_configuration(world: World, company_id: str) -> Answer:
    company, body = find_company(world, company_id), json_body()
    configuration: dict[str, Any] = {}
    for name in ("bankAccount", "supplier", "customer"):
        given = body.get(name)
        if not isinstance(given, dict) or not isinstance(given.get("id"), str):
            raise invalid(name, f"'{name}' with an 'id' is required.")
        configuration[name] = {"id": given["id"]}
    company.expense_configuration = configuration
    world.save(company)
    return configuration, 200


@operation("GET", "/companies/<company_id>/sync/expenses/mappingOptions")
def get_mapping_options(world: World, company_id: str) -> Answer:
    """From what has been read; a list that was not read yet is left out."""
    find_company(world, company_id)
    options: dict[str, Any] = {"expenseProvider": "Demo client"}
    for name, data_type, build in (
        ("accounts", "chartOfAccounts", _accounts),
        ("trackingCategories", "trackingCategories", _tracking_categories),
        ("taxRates", "taxRates", _tax_rates),
    ):
        try:
            pull = last_read(world, company_id, data_type)
        except ApiError:
            continue
        options[name] = build(pull.organisation or {})
    return options, 200


def _accounts(organisation: dict[str, Any]) -> list[dict[str, Any]]:
    options = []
    for account in books.accounts(organisation):
        if account["status"] != "Active":
            continue
        spend = _SPEND if account["type"] == "Expense" else []
        valid_for = [f"expense-transactions.{kind}" for kind in spend]
        if spend:
            valid_for += ["reimbursable-expense-transactions", "adjustment-transactions"]
        if account["isBankAccount"]:
            valid_for.append("transfer-transactions")
        names = ("id", "nominalCode", "name", "currency", "fullyQualifiedCategory", "isBankAccount")
        options.append(
            {name: account[name] for name in names}
            | {
                "accountType": account["type"],
                "validTransactionTypes": spend,
                "validFor": valid_for,
            }
        )
    return options


def _tracking_categories(organisation: dict[str, Any]) -> list[dict[str, Any]]:
    names = ("id", "name", "hasChildren", "parentId")
    return [
        {name: row[name] for name in names if name in row}
        for row in books.tracking_categories(organisation)
    ]


def _tax_rates(organisation: dict[str, Any]) -> list[dict[str, Any]]:
    names = ("id", "name", "code", "effectiveTaxRate", "totalTaxRate")
    return [
        {name: row[name] for name in names} | {"validTransactionTypes": ["Payment", "Refund"]}
        for row in books.tax_rates(organisation)
    ]
