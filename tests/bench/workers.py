"""Journeys per minute with one worker process and with two, and which resource is full."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.storm.customer import Customer
from tests.storm.portal import Portal
from tests.storm.scripts import ACCOUNTING, KINDS, Script

from .onboardings import ENV
from .results import Result

JOURNEYS, AT_ONCE = 80, 32


def measure(database_url: str, *, quick: bool) -> Iterator[Result]:
    portal = Portal(
        env={**ENV, "CODAT_PER_MINUTE": "1000000"}, database_url=database_url, workers=2
    )
    portal.enter()
    journeys = 8 if quick else JOURNEYS
    try:
        portal.start()
        portal.workers[1].kill()
        rates, used = [], []
        for workers in (1, 2):
            if workers == 2:
                portal.workers[1].start()
                time.sleep(5)
            rate, share = _run(portal, journeys, workers)
            rates.append(rate)
            used.append(share)
        idle = used[1]["idle"]
        yield Result(
            *("Journeys per minute", "2 workers against 1", rates[1], "a minute"),
            "≥ 1.6 where the cores allow",
            # With no idle core left, a second worker can only take from the others.
            is_met=True if rates[1] >= 1.6 * rates[0] else None if idle < 0.1 else False,
            baseline=rates[0],
            details={"cores used with one worker": used[0], "with two": used[1]},
        )
    finally:
        portal.stop()


def _run(portal: Portal, journeys: int, workers: int) -> tuple[float, dict[str, float]]:
    customers = [
        Customer(
            Script(
                *(number, KINDS[0], f"Rate {workers}{number:04d}"),
                f"rate{workers}{number:04d}@bench.example",
                (ACCOUNTING[number % len(ACCOUNTING)], ""),
            ),
            *(portal.url, portal.codat.platform_url, lambda company: None),
        )
        for number in range(journeys)
    ]
    before, began = _cpu(portal), time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as crowd:
        list(crowd.map(Customer.live, customers))
    seconds = time.monotonic() - began
    share = {
        name: round((_cpu(portal)[name] - spent) / seconds, 2) for name, spent in before.items()
    }
    return 60 * journeys / seconds, share


def _cpu(portal: Portal) -> dict[str, float]:
    """CPU seconds so far of each part, of this process, and of idle cores."""
    groups = {
        "web": [portal.web],
        "workers": portal.workers,
        "simulator": [portal.simulator],
        "redis and beat": [portal.redis, portal.beat],
    }
    spent = {name: sum(part.cpu_seconds() for part in parts) for name, parts in groups.items()}
    own = time.process_time()
    idle = int(Path("/proc/stat").read_text().split("\n", 1)[0].split()[4]) / 100
    return {**spent, "customers": own, "idle": idle}
