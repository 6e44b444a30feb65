"""The one function that decides, `assess`, and the rules it is made of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from .connections import (
    connection_stage,
    elsewhere_at,
    ended_as_planned,
    has_begun_reading,
    is_idle,
    is_rejected,
    linking_episode,
    stalled_at,
    unconfirmed_at,
    was_ended_here,
)
from .facts import (
    Assessment,
    ConnectionFacts,
    Facts,
    PlannedEmail,
    PlannedWrite,
    Timing,
)
from .letters import news, reminder
from .one_only import writes_against_a_second
from .problems import find_problems
from .rereading import reads_to_ask_for, reads_to_repeat, was_seen_idle
from .words import (
    DEAUTHORIZED,
    IDENTITY_DATA_TYPE,
    LINKED,
    PENDING_AUTH,
    UNLINKED,
    ConnectionStage,
    LinkStatus,
    Stage,
)

_BEST_FIRST = (
    ConnectionStage.READY,
    ConnectionStage.READING,
    ConnectionStage.VERIFYING,
    ConnectionStage.LOST,
    ConnectionStage.AUTHORIZING,
)


def category_stage(stages: Iterable[ConnectionStage]) -> ConnectionStage | None:
    """The best of a category's connections speaks for it; ended and gone ones do not count."""
    present = set(stages)
    return next((stage for stage in _BEST_FIRST if stage in present), None)


def company_stage(facts: Facts, categories: dict[str, ConnectionStage | None]) -> Stage:
    """From the required categories only, the most urgent word first."""
    if facts.closed:
        return Stage.CLOSED
    required = [categories.get(name) for name in facts.required]
    if not required:
        # Where nothing is needed, what the customer brought furthest speaks for all.
        best = category_stage(stage for stage in categories.values() if stage)
        required = [best] if best else []
    for wanted, stage in (
        (ConnectionStage.LOST, Stage.LOST),
        (ConnectionStage.VERIFYING, Stage.CONFIRMING),
        (ConnectionStage.AUTHORIZING, Stage.AUTHORIZING),
    ):
        if wanted in required:
            return stage
    if required and None not in required:
        return Stage.READING if ConnectionStage.READING in required else Stage.READY
    if facts.begun_at:
        return Stage.STARTED
    if facts.invitation and not facts.invitation.ended:
        return Stage.INVITED
    return Stage.DRAFT


def link_status(connections: Iterable[ConnectionFacts]) -> LinkStatus:
    present = {c.status for c in connections if not c.gone and c.source_type != "Expense"}
    for status, word in (
        (LINKED, LinkStatus.LINKED),
        (DEAUTHORIZED, LinkStatus.DEAUTHORISED),
        (PENDING_AUTH, LinkStatus.PENDING),
        (UNLINKED, LinkStatus.DEAUTHORISED),
    ):
        if status in present:
            return word
    return LinkStatus.BLANK


DEFAULT_TIMING = Timing()


def assess(facts: Facts, now: datetime, timing: Timing = DEFAULT_TIMING) -> Assessment:
    """Decide everything that follows from the facts; see the module's docstring."""
    stages = {c.id: connection_stage(c) for c in facts.connections}
    by_category: dict[str, list[ConnectionStage]] = {name: [] for name in facts.required}
    for connection in facts.connections:
        by_category.setdefault(connection.category, []).append(stages[connection.id])
    categories = {name: category_stage(found) for name, found in by_category.items()}
    stage = company_stage(facts, categories)
    read_open = frozenset(
        c.id
        for c in facts.connections
        if stages[c.id] in (ConnectionStage.VERIFYING, ConnectionStage.READING)
    )
    closed = stage is Stage.CLOSED
    writes = () if closed else tuple(_planned_writes(facts, stages, now, timing))
    problems = () if closed else find_problems(facts, stage, stages, now, timing)
    return Assessment(
        stage=stage,
        link_status=link_status(facts.connections),
        connections=stages,
        categories=categories,
        problems=frozenset(problems),
        writes=writes,
        emails=() if closed else tuple(_all_emails(facts, stage, stages, now, timing)),
        changes_at=None if closed else _changes_at(facts, stage, stages, now, timing),
        read_open=read_open,
    )


def _planned_writes(
    facts: Facts, stages: dict[int, ConnectionStage], now: datetime, timing: Timing
) -> Iterable[PlannedWrite]:
    for c in facts.connections:
        if c.status != LINKED or c.gone or c.linked_last_at is None:
            continue
        relinked = c.linked_first_at is not None and c.linked_first_at < c.linked_last_at
        data_type = IDENTITY_DATA_TYPE.get(c.source_type)
        if relinked and data_type and stages[c.id] is ConnectionStage.VERIFYING:
            yield PlannedWrite(
                "refresh_data_type", c.id, linking_episode(c.codat_id, c.linked_last_at), data_type
            )
        if is_rejected(c):
            # Nothing more is read of somebody else's business.
            episode = linking_episode(c.codat_id, c.linked_last_at)
            yield PlannedWrite("unlink_connection", c.id, episode)
            continue
        if is_idle(c, stages[c.id], now) and c.last_read_at:
            target = f"{c.codat_id}:idle:{c.last_read_at.date()}"
            yield PlannedWrite("refresh_data_type", c.id, target, data_type or "banking-accounts")
        if not has_begun_reading(c) and was_seen_idle(c, facts, timing):
            yield PlannedWrite("refresh_all", c.id, linking_episode(c.codat_id, c.linked_last_at))
        yield from reads_to_ask_for(c, facts, timing)
        yield from (write for at, write in reads_to_repeat(c, timing) if at <= now)
    yield from writes_against_a_second(facts)


