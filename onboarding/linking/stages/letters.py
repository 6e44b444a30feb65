"""Mails that follow from where things stand: the good news, what is about to end, and reminders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from .connections import is_idle, is_rejected, linking_episode, was_ended_here
from .facts import ConnectionFacts, Facts, PlannedEmail, Timing
from .words import LINKED, ConnectionStage, Stage


def news(
    facts: Facts, stages: dict[int, ConnectionStage], now: datetime, timing: Timing
) -> Iterable[PlannedEmail]:
    """Connected, once it is known whose business it is; and a permission that is about to end."""
    for c in facts.connections:
        if c.source_type == "Expense" or c.gone or c.status != LINKED or not c.linked_last_at:
            continue
        episode = linking_episode(c.codat_id, c.linked_last_at)
        if stages[c.id] in (ConnectionStage.READING, ConnectionStage.READY):
            yield PlannedEmail("connected", f"connected:{episode}", c.id)
        if is_idle(c, stages[c.id], now - timing.idle_refresh_time) and c.last_read_at:
            key = f"about_to_end:{c.codat_id}:{c.last_read_at.date()}"
            yield PlannedEmail("about_to_end", key, c.id)


# ── reminders ────────────────────────────────────────────────────────────────────────────────────
_UNFINISHED = {Stage.INVITED, Stage.STARTED, Stage.AUTHORIZING}


def reminder(
    facts: Facts, stage: Stage, stages: dict[int, ConnectionStage], now: datetime, timing: Timing
) -> tuple[PlannedEmail | None, datetime | None]:
    """The reminder to send now, and the moment of the next one; None for none.

    Each counts from the customer's last step, and keeps its distance from the one before.
    """
    about = _waits_for_customer(facts, stage, stages)
    if about is None:
        return None, None
    series, since, connection_id = about
    sent, last_at = facts.reminded.get(series, (0, None))
    moments = _moments(since, sent, last_at, timing)
    due_at = next(moments, None)
    if due_at is None or due_at > now:
        return None, due_at
    key = f"reminder:{series}:{sent + 1}"
    following = next(_moments(since, sent + 1, now, timing), None)
    return PlannedEmail("reminder", key, connection_id), following


def _moments(
    since: datetime, sent: int, last_at: datetime | None, timing: Timing
) -> Iterator[datetime]:
    for number in range(sent, len(timing.remind_after)):
        after = timing.remind_after[number]
        due_at = since + after
        if number and last_at:
            due_at = max(due_at, last_at + after - timing.remind_after[number - 1])
        yield due_at


def _waits_for_customer(
    facts: Facts, stage: Stage, stages: dict[int, ConnectionStage]
) -> tuple[str, datetime, int | None] | None:
    """What only the customer can do now: the series of reminders, since when, which connection."""
    if not facts.may_remind or _waits_for_somebody_else(facts):
        return None
    if stage is Stage.LOST:
        return next(_lost(facts, stages), None)
    is_to_confirm = stage is Stage.CONFIRMING and any(map(_is_to_confirm, facts.connections))
    since = max((at for at in (facts.active_at, facts.asked_at) if at), default=None)
    if since is None or not (stage in _UNFINISHED or is_to_confirm):
        return None
    return facts.reminder_series, since, None


def _waits_for_somebody_else(facts: Facts) -> bool:
    """For us, for staff, or for the person who was asked to help."""
    wanted = any(c.word_wanted_at for c in facts.connections)
    waits = facts.refused or facts.waits_for_helper or facts.deletion_asked
    return waits or wanted or facts.not_listed or facts.files_waiting


def _lost(
    facts: Facts, stages: dict[int, ConnectionStage]
) -> Iterator[tuple[str, datetime, int | None]]:
    for c in facts.connections:
        is_needed = c.category in facts.required and stages[c.id] is ConnectionStage.LOST
        if is_needed and c.status_changed_at and not was_ended_here(c) and not is_rejected(c):
            series = f"{c.codat_id}:{c.status_changed_at.isoformat()}"
            yield series, c.status_changed_at, c.id


def _is_to_confirm(connection: ConnectionFacts) -> bool:
    identity = connection.identity
    if connection.status != LINKED or identity is None or not identity.read_after_link:
        return False
    return not (identity.confirmed or identity.rejected or identity.doubled)
