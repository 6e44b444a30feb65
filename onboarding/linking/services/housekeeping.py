"""Throwing away what has served: old events, counts, problems."""

import logging
from datetime import datetime, timedelta

from django.db.models import F
from redis.exceptions import RedisError

from onboarding.linking.models import (
    CallCount,
    Company,
    CustomerMessage,
    Problem,
    SentFile,
    WebhookEvent,
)
from onboarding.linking.shared_quota import take_call_counts

from . import files

logger = logging.getLogger(__name__)

KEEP_EVENTS = timedelta(days=30)
"""Codat can replay a missed event for two weeks; ids are kept for twice as long."""

KEEP_PROBLEMS = KEEP_MESSAGES = timedelta(days=400)
KEEP_STARTS = timedelta(days=30)
"""What somebody began alone and never proved to be theirs; the mailed link is dead by then."""


def store_call_counts() -> None:
    """Move what was counted in Redis into rows, where it outlives it."""
    try:
        taken = take_call_counts()
    except RedisError as error:
        logger.warning("call_counts_not_stored %s", type(error).__name__)
        return
    for (hour, operation), count in taken.items():
        row, _ = CallCount.objects.get_or_create(hour=hour, operation=operation)
        CallCount.objects.filter(pk=row.pk).update(count=F("count") + count)


def _never_proved():
    """Begun by a visitor, without a session ever: nothing of it is at Codat."""
    begun = Company.objects.filter(origin=Company.Origin.SELF_SERVICE)
    return begun.filter(sessions__isnull=True, codat_id__isnull=True)


def prune(*, now: datetime) -> dict[str, int]:
    """Delete rows past their use, and bytes of files removed; returns how many of each.

    Safe to run at any time.
    """
    old = {
        "events": WebhookEvent.objects.filter(received_at__lt=now - KEEP_EVENTS),
        "call_counts": CallCount.objects.filter(hour__lt=now - KEEP_EVENTS),
        "starts": _never_proved().filter(created_at__lt=now - KEEP_STARTS),
        "messages": CustomerMessage.objects.filter(at__lt=now - KEEP_MESSAGES),
        "problems": Problem.objects.filter(cleared_at__lt=now - KEEP_PROBLEMS),
    }
    pruned = {name: rows.delete()[0] for name, rows in old.items()}
    pruned["files"] = files.clear_bytes(SentFile.objects.all()) + files.clear_unfinished(now=now)
    return pruned
