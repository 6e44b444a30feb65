"""Asking Codat to read, and seeing how far it is. Codat Platform API: Refresh data.

Company information is published with Sync for Expenses, that of a shop with Lending.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from . import fields
from .operations import Filter, Operations, path, read
from .types import CompanyInfo, DatasetStatus, PullOperation


@dataclass(frozen=True)
class ValidationItem:
    """Something in the data read that breaks a rule of Codat's. Staff only: it quotes the books."""

    rule_id: str
    item_id: str = ""
    message: str = field(default="", repr=False)
    validator_name: str = ""

    @classmethod
    def from_json(cls, data: Any) -> ValidationItem:
        data = fields.mapping(data)
        return cls(
            rule_id=fields.text(data, "ruleId"),
            item_id=fields.text(data, "itemId"),
            message=fields.text(data, "message"),
            validator_name=fields.text(data, "validatorName"),
        )


@dataclass(frozen=True)
class ValidationResult:
    """What Codat found when it checked one read."""

    errors: tuple[ValidationItem, ...] = ()
    warnings: tuple[ValidationItem, ...] = ()

    @classmethod
    def from_json(cls, data: Any) -> ValidationResult:
        data = fields.mapping(data)
        return cls(
            errors=fields.items(data, "errors", ValidationItem.from_json),
            warnings=fields.items(data, "warnings", ValidationItem.from_json),
        )


class Reading(Operations):
    """`/companies/{companyId}/data…` and `/dataStatus`"""

    def refresh_all_data_types(
        self, company_id: str, *, idempotency_key: str | None = None
    ) -> None:
        """Queue every data type marked to be fetched on first link. Nothing comes back.

        The Platform document names the same call `refresh-company-data`.
        """
        self._send(
            "refresh-all-data-types",
            "POST",
            path("/companies/{id}/data/all", id=company_id),
            idempotency_key=idempotency_key,
        )

    def refresh_data_type(
        self,
        company_id: str,
        data_type: str,
        *,
        connection_id: str | None = None,
        idempotency_key: str | None = None,
    ) -> PullOperation:
        """Queue one data type, on all connections or on one.

        Raises `ConflictError` when it is being read already, `NotFoundError` when the platform
        does not offer it.
        """
        answer = self._send(
            "refresh-data-type",
            "POST",
            path("/companies/{id}/data/queue/{type}", id=company_id, type=data_type),
            params=None if connection_id is None else {"connectionId": connection_id},
            idempotency_key=idempotency_key,
        )
        return read(answer, PullOperation.from_json)

    def get_company_data_status(self, company_id: str) -> dict[str, DatasetStatus]:
        """By data type. Types never asked for may be missing.

        Sync for Expenses names the same call `get-data-status`.
        """
        answer = self._send(
            "get-company-data-status", "GET", path("/companies/{id}/dataStatus", id=company_id)
        )
        return read(
            answer,
            lambda data: {
                key: DatasetStatus.from_json({**fields.mapping(value), "dataType": key})
                for key, value in fields.mapping(data).items()
            },
        )

    def list_pull_operations(
        self,
        company_id: str,
        *,
        query: Filter = None,
        order_by: str | None = None,
        page_size: int = 100,
    ) -> Iterator[PullOperation]:
        """Every read of this company so far, per connection and data type."""
        return self._pages(
            "list-pull-operations",
            path("/companies/{id}/data/history", id=company_id),
            PullOperation.from_json,
            page_size=page_size,
            query=query,
            orderBy=order_by,
        )

    def get_company_info(self, company_id: str) -> CompanyInfo:
        """What the accounting software says about the business.

        Raises `ConflictError` while that has not been read yet, the normal state after linking,
        and `NotFoundError` where the platform has none. After a relink the answer is that of the
        earlier linking until the `company` data type has been read again.
        """
        answer = self._send(
            "get-company-info", "GET", path("/companies/{id}/data/info", id=company_id)
        )
        return read(answer, CompanyInfo.from_json)

    def get_commerce_profile(self, company_id: str, connection_id: str) -> CompanyInfo:
        """What a commerce platform says about the business. Errors as in `get_company_info`.

        Lending's name; the Commerce document calls it `get-company-info`, as another one is called.
        """
        answer = self._send(
            "get-commerce-profile",
            "GET",
            path(
                "/companies/{id}/connections/{connection}/data/commerce-info",
                id=company_id,
                connection=connection_id,
            ),
        )
        return read(answer, CompanyInfo.from_json)

    def get_pull_operation(self, company_id: str, dataset_id: str) -> PullOperation:
        """One read."""
        answer = self._send(
            "get-pull-operation",
            "GET",
            path("/companies/{id}/data/history/{dataset}", id=company_id, dataset=dataset_id),
        )
        return read(answer, PullOperation.from_json)

    def get_read_validation_results(self, company_id: str, dataset_id: str) -> ValidationResult:
        """What Codat found when it checked one read."""
        answer = self._send(
            "get-read-validation-results",
            "GET",
            path("/companies/{id}/sync/{dataset}/validation", id=company_id, dataset=dataset_id),
        )
        return read(answer, ValidationResult.from_json)
