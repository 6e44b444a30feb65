"""What one comparison of everybody with Codat's list costs, for ever more companies."""

import os
import time
from collections.abc import Iterator

from onboarding.simulator import connecting
from onboarding.simulator.app import Simulator
from onboarding.simulator.catalogue import PLATFORMS
from tests.storm.portal import Portal

from .results import Result

SIZES = (1_000, 10_000, 50_000)
PAGE = 1000


def measure(database_url: str, *, quick: bool) -> Iterator[Result]:
    portal = Portal(env={"CODAT_PAGE_SIZE": f"{PAGE}"}, database_url=database_url)
    # In this process, so that its companies need not be made one call at a time.
    simulator = Simulator(state=str(portal.folder / "world"), portal="http://127.0.0.1:9")
    simulator.start()
    try:
        portal.redis.start()
        portal.env["CODAT_BASE_URL"] = simulator.url
        portal.enter()
        yield from _grow(simulator, SIZES[:1] if quick else SIZES)
    finally:
        simulator.stop()
        portal.stop()


def _grow(simulator: Simulator, sizes: tuple[int, ...]) -> Iterator[Result]:
    from django.core.management import call_command  # noqa: PLC0415 - set up only now

    from onboarding.linking import codat_client  # noqa: PLC0415
    from onboarding.linking.services import looking  # noqa: PLC0415

    from .crowd import add_companies  # noqa: PLC0415

    call_command("migrate", "--no-input", verbosity=0)
    with simulator.world.transaction():
        for example in list(simulator.world.companies.values()):
            connecting.delete_company(simulator.world, example)
    known = 0
    for size in sizes:
        add_companies(make_companies(simulator, size - known))
        known = size
        simulator.gate.calls.clear()
        began = time.monotonic()
        differing = looking.compare_pages(codat_client.for_worker())
        seconds = time.monotonic() - began
        calls = sum(simulator.gate.calls.values())
        best = size / PAGE
        yield Result(
            *("Calls for one full pass", f"{size:,} waiting companies", calls, "calls", "≤ 1.1 ×"),
            is_met=calls <= 1.1 * best,
            baseline=best,
            details={
                "seconds": round(seconds, 2),
                "found different": differing,
                "calls": {operation: n for (operation, _), n in simulator.gate.calls.items()},
                "cores": os.cpu_count(),
            },
        )


def make_companies(simulator: Simulator, count: int) -> list[tuple[str, str]]:
    made = []
    world = simulator.world
    with world.transaction():
        for number in range(count):
            company = connecting.create_company(
                world, name=f"Bench {number}", description=None, tags={"uid": f"{number}"}
            )
            connection = connecting.create_connection(world, company, PLATFORMS["gbol"])
            made.append((company.id, connection.id))
    return made
