"""Fifty customers onboard: what it costs in calls of Codat, and how long they wait for a page."""

import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from tests.storm.portal import Portal
from tests.storm.scripts import ACCOUNTING, KINDS, Script

from .results import Result, percentile
from .visitors import Visitor

STRAIGHT = KINDS[0]
CUSTOMERS, APART_SECONDS = 50, 0.6
DATA_SETS = "2:30"
ENV = {"PUBLIC_POST_LIMIT": "1000000/600", "SELF_SERVICE_LIMIT": "1000000/600"}
"""All customers share one address; nothing else differs from a real deployment's defaults."""


def measure(database_url: str, *, quick: bool) -> Iterator[Result]:
    portal = Portal(env=ENV, database_url=database_url, dataset_seconds=DATA_SETS)
    portal.enter()
    try:
        portal.start()
        for number, webhooks in enumerate((True, False)):
            portal.codat.webhooks(**({} if webhooks else {"drop": 1}))
            yield from _round(portal, number, webhooks=webhooks, quick=quick)
    finally:
        portal.stop()


def _round(portal: Portal, number: int, *, webhooks: bool, quick: bool) -> Iterator[Result]:
    visitors = [_visitor(portal, number, place, quick=quick) for place in range(_count(quick))]
    portal.codat.control("DELETE", "/calls")
    with ThreadPoolExecutor(len(visitors)) as street:
        for visitor in visitors:
            street.submit(_come_in, visitor, time.monotonic() + 1)
            time.sleep(APART_SECONDS)
    time.sleep(5)
    calls, state = portal.codat.calls(), portal.codat.state()
    arrived = [visitor for visitor in visitors if visitor.done_at]
    if len(arrived) < len(visitors):
        stuck = next(visitor for visitor in visitors if not visitor.done_at)
        raise RuntimeError(f"not all were done: {stuck.findings} {stuck.story}\n{portal.logs()}")
    name = f"{len(visitors)} customers, webhooks {'on' if webhooks else 'off'}"
    yield _calls(name, calls, state, arrived, most=7 if webhooks else 12)
    yield from _waits(name, state, arrived, most=1.5 if webhooks else 3.0)


def _count(quick: bool) -> int:
    return 4 if quick else CUSTOMERS


def _visitor(portal: Portal, number: int, place: int, *, quick: bool) -> Visitor:
    business = f"Bench Bakery {number}{place:03d}"
    platforms = (ACCOUNTING[place % len(ACCOUNTING)], "")
    script = Script(place, STRAIGHT, business, f"owner{number}{place:03d}@bench.example", platforms)
    visitor = Visitor(script, portal.url, portal.codat.platform_url, _nothing)
    if quick:
        visitor.sign_in_seconds, visitor.confirm_seconds = 2.0, 1.0
    return visitor


def _nothing(company: str) -> None:
    """No platform takes its access back here."""


def _come_in(visitor: Visitor, not_before: float) -> None:
    time.sleep(max(0.0, not_before - time.monotonic()))
    try:
        visitor.live()
    except Exception as error:  # noqa: BLE001 - told by whoever finds the visitor not done
        visitor.findings.append(repr(error))


def _calls(
    name: str,
    calls: dict[str, Any],
    state: dict[str, Any],
    visitors: list[Visitor],
    *,
    most: float,
) -> Result:
    """`create-company` has no company yet: one is added for each."""
    mine = {visitor.script.business for visitor in visitors}
    ids = [company["id"] for company in state["companies"] if company["name"] in mine]
    each = [1 + sum(calls["companies"].get(key, {}).values()) for key in ids]
    by_operation: dict[str, float] = {}
    for key in ids:
        for operation, count in calls["companies"].get(key, {}).items():
            by_operation[operation] = by_operation.get(operation, 0) + count / len(ids)
    median = statistics.median(each)
    return Result(
        *("Codat calls per complete onboarding", name, median, "calls", f"median ≤ {most:g}"),
        is_met=median <= most,
        baseline=5,
        details={
            "most": max(each),
            "average_by_operation": {k: round(v, 2) for k, v in sorted(by_operation.items())},
            "of_no_company": calls["operations"].get("list-companies", 0),
        },
    )


def _waits(
    name: str, state: dict[str, Any], visitors: list[Visitor], *, most: float
) -> Iterator[Result]:
    """From “allow” and, since Codat itself reads the name first, from when it had read it."""
    read_at = {company["name"]: _read_at(company) for company in state["companies"]}
    whole = [visitor.asked_at - visitor.allowed_at for visitor in visitors]
    own = [visitor.asked_at - read_at[visitor.script.business] for visitor in visitors]
    codat = [read_at[v.script.business] - v.allowed_at for v in visitors]
    yield Result(
        measure="“Allow” → confirmation page shown (p95)",
        scenario=name,
        value=percentile(whole, 0.95),
        unit="s",
        goal=f"≤ {most:g} s",
        is_met=percentile(whole, 0.95) <= most,
        details={"median": round(statistics.median(whole), 2)},
    )
    yield Result(
        measure="“Allow” → confirmation page, the portal's part (p95)",
        scenario=name,
        value=percentile(own, 0.95),
        unit="s",
        goal="",
        is_met=None,
        details={
            "median": round(statistics.median(own), 2),
            "until_codat_has_the_name_median": round(statistics.median(codat), 2),
            "until_codat_has_the_name_p95": round(percentile(codat, 0.95), 2),
        },
    )


def _read_at(company: dict[str, Any]) -> float:
    reads = [d["completed"] for d in company["datasets"] if d["dataType"] == "company"]
    return datetime.fromisoformat(reads[0][:26] + "+00:00").timestamp() if reads else 0.0
