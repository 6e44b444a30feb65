"""The desk's pages with a hundred and with a hundred thousand companies."""

import statistics
import time
import uuid
from collections.abc import Iterator

from tests.storm.portal import Portal

from .results import Result

FEW, MANY, TIMES = 100, 100_000, 15
PAGES = {
    "/desk/companies/": "Desk list",
    "/desk/companies/?q=Company+00004": "Desk list, searched",
    "/desk/": "Desk's first page",
}


def measure(database_url: str, *, quick: bool) -> Iterator[Result]:
    portal = Portal(env={}, database_url=database_url)
    portal.enter()
    try:
        portal.redis.start()
        yield from _compare(2_000 if quick else MANY)
    finally:
        portal.stop()


def _compare(many: int) -> Iterator[Result]:
    from django.core.management import call_command  # noqa: PLC0415 - set up only now
    from django.db import connection  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415

    from onboarding.accounts.models import User  # noqa: PLC0415

    from .crowd import add_companies  # noqa: PLC0415

    call_command("migrate", "--no-input", verbosity=0)
    call_command("collectstatic", "--no-input", verbosity=0)
    boss = User.objects.create_superuser("boss@bench.example", "a-password", name="Boss")
    browser = Client(headers={"host": "127.0.0.1"})
    browser.force_login(boss)
    found: dict[str, list[tuple[float, int]]] = {path: [] for path in PAGES}
    known = 0
    for size in (FEW, many):
        ids = [(str(uuid.uuid4()), str(uuid.uuid4())) for _ in range(size - known)]
        add_companies(ids, owner=boss, problem_every=10)
        known = size
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        for path in PAGES:
            found[path].append(_time(browser, path))
    for path, title in PAGES.items():
        (few, few_queries), (lots, queries) = found[path]
        yield Result(
            *(title, f"{FEW} against {many:,} companies, PostgreSQL", lots, "ms"),
            "≤ 2, same query count",
            is_met=lots <= 2 * few and queries == few_queries,
            baseline=few,
            details={"queries": [few_queries, queries], "slowest": _slowest(browser, path)},
        )


def _time(browser, path: str) -> tuple[float, int]:
    """Median milliseconds of a GET in this process, and its number of queries."""
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    browser.get(path)  # what is kept for some seconds, such as the firm's name, is kept now
    with CaptureQueriesContext(connection) as queries:
        answer = browser.get(path)
    assert answer.status_code == 200, f"{path}: {answer.status_code}"
    count = len(queries)  # counted now: the next request forgets them
    times = []
    for _ in range(TIMES):
        began = time.perf_counter()
        browser.get(path)
        times.append(1000 * (time.perf_counter() - began))
    return statistics.median(times), count


def _slowest(browser, path: str) -> list[str]:
    """The three queries that take longest with many companies."""
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    with CaptureQueriesContext(connection) as queries:
        browser.get(path)
    captured = queries.captured_queries
    ordered = sorted(captured, key=lambda query: float(query["time"]), reverse=True)
    return [f"{q['time']} s {q['sql'][:300]}" for q in ordered[:3]]
