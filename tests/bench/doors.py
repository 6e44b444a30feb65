"""Requests a second: the webhook door and the journey's pages against the barest views."""

import json
import statistics
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from typing import Any

from standardwebhooks import Webhook

from onboarding.demo.ports import HOST
from onboarding.demo.supervisor import Child
from tests.simulated import eventually
from tests.stories.processes import free_ports, is_open
from tests.storm.portal import Portal, Process

from .onboardings import ENV
from .results import Result

BLOCKS, REQUESTS, AT_ONCE = 9, 240, 4
"""So many blocks of so many requests, taking turns: what disturbs one disturbs the other."""

Request = tuple[str, str, bytes | None, dict[str, str]]
"""Method, path, body and headers."""


@dataclass
class Target:
    port: int
    server: Process
    make: Callable[[int], Request]
    """The request with a number."""
    rates: list[float] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)
    """CPU time of the server's processes per request, one value for each block."""


def measure(database_url: str, *, quick: bool) -> Iterator[Result]:
    portal = Portal(env=ENV, database_url=database_url)
    portal.enter()
    (port,) = free_ports(1)
    bare = portal.add_part(_bare_server(portal, port), lambda: is_open(port))
    try:
        portal.start()
        for part in (*portal.workers, portal.beat):
            part.kill()
        bare.start()
        eventually(lambda: _get_one(port), what="the bare server")
        yield _door(portal, port, bare, quick)
        yield from _pages(portal, port, bare, quick)
    except RuntimeError as error:
        raise RuntimeError(f"{error}\n{portal.logs()}") from error
    finally:
        bare.kill()
        portal.stop()


def _bare_server(portal: Portal, port: int) -> Child:
    """The same server, the same number of threads, the same database."""
    command = [*portal.web_command[:-1], "tests.bench.bare_wsgi:application"]
    command[command.index("--port") + 1] = str(port)
    env = {"DJANGO_SETTINGS_MODULE": "tests.bench.bare"}
    return Child("The bare server", command, portal.folder / "bare.log", env)


def _get_one(port: int) -> bool:
    connection = HTTPConnection(HOST, port, timeout=5)
    connection.request("POST", "/insert")
    return connection.getresponse().status == 200


# ── the webhook door ─────────────────────────────────────────────────────────────────────────────
def _door(portal: Portal, port: int, bare: Process, quick: bool) -> Result:
    from django.conf import settings  # noqa: PLC0415 - set up only now

    from onboarding.linking.models import Company  # noqa: PLC0415

    from .crowd import add_companies  # noqa: PLC0415

    add_companies([(str(uuid.uuid4()), str(uuid.uuid4())) for _ in range(50)])
    ids = list(Company.objects.exclude(codat_id=None).values_list("codat_id", flat=True))
    signer = Webhook(settings.CODAT_WEBHOOK_SECRETS[0].removeprefix("whsec_"))

    def deliver(number: int) -> Request:
        body = _event(ids[number % len(ids)])
        webhook_id, now = f"msg_{uuid.uuid4().hex}", datetime.now(UTC)
        headers = {
            "Content-Type": "application/json",
            "webhook-id": webhook_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signer.sign(webhook_id, now, body),
        }
        return "POST", "/webhooks/codat", body.encode(), headers

    def insert(number: int) -> Request:
        body = _event(ids[number % len(ids)])
        return "POST", "/insert", body.encode(), {"Content-Type": "application/json"}

    ours = Target(_port(portal), portal.web, deliver)
    return _compare("Webhook door", "known companies", ours, Target(port, bare, insert), quick)


def _event(company_id: str) -> str:
    return json.dumps(
        {
            "id": str(uuid.uuid4()),
            "eventType": "read.completed",
            "generatedDate": datetime.now(UTC).isoformat(),
            "payload": {
                "referenceCompany": {"id": company_id, "name": "Bench", "tags": {}},
                "dataTypes": [
                    {
                        "connectionId": str(uuid.uuid4()),
                        "dataType": "invoices",
                        "status": "Complete",
                    }
                ],
            },
        }
    )


# ── the journey's pages ──────────────────────────────────────────────────────────────────────────
def _pages(portal: Portal, port: int, bare: Process, quick: bool) -> Iterator[Result]:
    from django.contrib.sessions.backends.db import SessionStore  # noqa: PLC0415

    from .places import places  # noqa: PLC0415

    session = SessionStore()
    session["lines"] = 10
    session.create()
    cookie = {"Cookie": f"sessionid={session.session_key}"}
    for title, path, headers in places():
        ours = Target(_port(portal), portal.web, _always(path, headers))
        plain = Target(port, bare, _always("/page", cookie))
        yield _compare("Journey page (GET)", title, ours, plain, quick)


def _always(path: str, headers: dict[str, str]) -> Callable[[int], Request]:
    return lambda number: ("GET", path, None, headers)


def _port(portal: Portal) -> int:
    return int(portal.url.rpartition(":")[2])


# ── comparing ────────────────────────────────────────────────────────────────────────────────────
def _compare(measure: str, scenario: str, ours: Target, bare: Target, quick: bool) -> Result:
    for number in range(-1, 1 if quick else BLOCKS):
        for target in (ours, bare):
            _block(target, 40 if quick or number < 0 else REQUESTS)
            if number < 0:  # the first warms up
                target.rates.clear()
                target.milliseconds.clear()
    ratios = [our / its for our, its in zip(ours.rates, bare.rates, strict=True)]
    rate, base = statistics.median(ours.rates), statistics.median(bare.rates)
    ratio = statistics.median(ratios)
    return Result(
        *(measure, scenario, rate, "a second", "≥ 0.6"),
        is_met=ratio >= 0.6,
        baseline=base,
        details={
            "median of the blocks' ratios": round(ratio, 2),
            "ms of server CPU": round(statistics.median(ours.milliseconds), 2),
            "bare": round(statistics.median(bare.milliseconds), 2),
        },
    )


def _block(target: Target, requests: int) -> None:
    """Everything that costs the client time is prepared before the clock runs."""
    shares = [
        [target.make(number) for number in range(first, requests, AT_ONCE)]
        for first in range(AT_ONCE)
    ]
    wrong: list[Any] = []
    threads = [threading.Thread(target=_send, args=(target.port, share, wrong)) for share in shares]
    cpu, began = target.server.cpu_seconds(), time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    if wrong:
        raise RuntimeError(f"{target.make(0)[1]}: {wrong[0]}")
    target.rates.append(requests / seconds)
    target.milliseconds.append(1000 * (target.server.cpu_seconds() - cpu) / requests)


def _send(port: int, share: list[Any], wrong: list[Any]) -> None:
    connection = HTTPConnection(HOST, port, timeout=30)
    try:
        for method, path, body, headers in share:
            connection.request(method, path, body=body, headers=headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                wrong.append(f"answered {answer.status}, {answer.headers.get('Location')}")
    except (OSError, HTTPException) as error:
        wrong.append(repr(error))
    finally:
        connection.close()
