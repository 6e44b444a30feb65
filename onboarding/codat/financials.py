"""Profit and loss, and balance sheet. Codat Lending API: Financial statements.

Both need the data types `profitAndLoss` and `balanceSheet` to have been read: before that they
raise `ConflictError`, where the platform has none `NotFoundError`, and `ForbiddenError` where our
instance may not call them. Amounts are decimals in the `currency` of the statement.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from . import fields
from .operations import Operations, path, read


@dataclass(frozen=True)
class ReportLine:
    """An amount with the lines it is made of; names and structure are the business's own."""

    value: Decimal | None = field(repr=False)
    name: str = field(default="", repr=False)
    account_id: str = ""
    items: tuple[ReportLine, ...] = field(default=(), repr=False)

    @classmethod
    def from_json(cls, data: Any) -> ReportLine:
        data = fields.mapping(data)
        return cls(
            value=fields.decimal_number(data, "value"),
            name=fields.text(data, "name"),
            account_id=fields.text(data, "accountId"),
            items=fields.items(data, "items", ReportLine.from_json),
        )


@dataclass(frozen=True)
class ProfitAndLossReport:
    """One period. A line that the platform leaves out is None."""

    from_date: datetime | None
    to_date: datetime | None
    income: ReportLine | None = None
    cost_of_sales: ReportLine | None = None
    gross_profit: Decimal | None = field(default=None, repr=False)
    expenses: ReportLine | None = None
    net_operating_profit: Decimal | None = field(default=None, repr=False)
    other_income: ReportLine | None = None
    other_expenses: ReportLine | None = None
    net_other_income: Decimal | None = field(default=None, repr=False)
    net_profit: Decimal | None = field(default=None, repr=False)

    @classmethod
    def from_json(cls, data: Any) -> ProfitAndLossReport:
        data = fields.mapping(data)
        return cls(
            from_date=fields.timestamp(data, "fromDate"),
            to_date=fields.timestamp(data, "toDate"),
            income=_line(data, "income"),
            cost_of_sales=_line(data, "costOfSales"),
            gross_profit=fields.decimal_number(data, "grossProfit"),
            expenses=_line(data, "expenses"),
            net_operating_profit=fields.decimal_number(data, "netOperatingProfit"),
            other_income=_line(data, "otherIncome"),
            other_expenses=_line(data, "otherExpenses"),
            net_other_income=fields.decimal_number(data, "netOtherIncome"),
            net_profit=fields.decimal_number(data, "netProfit"),
        )


@dataclass(frozen=True)
class ProfitAndLoss:
    """Periods, newest first. `report_basis` is `Accrual`, `Cash` or `Unknown`."""

    currency: str
    report_basis: str = ""
    reports: tuple[ProfitAndLossReport, ...] = ()
    most_recent_available_month: datetime | None = None
    earliest_available_month: datetime | None = None

    @classmethod
    def from_json(cls, data: Any) -> ProfitAndLoss:
        data = fields.mapping(data)
        reports = fields.items(data, "reports", ProfitAndLossReport.from_json)
        return cls(
            currency=fields.text(data, "currency"),
            report_basis=fields.text(data, "reportBasis"),
            reports=_newest_first(reports, lambda report: report.from_date),
            most_recent_available_month=fields.timestamp(data, "mostRecentAvailableMonth"),
            earliest_available_month=fields.timestamp(data, "earliestAvailableMonth"),
        )


@dataclass(frozen=True)
class BalanceSheetReport:
    """The state on `date`: the end of a period, or the day of reading for a running one."""

    date: datetime | None
    assets: ReportLine | None = None
    liabilities: ReportLine | None = None
    equity: ReportLine | None = None
    net_assets: Decimal | None = field(default=None, repr=False)

    @classmethod
    def from_json(cls, data: Any) -> BalanceSheetReport:
        data = fields.mapping(data)
        return cls(
            date=fields.timestamp(data, "date"),
            assets=_line(data, "assets"),
            liabilities=_line(data, "liabilities"),
            equity=_line(data, "equity"),
            net_assets=fields.decimal_number(data, "netAssets"),
        )


@dataclass(frozen=True)
class BalanceSheet:
    """States, newest first."""

    currency: str
    reports: tuple[BalanceSheetReport, ...] = ()
    most_recent_available_month: datetime | None = None
    earliest_available_month: datetime | None = None

    @classmethod
    def from_json(cls, data: Any) -> BalanceSheet:
        data = fields.mapping(data)
        reports = fields.items(data, "reports", BalanceSheetReport.from_json)
        return cls(
            currency=fields.text(data, "currency"),
            reports=_newest_first(reports, lambda report: report.date),
            most_recent_available_month=fields.timestamp(data, "mostRecentAvailableMonth"),
            earliest_available_month=fields.timestamp(data, "earliestAvailableMonth"),
        )


class Financials(Operations):
    """`/companies/{companyId}/data/financials`"""

    def get_accounting_profit_and_loss(
        self,
        company_id: str,
        *,
        period_length: int,
        periods_to_compare: int,
        start_month: date | None = None,
    ) -> ProfitAndLoss:
        """`periods_to_compare` periods of `period_length` months each; count what comes back."""
        answer = self._send(
            "get-accounting-profit-and-loss",
            "GET",
            path("/companies/{id}/data/financials/profitAndLoss", id=company_id),
            params=_periods(period_length, periods_to_compare, start_month),
        )
        return read(answer, ProfitAndLoss.from_json)

    def get_accounting_balance_sheet(
        self,
        company_id: str,
        *,
        period_length: int,
        periods_to_compare: int,
        start_month: date | None = None,
    ) -> BalanceSheet:
        """`periods_to_compare` periods of `period_length` months each; count what comes back."""
        answer = self._send(
            "get-accounting-balance-sheet",
            "GET",
            path("/companies/{id}/data/financials/balanceSheet", id=company_id),
            params=_periods(period_length, periods_to_compare, start_month),
        )
        return read(answer, BalanceSheet.from_json)


Report = TypeVar("Report")
NEVER = datetime.min.replace(tzinfo=UTC)


def _periods(length: int, count: int, start_month: date | None) -> dict[str, str | int]:
    params: dict[str, str | int] = {"periodLength": length, "periodsToCompare": count}
    if start_month is not None:
        params["startMonth"] = start_month.isoformat()
    return params


def _line(data: Mapping[str, Any], name: str) -> ReportLine | None:
    return ReportLine.from_json(data[name]) if isinstance(data.get(name), dict) else None


def _newest_first(
    reports: tuple[Report, ...], when: Callable[[Report], datetime | None]
) -> tuple[Report, ...]:
    return tuple(sorted(reports, key=lambda report: when(report) or NEVER, reverse=True))
