"""The second connection for expenses, and its defaults. Codat Sync for Expenses API.

Ids of accounts, suppliers and customers come from the platform: any text, slashes included.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from . import fields
from .operations import Operations, path, read
from .types import Connection


@dataclass(frozen=True)
class CompanyConfiguration:
    """What an expense falls back to when it names none of these."""

    bank_account_id: str = ""
    supplier_id: str = ""
    customer_id: str = ""

    @classmethod
    def from_json(cls, data: Any) -> CompanyConfiguration:
        data = fields.mapping(data)
        return cls(
            bank_account_id=fields.text(fields.part(data, "bankAccount"), "id"),
            supplier_id=fields.text(fields.part(data, "supplier"), "id"),
            customer_id=fields.text(fields.part(data, "customer"), "id"),
        )


@dataclass(frozen=True)
class AccountOption:
    """An account that expenses may be booked to. `valid_for` and the types are Codat's words."""

    id: str
    name: str = field(default="", repr=False)
    nominal_code: str = ""
    fully_qualified_category: str = field(default="", repr=False)
    currency: str = ""
    account_type: str = ""
    is_bank_account: bool = False
    valid_transaction_types: tuple[str, ...] = ()
    valid_for: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, data: Any) -> AccountOption:
        data = fields.mapping(data)
        return cls(
            id=fields.text(data, "id"),
            name=fields.text(data, "name"),
            nominal_code=fields.text(data, "nominalCode"),
            fully_qualified_category=fields.text(data, "fullyQualifiedCategory"),
            currency=fields.text(data, "currency"),
            account_type=fields.text(data, "accountType"),
            is_bank_account=fields.flag(data, "isBankAccount"),
            valid_transaction_types=fields.texts(data, "validTransactionTypes"),
            valid_for=fields.texts(data, "validFor"),
        )


@dataclass(frozen=True)
class TrackingCategoryOption:
    """A tracking category, part of `parent_id` when that is not empty."""

    id: str
    name: str = field(default="", repr=False)
    parent_id: str = ""
    has_children: bool = False

    @classmethod
    def from_json(cls, data: Any) -> TrackingCategoryOption:
        data = fields.mapping(data)
        return cls(
            id=fields.text(data, "id"),
            name=fields.text(data, "name"),
            parent_id=fields.text(data, "parentId"),
            has_children=fields.flag(data, "hasChildren"),
        )


@dataclass(frozen=True)
class TaxRateOption:
    """A tax rate; both rates are percentages."""

    id: str
    name: str = field(default="", repr=False)
    code: str = ""
    effective_tax_rate: Decimal | None = None
    total_tax_rate: Decimal | None = None
    valid_transaction_types: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, data: Any) -> TaxRateOption:
        data = fields.mapping(data)
        return cls(
            id=fields.text(data, "id"),
            name=fields.text(data, "name"),
            code=fields.text(data, "code"),
            effective_tax_rate=fields.decimal_number(data, "effectiveTaxRate"),
            total_tax_rate=fields.decimal_number(data, "totalTaxRate"),
            valid_transaction_types=fields.texts(data, "validTransactionTypes"),
        )


@dataclass(frozen=True)
class MappingOptions:
    """What an expense can be mapped to in the company's books."""

    expense_provider: str = ""
    accounts: tuple[AccountOption, ...] = ()
    tracking_categories: tuple[TrackingCategoryOption, ...] = ()
    tax_rates: tuple[TaxRateOption, ...] = ()

    @classmethod
    def from_json(cls, data: Any) -> MappingOptions:
        data = fields.mapping(data)
        return cls(
            expense_provider=fields.text(data, "expenseProvider"),
            accounts=fields.items(data, "accounts", AccountOption.from_json),
            tracking_categories=fields.items(
                data, "trackingCategories", TrackingCategoryOption.from_json
            ),
            tax_rates=fields.items(data, "taxRates", TaxRateOption.from_json),
        )


class Expenses(Operations):
    """`/companies/{companyId}/sync/expenses`"""

    def create_partner_expense_connection(
        self, company_id: str, *, idempotency_key: str | None = None
    ) -> Connection:
        """The connection that expenses are pushed through, born `Linked`. List before making one.

        It needs a linked accounting connection.
        """
        answer = self._send(
            "create-partner-expense-connection",
            "POST",
            path("/companies/{id}/sync/expenses/connections/partnerExpense", id=company_id),
            idempotency_key=idempotency_key,
        )
        return read(answer, Connection.from_json)

    def get_company_configuration(self, company_id: str) -> CompanyConfiguration:
        """The defaults. Before any were set: empty ones, or `NotFoundError`."""
        answer = self._send(
            "get-company-configuration",
            "GET",
            path("/companies/{id}/sync/expenses/config", id=company_id),
        )
        return read(answer, CompanyConfiguration.from_json)

    def set_company_configuration(
        self,
        company_id: str,
        *,
        bank_account_id: str,
        supplier_id: str,
        customer_id: str,
        idempotency_key: str | None = None,
    ) -> CompanyConfiguration:
        """Set all three defaults."""
        answer = self._send(
            "set-company-configuration",
            "POST",
            path("/companies/{id}/sync/expenses/config", id=company_id),
            body={
                "bankAccount": {"id": bank_account_id},
                "supplier": {"id": supplier_id},
                "customer": {"id": customer_id},
            },
            idempotency_key=idempotency_key,
        )
        return read(answer, CompanyConfiguration.from_json)

    def get_mapping_options(self, company_id: str) -> MappingOptions:
        """Accounts, tracking categories and tax rates, already filtered for expenses."""
        answer = self._send(
            "get-mapping-options",
            "GET",
            path("/companies/{id}/sync/expenses/mappingOptions", id=company_id),
        )
        return read(answer, MappingOptions.from_json)
