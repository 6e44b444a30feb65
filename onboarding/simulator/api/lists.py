"""Lists read from the books, for the defaults of expenses.

Customers and suppliers are published with Expenses; the others with Lending and Payables, and are
known here in prose.
"""

from collections.abc import Callable
from typing import Any

from onboarding.simulator import books
from onboarding.simulator.answers import Answer, ApiError, paged
from onboarding.simulator.clock import iso
from onboarding.simulator.records import Connection
from onboarding.simulator.world import World

from .operation import find_connection, operation
from .reading_state import last_read

Rows = Callable[[dict[str, Any]], list[dict[str, Any]]]


def _rows(
    world: World,
    company_id: str,
    data_type: str,
    rows: Rows,
    connection: Connection | None = None,
) -> list[dict[str, Any]]:
    pull = last_read(world, company_id, data_type, connection)
    dates = {"modifiedDate": iso(pull.completed or 0), "sourceModifiedDate": iso(pull.requested)}
    return [row | dates for row in rows(pull.organisation or {})]


def _page(rows: list[dict[str, Any]]) -> Answer:
    known = {name for row in rows for name in row}
    return paged(rows, lambda row: row, known)


def _one(rows: list[dict[str, Any]], record_id: str) -> Answer:
    for row in rows:
        if row["id"] == record_id:
            return row, 200
    raise ApiError(404, f"No data available for {record_id}")


@operation(
    "GET",
    "/companies/<company_id>/data/accounts",
    authority="prose",
    aliases=("list-accounts",),
)
def list_accounting_accounts(world: World, company_id: str) -> Answer:
    return _page(_rows(world, company_id, "chartOfAccounts", books.accounts))


@operation(
    "GET",
    "/companies/<company_id>/connections/<connection_id>/data/bankAccounts",
    authority="prose",
    aliases=("list-bank-accounts",),
)
def list_accounting_bank_accounts(world: World, company_id: str, connection_id: str) -> Answer:
    connection = find_connection(world, company_id, connection_id)
    return _page(_rows(world, company_id, "bankAccounts", books.bank_accounts, connection))


@operation("GET", "/companies/<company_id>/data/suppliers")
def list_suppliers(world: World, company_id: str) -> Answer:
    return _page(_rows(world, company_id, "suppliers", books.suppliers))


@operation("GET", "/companies/<company_id>/data/suppliers/<path:supplier_id>")
def get_supplier(world: World, company_id: str, supplier_id: str) -> Answer:
    return _one(_rows(world, company_id, "suppliers", books.suppliers), supplier_id)


@operation("GET", "/companies/<company_id>/data/customers")
def list_customers(world: World, company_id: str) -> Answer:
    return _page(_rows(world, company_id, "customers", books.customers))


@operation("GET", "/companies/<company_id>/data/customers/<path:customer_id>")
def get_customer(world: World, company_id: str, customer_id: str) -> Answer:
    return _one(_rows(world, company_id, "customers", books.customers), customer_id)


@operation("GET", "/companies/<company_id>/data/taxRates", authority="prose")
def list_tax_rates(world: World, company_id: str) -> Answer:
    return _page(_rows(world, company_id, "taxRates", books.tax_rates))


@operation("GET", "/companies/<company_id>/data/taxRates/<path:tax_rate_id>", authority="prose")
def get_tax_rate(world: World, company_id: str, tax_rate_id: str) -> Answer:
    return _one(_rows(world, company_id, "taxRates", books.tax_rates), tax_rate_id)


@operation("GET", "/companies/<company_id>/data/trackingCategories", authority="prose")
def list_tracking_categories(world: World, company_id: str) -> Answer:
    return _page(_rows(world, company_id, "trackingCategories", books.tracking_categories))


@operation(
    "GET",
    "/companies/<company_id>/data/trackingCategories/<path:tracking_category_id>",
    authority="prose",
)
def get_tracking_category(world: World, company_id: str, tracking_category_id: str) -> Answer:
    pull = last_read(world, company_id, "trackingCategories")
    found = books.tracking_category(pull.organisation or {}, tracking_category_id)
    if found is None:
        raise ApiError(404, f"No data available for {tracking_category_id}")
    return found, 200
