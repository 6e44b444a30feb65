"""Lists from the books, for choosing the defaults of expenses.

Published with Lending (accounts, bank accounts), Sync for Expenses (suppliers, customers), Sync for
Payroll (tracking categories) and Sync for Payables (tax rates); whether our instance may call them
depends on its products (`ForbiddenError`). Before the data type is read they raise `ConflictError`.
Archived and deleted records are in the lists. Ids are the platform's: any text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

from . import fields
from .operations import Filter, Operations, path, read

T = TypeVar("T")


@dataclass(frozen=True)
class Account:
    """An account of the ledger. `type` is `Asset`, `Expense`, `Income`, `Liability`, `Equity`…"""

    id: str
    name: str = field(default="", repr=False)
    nominal_code: str = ""
    description: str = field(default="", repr=False)
    fully_qualified_name: str = field(default="", repr=False)
    fully_qualified_category: str = field(default="", repr=False)
    type: str = ""
    status: str = ""
    currency: str = ""
    current_balance: Decimal | None = field(default=None, repr=False)
    is_bank_account: bool = False
    is_deleted: bool = False

    @classmethod
    def from_json(cls, data: Any) -> Account:
        data = fields.mapping(data)
        return cls(
            id=fields.text(data, "id"),
            name=fields.text(data, "name"),
            nominal_code=fields.text(data, "nominalCode"),
            description=fields.text(data, "description"),
            fully_qualified_name=fields.text(data, "fullyQualifiedName"),
            fully_qualified_category=fields.text(data, "fullyQualifiedCategory"),
            type=fields.text(data, "type"),
            status=fields.text(data, "status"),
            currency=fields.text(data, "currency"),
            current_balance=fields.decimal_number(data, "currentBalance"),
            is_bank_account=fields.flag(data, "isBankAccount"),
            is_deleted=_is_deleted(data),
        )


@dataclass(frozen=True)
class BankAccount:
    """A bank account as the books know it. Its numbers stay out of the `repr`."""

    id: str
    account_name: str = field(default="", repr=False)
    account_type: str = ""
    account_number: str = field(default="", repr=False)
    sort_code: str = field(default="", repr=False)
    iban: str = field(default="", repr=False)
    nominal_code: str = ""
    institution: str = ""
    currency: str = ""
    balance: Decimal | None = field(default=None, repr=False)
    available_balance: Decimal | None = field(default=None, repr=False)
    overdraft_limit: Decimal | None = field(default=None, repr=False)
    status: str = ""
    is_deleted: bool = False

    @classmethod
    def from_json(cls, data: Any) -> BankAccount:
        data = fields.mapping(data)
        return cls(
            id=fields.text(data, "id"),
            account_name=fields.text(data, "accountName"),
            account_type=fields.text(data, "accountType"),
            account_number=fields.text(data, "accountNumber"),
            sort_code=fields.text(data, "sortCode"),
            iban=fields.text(data, "iBan"),
            nominal_code=fields.text(data, "nominalCode"),
            institution=fields.text(data, "institution"),
            currency=fields.text(data, "currency"),
            balance=fields.decimal_number(data, "balance"),
            available_balance=fields.decimal_number(data, "availableBalance"),
            overdraft_limit=fields.decimal_number(data, "overdraftLimit"),
            status=fields.text(data, "status"),
            is_deleted=_is_deleted(data),
        )


@dataclass(frozen=True)
class Supplier:
    """Somebody the business buys from. Contact details are not read."""

    id: str
    supplier_name: str = field(default="", repr=False)
    status: str = ""
    default_currency: str = ""
    is_deleted: bool = False

    @classmethod
    def from_json(cls, data: Any) -> Supplier:
        data = fields.mapping(data)
        return cls(
            id=fields.text(data, "id"),
            supplier_name=fields.text(data, "supplierName"),
            status=fields.text(data, "status"),
            default_currency=fields.text(data, "defaultCurrency"),
            is_deleted=_is_deleted(data),
        )


@dataclass(frozen=True)
class Customer:
    """Somebody the business sells to. Contact details are not read."""

    id: str
    customer_name: str = field(default="", repr=False)
    status: str = ""
    default_currency: str = ""
    is_deleted: bool = False

    @classmethod
    def from_json(cls, data: Any) -> Customer:
        data = fields.mapping(data)
        return cls(
            id=fields.text(data, "id"),
            customer_name=fields.text(data, "customerName"),
            status=fields.text(data, "status"),
            default_currency=fields.text(data, "defaultCurrency"),
            is_deleted=_is_deleted(data),
        )


@dataclass(frozen=True)
class TaxRate:
    """A tax rate of the books; both rates are percentages."""

    id: str
    name: str = field(default="", repr=False)
    code: str = ""
    status: str = ""
    effective_tax_rate: Decimal | None = None
    total_tax_rate: Decimal | None = None
    is_deleted: bool = False

    @classmethod
    def from_json(cls, data: Any) -> TaxRate:
        data = fields.mapping(data)
        return cls(
            id=fields.text(data, "id"),
            name=fields.text(data, "name"),
            code=fields.text(data, "code"),
            status=fields.text(data, "status"),
            effective_tax_rate=fields.decimal_number(data, "effectiveTaxRate"),
            total_tax_rate=fields.decimal_number(data, "totalTaxRate"),
            is_deleted=_is_deleted(data),
        )


@dataclass(frozen=True)
class TrackingCategory:
    """A tracking category; only asking for a single one tells its `sub_categories`."""

    id: str
    name: str = field(default="", repr=False)
    status: str = ""
    parent_id: str = ""
    has_children: bool = False
    sub_categories: tuple[TrackingCategory, ...] = ()
    is_deleted: bool = False

    @classmethod
    def from_json(cls, data: Any) -> TrackingCategory:
        data = fields.mapping(data)
        return cls(
            id=fields.text(data, "id"),
            name=fields.text(data, "name"),
            status=fields.text(data, "status"),
            parent_id=fields.text(data, "parentId"),
            has_children=fields.flag(data, "hasChildren"),
            sub_categories=fields.items(data, "subCategories", TrackingCategory.from_json),
            is_deleted=_is_deleted(data),
        )


class Accounting(Operations):
    """`/companies/{companyId}/data/…`"""

    def list_accounting_accounts(
        self,
        company_id: str,
        *,
        query: Filter = None,
        order_by: str | None = None,
        page_size: int = 100,
    ) -> Iterator[Account]:
        """The chart of accounts."""
        address = path("/companies/{id}/data/accounts", id=company_id)
        return self._pages(
            "list-accounting-accounts",
            address,
            Account.from_json,
            page_size=page_size,
            query=query,
            orderBy=order_by,
        )

    def list_accounting_bank_accounts(
        self,
        company_id: str,
        connection_id: str,
        *,
        query: Filter = None,
        order_by: str | None = None,
        page_size: int = 100,
    ) -> Iterator[BankAccount]:
        """The bank accounts of one connection's books."""
        address = path(
            "/companies/{id}/connections/{connection}/data/bankAccounts",
            id=company_id,
            connection=connection_id,
        )
        return self._pages(
            "list-accounting-bank-accounts",
            address,
            BankAccount.from_json,
            page_size=page_size,
            query=query,
            orderBy=order_by,
        )

    def list_suppliers(
        self,
        company_id: str,
        *,
        query: Filter = None,
        order_by: str | None = None,
        page_size: int = 100,
    ) -> Iterator[Supplier]:
        """The suppliers."""
        address = path("/companies/{id}/data/suppliers", id=company_id)
        return self._pages(
            "list-suppliers",
            address,
            Supplier.from_json,
            page_size=page_size,
            query=query,
            orderBy=order_by,
        )

    def get_supplier(self, company_id: str, supplier_id: str) -> Supplier:
        """One supplier."""
        return self._one("get-supplier", "suppliers", company_id, supplier_id, Supplier.from_json)

    def list_customers(
        self,
        company_id: str,
        *,
        query: Filter = None,
        order_by: str | None = None,
        page_size: int = 100,
    ) -> Iterator[Customer]:
        """The customers of the business."""
        address = path("/companies/{id}/data/customers", id=company_id)
        return self._pages(
            "list-customers",
            address,
            Customer.from_json,
            page_size=page_size,
            query=query,
            orderBy=order_by,
        )

    def get_customer(self, company_id: str, customer_id: str) -> Customer:
        """One customer of the business."""
        return self._one("get-customer", "customers", company_id, customer_id, Customer.from_json)

    def list_tax_rates(
        self,
        company_id: str,
        *,
        query: Filter = None,
        order_by: str | None = None,
        page_size: int = 100,
    ) -> Iterator[TaxRate]:
        """The tax rates."""
        address = path("/companies/{id}/data/taxRates", id=company_id)
        return self._pages(
            "list-tax-rates",
            address,
            TaxRate.from_json,
            page_size=page_size,
            query=query,
            orderBy=order_by,
        )

    def get_tax_rate(self, company_id: str, tax_rate_id: str) -> TaxRate:
        """One tax rate."""
        return self._one("get-tax-rate", "taxRates", company_id, tax_rate_id, TaxRate.from_json)

    def list_tracking_categories(
        self,
        company_id: str,
        *,
        query: Filter = None,
        order_by: str | None = None,
        page_size: int = 100,
    ) -> Iterator[TrackingCategory]:
        """The tracking categories, without their sub-categories."""
        address = path("/companies/{id}/data/trackingCategories", id=company_id)
        return self._pages(
            "list-tracking-categories",
            address,
            TrackingCategory.from_json,
            page_size=page_size,
            query=query,
            orderBy=order_by,
        )

    def get_tracking_category(self, company_id: str, tracking_category_id: str) -> TrackingCategory:
        """One tracking category with its sub-categories."""
        return self._one(
            "get-tracking-category",
            "trackingCategories",
            company_id,
            tracking_category_id,
            TrackingCategory.from_json,
        )

    def _one(
        self,
        operation: str,
        kind: str,
        company_id: str,
        record_id: str,
        build: Callable[[Any], T],
    ) -> T:
        template = f"/companies/{{company}}/data/{kind}/{{record}}"
        answer = self._send(operation, "GET", path(template, company=company_id, record=record_id))
        return read(answer, build)


def _is_deleted(data: Mapping[str, Any]) -> bool:
    return fields.flag(fields.part(data, "metadata"), "isDeleted")
