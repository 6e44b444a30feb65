"""One storm: customers at once, trouble all around, then calm, and the question what is left."""

import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from .customer import Customer, Stuck
from .portal import Portal
from .scripts import write_scripts
from .weather import DATABASE, Weather

AT_ONCE = 24
SWEEPS_AT_MOST = 120
"""Sweeps, one a second, that may pass between the end of all trouble and rest."""


@dataclass(frozen=True)
class Size:
    journeys: int
    seed: int
    mixes: tuple[str, ...]

    @property
    def trouble_seconds(self) -> float:
        """No storm lasts longer than this; most end when nine in ten customers are through."""
        return 15 + 0.7 * self.journeys


def ride_out(portal: Portal, size: Size, say: Callable[[str], None]) -> bool:
    """Run the storm on a portal that is up; True when everything ended as it should."""
    began = time.monotonic()
    portal.codat.settings(fault_seed=size.seed)
    customers = [
        Customer(
            script,
            portal.url,
            portal.codat.platform_url,
            _ender(portal),
            forgives_errors=DATABASE in size.mixes,
        )
        for script in write_scripts(size.journeys, size.seed)
    ]
    weather = Weather(portal, size.mixes, size.seed)
    with ThreadPoolExecutor(AT_ONCE) as crowd:
        for customer in customers:
            crowd.submit(_live, customer)
        weather.rage(until=lambda: _most_are_through(customers, began + size.trouble_seconds))
        over = sum(customer.is_over for customer in customers)
        say(f"trouble over after {time.monotonic() - began:.0f} s: {over} customers are through")
    say(f"all customers have ended after {time.monotonic() - began:.0f} s")
    return _report(portal, customers, weather, _sweep_until_rest(say), say)


def _live(customer: Customer) -> None:
    try:
        customer.live()
    except Stuck as error:
        customer.findings.append(f"stuck: {error}")
    except Exception:  # noqa: BLE001 - told with all else that was found
        customer.findings.append(traceback.format_exc(limit=-3))


def _ender(portal: Portal) -> Callable[[str], None]:
    def end_access(public_id: str) -> None:
        for company in portal.codat.companies_of(public_id):
            for connection in company["dataConnections"]:
                portal.codat.act(connection["id"], "deauthorize")

    return end_access


def _most_are_through(customers: list[Customer], deadline: float) -> bool:
    left = sum(not customer.is_over and not customer.findings for customer in customers)
    return left <= len(customers) // 10 or time.monotonic() > deadline


def _sweep_until_rest(say: Callable[[str], None]) -> dict[str, int]:
    """Let sweeps go by until no row is due; what is left when there were too many."""
    from django.db import connection  # noqa: PLC0415 - Django is the portal's only now

    from . import checks  # noqa: PLC0415 - as above

    connection.close()  # it may have been cut
    left: dict[str, int] = {}
    for sweep in range(SWEEPS_AT_MOST):
        left = checks.work_left()
        if not any(left.values()):
            time.sleep(1)
            left = checks.work_left()
        if not any(left.values()):
            say(f"no row is due after {sweep} sweeps")
            return {}
        time.sleep(1)
    return left


def _report(
    portal: Portal,
    customers: list[Customer],
    weather: Weather,
    left: dict[str, int],
    say: Callable[[str], None],
) -> bool:
    from . import checks  # noqa: PLC0415

    found = checks.check(customers, portal.codat.state(), portal.mail_folder)
    if left:
        found.wrong.append((None, f"rows are still due after {SWEEPS_AT_MOST} sweeps: {left}"))
    calls = portal.codat.calls()
    kinds = Counter(customer.script.kind.name for customer in customers)
    seconds = sorted(customer.seconds for customer in customers if customer.is_over)
    say("customers: " + ", ".join(f"{count} {name}" for name, count in kinds.most_common()))
    say(f"trouble: {weather.counts() or 'none'}")
    say(f"calls received by Codat: {calls['total']} {calls['operations']}")
    for name, count in sorted(found.counts.items()):
        say(f"{name}: {count}")
    if seconds:
        say(f"seconds per journey: median {seconds[len(seconds) // 2]:.1f}, most {seconds[-1]:.1f}")
    if portal.keeps:
        for line in weather.log:
            say(f"  {line}")
        say(checks.describe(max(customers, key=lambda customer: customer.seconds)))
    say(f"mails that may have been sent: {len(found.doubtful_mails)}")
    for mail in found.doubtful_mails:
        say(f"  {mail}")
    for customer, what in found.wrong:
        say(f"WRONG {f'customer {customer.script.number}: ' if customer else ''}{what}")
    unlucky = [customer for customer in customers if any(customer is c for c, _ in found.wrong)]
    for customer in unlucky[:5]:
        say(checks.describe(customer))
    say(f"{len(found.wrong)} findings" if found.wrong else "clean")
    return not found.wrong


def print_line(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


__all__ = ["Size", "print_line", "ride_out"]
