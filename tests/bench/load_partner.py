"""Whether the imitated Codat stays quick enough to be measured against: few and many companies."""

import time
from collections.abc import Callable, Iterator
from statistics import median

import requests

from onboarding.simulator.app import Simulator
from tests.storm.portal import Portal

from .full_pass import make_companies
from .results import Result, percentile

FEW, MANY = 100, 20_000
HEADERS = {"Authorization": "Basic ZGVtby1hcGkta2V5"}


def measure(database_url: str, *, quick: bool) -> Iterator[Result]:
    portal = Portal(env={}, database_url=database_url)
    simulator = Simulator(state=str(portal.folder / "world"), portal="http://127.0.0.1:9")
    simulator.start()
    try:
        yield from _compare(simulator, rounds=30 if quick else 300)
    finally:
        simulator.stop()
        portal.stop()


def _compare(simulator: Simulator, *, rounds: int) -> Iterator[Result]:
    few = _times(simulator, make_companies(simulator, FEW), rounds)
    many = _times(simulator, make_companies(simulator, MANY - FEW), rounds)
    for name, seconds in many.items():
        yield Result(
            "The imitated Codat at size",
            f"{name}, {FEW} → {MANY:,} companies",
            median(seconds) / median(few[name]),
            "×",
            "≤ 2",
            is_met=median(seconds) <= 2 * median(few[name]),
            baseline=1.0,
            details={
                "median ms at few": round(1000 * median(few[name]), 2),
                "median ms at many": round(1000 * median(seconds), 2),
                "p95 ms at many": round(1000 * percentile(seconds, 0.95), 2),
            },
        )


def _times(
    simulator: Simulator, known: list[tuple[str, str]], rounds: int
) -> dict[str, list[float]]:
    session = requests.Session()
    session.headers.update(HEADERS)
    company = known[len(known) // 2][0]
    calls: dict[str, Callable[[], requests.Response]] = {
        "get-company": lambda: session.get(f"{simulator.url}/companies/{company}"),
        "create-company": lambda: session.post(
            f"{simulator.url}/companies", json={"name": "Bench", "tags": {"uid": "bench"}}
        ),
        "get-company-data-status": lambda: session.get(
            f"{simulator.url}/companies/{company}/dataStatus"
        ),
    }
    return {name: [_time(call) for _ in range(rounds)] for name, call in calls.items()}


def _time(call: Callable[[], requests.Response]) -> float:
    began = time.perf_counter()
    answer = call()
    seconds = time.perf_counter() - began
    if not answer.ok:
        raise RuntimeError(f"the imitated Codat answered {answer.status_code}")
    return seconds
