"""Profit and loss, and balance sheet, from what was read. Described with Lending, in prose here."""

import calendar
from datetime import UTC, date, datetime
from typing import Any

from flask import request

from onboarding.simulator import books
from onboarding.simulator.answers import Answer
from onboarding.simulator.world import World

from .operation import invalid, operation
from .reading_state import last_read

MONTHS_READ = 24


@operation(
    "GET",
    "/companies/<company_id>/data/financials/profitAndLoss",
    operation_id="get-accounting-profit-and-loss",
    authority="prose",
)
def get_profit_and_loss(world: World, company_id: str) -> Answer:
    read = last_read(world, company_id, "profitAndLoss")
    organisation = read.organisation or {}
    reports = []
    for first, last in _periods(read.completed or 0):
        months = [books.month_figures(organisation, month) for month in _months(first, last)]
        income, cost, spent = (
            sum(month[name] for month in months) for name in ("income", "cost", "expenses")
        )
        sales = books.line("Sales", income)
        gross = round(income - cost, 2)
        operating = round(gross - spent, 2)
        reports.append(
            {
                "fromDate": _written(first),
                "toDate": _written(_end(last)),
                "income": books.line("Income", income, [sales | {"accountId": "acc-4000"}]),
                "costOfSales": books.line("Cost of Sales", cost),
                "grossProfit": gross,
                "expenses": books.line("Expenses", spent),
                "netOperatingProfit": operating,
                "otherIncome": books.line("Other income", 0),
                "otherExpenses": books.line("Other expenses", 0),
                "netOtherIncome": 0,
                "netProfit": operating,
            }
        )
    return _frame(read.completed or 0, organisation, reports) | {"reportBasis": "Accrual"}, 200


@operation(
    "GET",
    "/companies/<company_id>/data/financials/balanceSheet",
    operation_id="get-accounting-balance-sheet",
    authority="prose",
)
def get_balance_sheet(world: World, company_id: str) -> Answer:
    read = last_read(world, company_id, "balanceSheet")
    organisation = read.organisation or {}
    reports = []
    for _, last in _periods(read.completed or 0):
        figures = books.month_figures(organisation, last)
        assets, owed = round(figures["income"] * 4, 2), round(figures["expenses"] * 2, 2)
        net = round(assets - owed, 2)
        reports.append(
            {
                "date": _written(_end(last)),
                "assets": books.line("Assets", assets),
                "liabilities": books.line("Liabilities", owed),
                "netAssets": net,
                "equity": books.line("Equity", net),
            }
        )
    return _frame(read.completed or 0, organisation, reports), 200


def _frame(
    read_at: float, organisation: dict[str, Any], reports: list[dict[str, Any]]
) -> dict[str, Any]:
    newest = _month_of(read_at)
    return {
        "currency": organisation["currency"],
        "reports": reports,
        "mostRecentAvailableMonth": _written(newest),
        "earliestAvailableMonth": _written(_back(newest, MONTHS_READ - 1)),
    }


def _periods(read_at: float) -> list[tuple[date, date]]:
    """First and last month of each period, newest first; no more than was read."""
    length, count = _whole("periodLength"), _whole("periodsToCompare")
    newest = _month_of(read_at)
    if start := request.args.get("startMonth"):
        try:
            newest = min(newest, date.fromisoformat(start[:10]).replace(day=1))
        except ValueError as error:
            raise invalid("startMonth", "'startMonth' is not a date.") from error
    oldest = _back(_month_of(read_at), MONTHS_READ - 1)
    found = []
    for number in range(min(count, MONTHS_READ)):
        last = _back(newest, number * length)
        first = _back(last, length - 1)
        if first < oldest:
            break
        found.append((first, last))
    return found


def _whole(name: str) -> int:
    text = request.args.get(name, "")
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:6]) <= 999:
        raise invalid(name, f"'{name}' must be a whole number of at least 1.")
    return int(text)


def _month_of(moment: float) -> date:
    return datetime.fromtimestamp(moment, UTC).date().replace(day=1)


def _back(month: date, count: int) -> date:
    whole = month.year * 12 + month.month - 1 - count
    return date(max(whole // 12, 1), whole % 12 + 1, 1)


def _months(first: date, last: date) -> list[date]:
    count = (last.year - first.year) * 12 + last.month - first.month
    return [_back(last, number) for number in range(count, -1, -1)]


def _end(month: date) -> date:
    return month.replace(day=calendar.monthrange(month.year, month.month)[1])


def _written(day: date) -> str:
    """Financial dates carry no zone."""
    return f"{day.isoformat()}T00:00:00"
