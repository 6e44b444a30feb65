"""Throwing away what has served: old events, ended sessions."""

from datetime import datetime, timedelta

from onboarding.linking.models import CustomerSession, Problem, WebhookEvent

KEEP_EVENTS = timedelta(days=30)
"""Codat can replay a missed event for two weeks; ids are kept for twice as long."""

KEEP_SESSIONS = timedelta(days=400)
KEEP_PROBLEMS = timedelta(days=400)


def prune(*, now: datetime) -> dict[str, int]:
    """Delete rows past their use; returns how many of each. Safe to run at any time."""
    old = {
        "events": WebhookEvent.objects.filter(received_at__lt=now - KEEP_EVENTS),
        "sessions": CustomerSession.objects.filter(used_at__lt=now - KEEP_SESSIONS),
        "problems": Problem.objects.filter(cleared_at__lt=now - KEEP_PROBLEMS),
    }
    return {name: rows.delete()[0] for name, rows in old.items()}
