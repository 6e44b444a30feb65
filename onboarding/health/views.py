"""Probes. `live` is for what restarts a process, `web` for load balancers, `ready` for people.

A load balancer must not ask `ready`: with Redis or the workers down the pages still answer.
"""

import logging

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from onboarding.linking import heartbeat

logger = logging.getLogger(__name__)

Part = dict[str, bool | str]


@login_not_required
@never_cache
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"ok": True})


@login_not_required
@never_cache
@require_safe
def web(request: HttpRequest) -> JsonResponse:
    return _answer({"database": _database()})


@login_not_required
@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    return _answer({"database": _database(), **_redis_and_hearts()})


def _answer(parts: dict[str, Part]) -> JsonResponse:
    ok = all(part["ok"] for part in parts.values())
    return JsonResponse({"ok": ok, "parts": parts}, status=200 if ok else 503)


def _database() -> Part:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchone()
    except DatabaseError:
        logger.exception("probe_failed database")
        return {"ok": False, "reason": "does not answer"}
    return {"ok": True}


def _redis_and_hearts() -> dict[str, Part]:
    """Redis, and the hearts that beat in it: without Redis nobody can tell whether they do."""
    names: tuple[heartbeat.Name, ...] = ("worker", "beat")
    try:
        hearts = {name: heartbeat.is_alive(name) for name in names}
    except RedisError as error:
        logger.warning("probe_failed redis %s", type(error).__name__)
        unknown: Part = {"ok": False, "reason": "unknown without Redis"}
        return {
            "redis": {"ok": False, "reason": "does not answer"},
            "worker": unknown,
            "beat": unknown,
        }
    silence = f"nothing heard for {heartbeat.allowed_silence():g} seconds"
    return {
        "redis": {"ok": True},
        **{
            name: {"ok": True} if ok else {"ok": False, "reason": silence}
            for name, ok in hearts.items()
        },
    }