def _all_emails(
    facts: Facts,
    stage: Stage,
    stages: dict[int, ConnectionStage],
    now: datetime,
    timing: Timing,
) -> Iterable[PlannedEmail]:
    yield from _planned_emails(facts, stages, timing)
    yield from news(facts, stages, now, timing)
    due, _next_at = reminder(facts, stage, stages, now, timing)
    if due:
        yield due


def _planned_emails(
    facts: Facts, stages: dict[int, ConnectionStage], timing: Timing
) -> Iterable[PlannedEmail]:
    for c in facts.connections:
        if c.source_type == "Expense":
            continue
        stage = stages[c.id]
        is_read = c.status == LINKED or ended_as_planned(c)
        if stage is ConnectionStage.READY and is_read and c.linked_first_at:
            episode = linking_episode(c.codat_id, c.linked_last_at)
            yield PlannedEmail("first_read_done", f"first_read_done:{episode}", c.id)
        if c.by_helper and c.status == LINKED and not c.gone:
            episode = linking_episode(c.codat_id, c.linked_last_at)
            yield PlannedEmail("delegate_done", f"delegate_done:{episode}", c.id)
        yield from _emails_about_the_name(c, stage, timing)
        if c.is_offline and c.status == LINKED and not c.gone and not is_rejected(c):
            # Whoever set up that computer was told to wait for a mail, not at a page.
            episode = linking_episode(c.codat_id, c.linked_last_at)
            yield PlannedEmail("connected", f"connected:{episode}", c.id)
        wanted = c.disconnected_by_customer and c.status == UNLINKED and not c.gone
        if wanted and c.status_changed_at:
            key = f"disconnected:{c.codat_id}:{c.status_changed_at.isoformat()}"
            yield PlannedEmail("disconnected", key, c.id)
        elif stage is ConnectionStage.LOST and c.status_changed_at:
            if not was_ended_here(c) and not is_rejected(c):
                key = f"access_lost:{c.codat_id}:{c.status_changed_at.isoformat()}"
                due_at = c.status_changed_at + timing.loss_mail_after
                yield PlannedEmail("access_lost", key, c.id, due_at)
        if c.word_wanted_at:
            if _works_again(c, facts):
                key = f"works_again:{c.codat_id}:{c.word_wanted_at.isoformat()}"
                yield PlannedEmail("works_again", key, c.id)
        elif stage is ConnectionStage.AUTHORIZING and c.made_late and not c.tried:
            yield PlannedEmail("works_again", f"works_again:{c.codat_id}", c.id)


def _emails_about_the_name(
    c: ConnectionFacts, stage: ConnectionStage, timing: Timing
) -> Iterable[PlannedEmail]:
    episode = linking_episode(c.codat_id, c.linked_last_at)
    identity = c.identity
    if identity is None or not identity.read_after_link or c.gone:
        return
    if identity.is_another and identity.rejected and c.status == UNLINKED:
        yield PlannedEmail("other_business", f"other_business:{episode}", c.id)
    if stage is not ConnectionStage.VERIFYING or identity.rejected or identity.doubled:
        return
    if c.name_later:
        yield PlannedEmail("name_to_confirm", f"name_to_confirm:{episode}", c.id)
    elif c.linked_last_at and c.returned_at and c.linked_last_at > c.returned_at:
        # Back before it was connected, and told to close the page; who stayed is asked there.
        due_at = c.linked_last_at + timing.elsewhere_after
        yield PlannedEmail("name_to_confirm", f"name_to_confirm:{episode}", c.id, due_at)


def _works_again(connection: ConnectionFacts, facts: Facts) -> bool:
    """Codat answered since the customer met trouble, and there is still something to sign in to."""
    if connection.gone or connection.status == LINKED or not connection.word_wanted_at:
        return False
    return facts.observed_at is not None and facts.observed_at > connection.word_wanted_at


def _changes_at(
    facts: Facts,
    stage: Stage,
    stages: dict[int, ConnectionStage],
    now: datetime,
    timing: Timing,
) -> datetime | None:
    moments: list[datetime] = []
    if stage is Stage.INVITED and facts.invitation:
        moments.append(facts.invitation.expires_at)
    if stage in (Stage.STARTED, Stage.AUTHORIZING) and facts.active_at:
        moments.append(facts.active_at + timing.stopped_after)
    for c in facts.connections:
        if stages[c.id] in (ConnectionStage.VERIFYING, ConnectionStage.READING):
            if c.linked_last_at and not has_begun_reading(c):
                moments.append(c.linked_last_at + timing.first_read_grace)
            stalled = stalled_at(c, timing)
            if stalled:
                moments.append(stalled)
            if not is_rejected(c):
                moments += [at for at, _write in reads_to_repeat(c, timing)]
        if stages[c.id] is ConnectionStage.VERIFYING and not is_rejected(c):
            moments += [m for m in (elsewhere_at(c, timing), unconfirmed_at(c, timing)) if m]
        if stages[c.id] is ConnectionStage.READY and c.last_read_at and c.idle_after:
            idle_at = c.last_read_at + c.idle_after
            moments += [idle_at, idle_at + timing.idle_refresh_time]
    _due, next_reminder_at = reminder(facts, stage, stages, now, timing)
    if next_reminder_at:
        moments.append(next_reminder_at)
    return min((moment for moment in moments if moment > now), default=None)
