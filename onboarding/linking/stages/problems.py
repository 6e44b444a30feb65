"""Why somebody should look at a company, from its facts and what stage they give."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from .connections import (
    elsewhere_at,
    is_doubled,
    is_idle,
    is_rejected,
    newest_reads,
    stalled_at,
    unconfirmed_at,
    waiting_for,
    was_ended_here,
)
from .facts import ConnectionFacts, Facts, Timing
from .words import LINKED, ConnectionStage, Reading, Reason, Stage, reading_of


def find_problems(
    facts: Facts,
    stage: Stage,
    stages: dict[int, ConnectionStage],
    now: datetime,
    timing: Timing,
) -> Iterable[tuple[Reason, int | None]]:
    invitation = facts.invitation
    if stage is Stage.INVITED and invitation and invitation.expires_at <= now:
        yield Reason.LINK_EXPIRED, None
    if invitation and invitation.declined and stage in (Stage.DRAFT, Stage.STARTED):
        yield Reason.NOT_THEIRS, None
    if stage in (Stage.STARTED, Stage.AUTHORIZING) and facts.active_at:
        if now >= facts.active_at + timing.stopped_after:
            yield Reason.STOPPED, None
    if facts.refused:
        yield Reason.REFUSED, None
    if facts.doubled_at_codat:
        yield Reason.DOUBLED_AT_CODAT, None
    if facts.mail_not_delivered:
        yield Reason.MAIL_NOT_DELIVERED, None
    if facts.waits_for_helper:
        yield Reason.WAITING_FOR_DELEGATE, None
    if facts.not_listed and stage not in (Stage.READING, Stage.READY):
        yield Reason.NOT_SUPPORTED, None
    elif facts.files_waiting:
        yield Reason.FILES_SENT, None
    if facts.deletion_asked:
        yield Reason.DELETION_ASKED, None
    for c in facts.connections:
        yield from ((reason, c.id) for reason in _connection_problems(c, stages[c.id], now, timing))


_LIVING = (ConnectionStage.VERIFYING, ConnectionStage.READING, ConnectionStage.READY)


def _connection_problems(
    connection: ConnectionFacts, stage: ConnectionStage, now: datetime, timing: Timing
) -> Iterable[Reason]:
    if stage is ConnectionStage.AUTHORIZING and connection.last_error_code:
        yield {"403": Reason.CANCELLED, "501": Reason.NOT_SUPPORTED}.get(
            connection.last_error_code, Reason.FAILED
        )
    if is_rejected(connection) and stage is not ConnectionStage.GONE:
        yield Reason.WRONG_COMPANY
    elif stage is ConnectionStage.LOST:
        yield Reason.DISCONNECTED if was_ended_here(connection) else Reason.ACCESS_LOST
    elif is_doubled(connection) and stage in _LIVING:
        yield Reason.POSSIBLE_DUPLICATE
    elif stage is ConnectionStage.VERIFYING:
        yield from _unconfirmed(connection, now, timing)
    if is_idle(connection, stage, now - timing.idle_refresh_time):
        yield Reason.ABOUT_TO_LAPSE
    if stage in _LIVING:
        newest = newest_reads(connection.operations).values()
        states = {reading_of(operation.status) for operation in newest}
        if Reading.NEEDS_CUSTOMER in states and connection.status == LINKED:
            yield Reason.READ_NEEDS_CUSTOMER
        if Reading.RETRYING in states:
            yield Reason.READ_FAILED
        stalled = stalled_at(connection, timing)
        if stage is not ConnectionStage.READY and stalled and stalled <= now:
            yield _why_stalled(connection, now)


def _why_stalled(connection: ConnectionFacts, now: datetime) -> Reason:
    wait = waiting_for(
        connection.operations,
        is_offline=connection.is_offline,
        window=None,  # its hours have come and passed, or it would not have stalled
        now=now,
    )
    return Reason.MACHINE_OFF if wait else Reason.READ_STALLED


def _unconfirmed(connection: ConnectionFacts, now: datetime, timing: Timing) -> Iterable[Reason]:
    elsewhere, unconfirmed = elsewhere_at(connection, timing), unconfirmed_at(connection, timing)
    if elsewhere and elsewhere <= now:
        yield Reason.LINKED_ELSEWHERE
    elif unconfirmed and unconfirmed <= now:
        yield Reason.IDENTITY_UNKNOWN
