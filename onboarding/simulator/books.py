"""The books of an organisation: accounts, people, rates, categories and figures.

All of it follows from the organisation's record, so that the same business always has the same
books, and another business has others.
"""

import random
from datetime import date
from typing import Any

Row = dict[str, Any]
Organisation = dict[str, Any]

_ACCOUNTS: tuple[tuple[str, str, str, bool], ...] = (
    ("1200", "Current account", "Asset", True),
    ("1210", "Savings account", "Asset", True),
    ("2100", "Business credit card", "Liability", True),
    ("2200", "VAT", "Liability", False),
    ("3000", "Owner's equity", "Equity", False),
    ("4000", "Sales", "Income", False),
    ("5000", "Cost of goods sold", "Expense", False),
    ("7200", "Travel", "Expense", False),
    ("7300", "Office costs", "Expense", False),
    ("7900", "Old advertising", "Expense", False),
)
_SUPPLIERS = ("Card spend", "Millstone Paper", "Northern Fuel", "Tidewater Hosting", "Quarry Foods")
_CUSTOMERS = ("Card refunds", "Elm School", "The Corner Deli", "Weir & Daughters")


def _chance(organisation: Organisation, what: str) -> random.Random:
    return random.Random(f"{organisation['reference']}:{what}")


def accounts(organisation: Organisation) -> list[Row]:
    chance = _chance(organisation, "accounts")
    return [
        {
            "id": f"acc-{code}",
            "nominalCode": code,
            "name": name,
            "description": f"{name} of {organisation['name']}",
            "fullyQualifiedCategory": f"{kind}.{'Bank' if is_bank else 'General'}",
            "fullyQualifiedName": f"{kind}.{name}",
            "currency": organisation["currency"],
            "currentBalance": round(chance.uniform(100, 9000) * organisation["scale"], 2),
            "type": kind,
            "status": "Archived" if name.startswith("Old") else "Active",
            "isBankAccount": is_bank,
            "validDatatypeLinks": [
                {"property": "Account.Id", "links": ["DirectCosts.LineItems.AccountRef.Id"]}
            ],
            "metadata": {"isDeleted": False},
        }
        for code, name, kind, is_bank in _ACCOUNTS
    ]


def bank_accounts(organisation: Organisation) -> list[Row]:
    chance = _chance(organisation, "banks")
    rows = []
    for code, name, kind, is_bank in _ACCOUNTS:
        if is_bank:
            balance = round(chance.uniform(100, 9000) * organisation["scale"], 2)
            rows.append(
                {
                    "id": f"acc-{code}",
                    "accountName": name,
                    "accountType": "Debit" if kind == "Asset" else "Credit",
                    "nominalCode": code,
                    "sortCode": "00-00-00",
                    "accountNumber": f"{chance.randrange(10**8):08d}",
                    "currency": organisation["currency"],
                    "balance": balance,
                    "availableBalance": balance,
                    "overdraftLimit": 0,
                    "institution": "Fern Bank",
                    "status": "Active",
                    "metadata": {"isDeleted": False},
                }
            )
    return rows


def _people(organisation: Organisation, names: tuple[str, ...], name_field: str) -> list[Row]:
    rows = []
    for number, name in enumerate(names, start=1):
        row: Row = {
            # Ids come from the platform and may hold any character.
            "id": f"{name_field[0]}/{number}" if number == len(names) else f"{number:04d}",
            name_field: name,
            "contactName": "",
            "emailAddress": f"contact{number}@business.example",
            "phone": "+44 117 496 0001",
            "defaultCurrency": "USD" if number == 3 else organisation["currency"],
            "addresses": [{"type": "Billing", "city": organisation["town"]}],
            "status": "Archived" if number == 4 else "Active",
            "metadata": {"isDeleted": number == 2},
        }
        rows.append(row)
    return rows


def suppliers(organisation: Organisation) -> list[Row]:
    return _people(organisation, _SUPPLIERS, "supplierName")


def customers(organisation: Organisation) -> list[Row]:
    return [
        row | {"contacts": [{"name": "Accounts", "status": "Active"}]}
        for row in _people(organisation, _CUSTOMERS, "customerName")
    ]


def tax_rates(_: Organisation) -> list[Row]:
    return [
        {
            "id": f"rate/{rate}",
            "name": f"{rate}% VAT",
            "code": f"VAT{rate}",
            "status": "Active",
            "effectiveTaxRate": rate,
            "totalTaxRate": rate,
            "components": [{"name": "VAT", "rate": rate, "isCompound": False}],
            "validDatatypeLinks": [],
            "metadata": {"isDeleted": False},
        }
        for rate in (0, 5, 20)
    ]


def tracking_categories(organisation: Organisation) -> list[Row]:
    parent: Row = {"id": "DEPARTMENTS", "name": "Departments", "status": "Active"}
    rows = [parent | {"hasChildren": True}]
    for name in ("Kitchen", "Shop", organisation["town"]):
        child = {"id": f"DEPARTMENTS/{name}", "name": name, "status": "Active"}
        rows.append(child | {"parentId": "DEPARTMENTS", "hasChildren": False})
    return [row | {"metadata": {"isDeleted": False}} for row in rows]


def tracking_category(organisation: Organisation, category_id: str) -> Row | None:
    """The single form carries its children."""
    rows = tracking_categories(organisation)
    found = next((row for row in rows if row["id"] == category_id), None)
    if found is None:
        return None
    children = [row for row in rows if row.get("parentId") == category_id]
    return found | {"subCategories": children}


def month_figures(organisation: Organisation, month: date) -> dict[str, float]:
    """Income, cost of sales and expenses of one month."""
    chance = _chance(organisation, month.isoformat())
    income = round(chance.uniform(6000, 12000) * organisation["scale"], 2)
    return {
        "income": income,
        "cost": round(income * chance.uniform(0.2, 0.35), 2),
        "expenses": round(income * chance.uniform(0.25, 0.4), 2),
    }


def line(name: str, value: float, items: list[Row] | None = None) -> Row:
    return {"accountId": "", "name": name, "value": round(value, 2), "items": items or []}
