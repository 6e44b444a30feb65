"""Trouble from one seeded schedule: on the API, on webhooks, to the parts of the portal."""

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg import sql

from .portal import Portal

MIXES: Final = ("api", "webhooks", "workers", "redis", "web", "lag")

KEYS: Final = "keys"
"""Instead of `lag`: writes stay in doubt until their idempotency key is too old to be used.

Both at once, nobody could tell what was made from what was not: a list that is silent for longer
than it is looked up would then rightly count as proof.
"""
KEY_MINUTES: Final = 0.04
"""How old a key may be in such a storm, in place of 80 minutes."""

DATABASE: Final = "database"
"""Only if asked for, and on PostgreSQL: connections are cut, and none can be made for a while."""

KINDS: Final = (*MIXES, KEYS, DATABASE)

_WRITES: Final = ["create-company", "create-connection", "unlink-connection", "update-company"]


@dataclass(frozen=True)
class Trouble:
    """`after` seconds since the one before; `settings` is what the mix's own function takes."""

    after: float
    mix: str
    settings: dict[str, Any]


def forecast(mixes: tuple[str, ...], seed: int, workers: int) -> Iterator[Trouble]:
    """Without end, and the same for the same seed."""
    chance = random.Random(f"weather:{seed}")
    draws: dict[str, tuple[int, Callable[[], dict[str, Any]]]] = {
        "api": (6, lambda: {"faults": _draw_faults(chance)}),
        "webhooks": (3, lambda: _draw_deliveries(chance)),
        "workers": (
            3,
            lambda: {"number": chance.randrange(workers + 1), "away": chance.uniform(0, 2)},
        ),
        "redis": (1, lambda: {"away": chance.uniform(1, 4)}),
        "web": (1, lambda: {"away": chance.uniform(0, 2)}),
        "lag": (2, lambda: {"seconds": chance.randint(5, 15), "cut": chance.uniform(0.2, 0.5)}),
        DATABASE: (1, lambda: {"away": chance.uniform(0, 3)}),
        KEYS: (4, lambda: {"seconds": chance.uniform(3, 6), "cut": chance.uniform(0.6, 1)}),
    }
    for mix in mixes:  # each kind of trouble comes soon, then by chance
        yield Trouble(chance.uniform(0.2, 1), mix, draws[mix][1]())
    weights = [draws[mix][0] for mix in mixes]
    while mixes:
        (mix,) = chance.choices(mixes, weights)
        yield Trouble(chance.uniform(0.5, 3), mix, draws[mix][1]())


def _draw_faults(chance: random.Random) -> list[dict[str, Any]]:
    faults: list[dict[str, Any]] = [
        {"fault": "status:429", "times": chance.randint(1, 3), "retry_after": 1},
        {"fault": "status:500", "probability": chance.uniform(0.02, 0.15)},
        {"fault": "status:503", "probability": chance.uniform(0.02, 0.15)},
        # Longer and shorter than the web client waits.
        {"fault": f"slow:{chance.choice((0.5, 1, 2))}", "probability": chance.uniform(0.02, 0.1)},
        {"fault": "cut", "probability": chance.uniform(0.02, 0.15)},
        {"fault": "processed_then_cut", "probability": chance.uniform(0.05, 0.3)},
        # Less than the time over which a doubtful write is looked up.
        {"fault": "list_lag:1", "probability": chance.uniform(0.2, 0.8)},
    ]
    return chance.sample(faults, chance.randint(1, 4))


def _draw_deliveries(chance: random.Random) -> dict[str, Any]:
    longest = chance.choice((0, 1, 5, 10))
    return {
        "drop": chance.choice((0, 0.2, 0.5, 1)),
        "duplicate": chance.choice((0, 0.3, 1)),
        "delay_seconds": [0, longest],
        "shuffle": chance.random() < 0.5,
    }


class Weather:
    """Lets the troubles happen. Runs in the main thread: a process ends with the thread that
    started it (PR_SET_PDEATHSIG), and those that are started here must last."""

    def __init__(self, portal: Portal, mixes: tuple[str, ...], seed: int) -> None:
        self._portal = portal
        self._forecast = forecast(mixes, seed, len(portal.workers))
        self._is_over: Callable[[], bool] = lambda: True
        self.log: list[str] = []
        self._began = time.monotonic()

    def rage(self, *, until: Callable[[], bool]) -> None:
        """Trouble after trouble until the condition holds; then all that is down starts again."""
        self._is_over = until
        for trouble in self._forecast:
            if self._wait(trouble.after):
                break
            self.log.append(
                f"{trouble.mix} {time.monotonic() - self._began:.1f} {trouble.settings}"
            )
            getattr(self, f"_{trouble.mix}")(**trouble.settings)
        while not self._wait(60):
            pass
        self._portal.make_whole()

    def counts(self) -> dict[str, int]:
        names = [line.split()[0] for line in self.log]
        return {mix: names.count(mix) for mix in KINDS if mix in names}

    def _wait(self, seconds: float) -> bool:
        """True at once when it is over, else False after so many seconds."""
        ends = time.monotonic() + seconds
        while not (over := self._is_over()) and time.monotonic() < ends:
            time.sleep(0.1)
        return over

    def _api(self, faults: list[dict[str, Any]]) -> None:
        self._portal.codat.faults(faults)

    def _webhooks(self, **trouble: Any) -> None:
        self._portal.codat.webhooks(**trouble)

    def _workers(self, number: int, away: float) -> None:
        """`kill -9`; the number after the last worker's is beat's."""
        part = [*self._portal.workers, self._portal.beat][number]
        part.kill()
        self._wait(away)
        part.spawn()

    def _redis(self, away: float) -> None:
        """Stopped, with all that it held: it keeps nothing on disk."""
        self._portal.redis.stop()
        self._wait(away)
        self._portal.redis.start()

    def _web(self, away: float) -> None:
        """`kill -9` of what serves the pages and Codat's door."""
        self._portal.web.kill()
        self._wait(away)
        self._portal.web.spawn()

    def _lag(self, seconds: int, cut: float) -> None:
        """Lists are silent about what is new for longer than a doubtful write is looked up."""
        self._portal.codat.faults(
            [
                {
                    "match": {"operation": _WRITES},
                    "fault": "processed_then_cut",
                    "probability": cut / 2,
                },
                {"fault": f"list_lag:{seconds}", "times": None},
            ]
        )

    def _keys(self, seconds: float, cut: float) -> None:
        """Answers of writes are lost again and again, until no key can be repeated any more."""
        fault = {"fault": "processed_then_cut", "probability": cut}
        self._portal.codat.faults([{"match": {"operation": _WRITES}, **fault}])
        self._wait(seconds)

    def _database(self, away: float) -> None:
        """As when another server takes over: whatever was not committed is lost."""
        name = sql.Identifier(self._portal.database_name)
        allow = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
        with psycopg.connect(self._portal.maintenance_url, autocommit=True) as maintenance:
            maintenance.execute(allow.format(name, sql.SQL("false")))
            maintenance.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                [self._portal.database_name],
            )
            self._wait(away)
            maintenance.execute(allow.format(name, sql.SQL("true")))
