"""The one function that decides, `assess`, and the rules it is made of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from .facts import (
    Assessment,
    ConnectionFacts,
    Facts,
    OperationFacts,
    PlannedEmail,
    PlannedWrite,
    Timing,
)
from .words import (
    DEAUTHORIZED,
    IDENTITY_DATA_TYPE,
    LINKED,
    PENDING_AUTH,
    UNLINKED,
    ConnectionStage,
    LinkStatus,
    Reading,
    Reason,
    Stage,
    reading_of,
)


def linking_episode(codat_id: str, linked_last_at: datetime | None) -> str:
    """Names one linking of one connection: what is planned once per linking hangs on it."""
    return f"{codat_id}:{linked_last_at.isoformat() if linked_last_at else ''}"


def first_read(connection: ConnectionFacts) -> dict[str, Reading]:
    """The state of each data type since the first linking, by its newest operation."""
    newest: dict[str, OperationFacts] = {}
    for operation in connection.operations:
        known = newest.get(operation.data_type)
        if known is None or _asked(operation) >= _asked(known):
            newest[operation.data_type] = operation
    return {data_type: reading_of(operation.status) for data_type, operation in newest.items()}


def _asked(operation: OperationFacts) -> datetime:
    return operation.requested or operation.changed_at


_FINISHED = {Reading.DONE, Reading.NOT_OFFERED}
_SETTLED = _FINISHED | {Reading.RETRYING, Reading.NEEDS_CUSTOMER}


def connection_stage(connection: ConnectionFacts) -> ConnectionStage:
    if connection.gone:
        return ConnectionStage.GONE
    if connection.status == LINKED:
        return _stage_while_linked(connection)
    if connection.status in (UNLINKED, DEAUTHORIZED):
        if connection.one_time and connection.was_confirmed:
            return ConnectionStage.READY
        return ConnectionStage.LOST if connection.was_confirmed else ConnectionStage.ENDED
    if connection.was_confirmed:
        return ConnectionStage.LOST
    return ConnectionStage.AUTHORIZING


def _stage_while_linked(connection: ConnectionFacts) -> ConnectionStage:
    if connection.source_type == "Expense":
        return ConnectionStage.READY
    identity = connection.identity
    if identity is None or not identity.read_after_link or not identity.confirmed:
        return ConnectionStage.VERIFYING
    reads = first_read(connection)
    if reads and all(state in _SETTLED for state in reads.values()):
        if any(state in _FINISHED for state in reads.values()):
            return ConnectionStage.READY
    return ConnectionStage.READING


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
    problems = () if closed else _problems(facts, stage, stages, now, timing)
    return Assessment(
        stage=stage,
        link_status=link_status(facts.connections),
        connections=stages,
        categories=categories,
        problems=frozenset(problems),
        writes=writes,
        emails=() if closed else tuple(_planned_emails(facts, stages, timing)),
        changes_at=None if closed else _changes_at(facts, stage, stages, now, timing),
        read_open=read_open,
    )


def has_begun_reading(connection: ConnectionFacts) -> bool:
    """Whether Codat began the first read by itself: any operation of it past `Initial`."""
    return any(operation.status != "Initial" for operation in connection.operations)


def is_rejected(connection: ConnectionFacts) -> bool:
    """Somebody said of the present linking that it is another business."""
    identity = connection.identity
    return identity is not None and identity.read_after_link and identity.rejected


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
            continue  # nothing more is read of somebody else's business
        if _is_idle(c, stages[c.id], now) and c.last_read_at:
            target = f"{c.codat_id}:idle:{c.last_read_at.date()}"
            yield PlannedWrite("refresh_data_type", c.id, target, data_type or "banking-accounts")
        if not has_begun_reading(c) and _was_seen_idle(c, facts, timing):
            yield PlannedWrite("refresh_all", c.id, linking_episode(c.codat_id, c.linked_last_at))


def _was_seen_idle(connection: ConnectionFacts, facts: Facts, timing: Timing) -> bool:
    """The reads were listed late enough after linking to say that Codat did not begin by itself."""
    if connection.source_type == "Expense" or connection.linked_last_at is None:
        return False
    listed = facts.reads_listed_at
    return listed is not None and listed >= connection.linked_last_at + timing.first_read_grace


def _planned_emails(
    facts: Facts, stages: dict[int, ConnectionStage], timing: Timing
) -> Iterable[PlannedEmail]:
    for c in facts.connections:
        if c.source_type == "Expense":
            continue
        stage = stages[c.id]
        if stage is ConnectionStage.READY and c.status == LINKED and c.linked_first_at:
            episode = linking_episode(c.codat_id, c.linked_last_at)
            yield PlannedEmail("first_read_done", f"first_read_done:{episode}", c.id)
        if c.by_helper and c.status == LINKED and not c.gone:
            episode = linking_episode(c.codat_id, c.linked_last_at)
            yield PlannedEmail("delegate_done", f"delegate_done:{episode}", c.id)
        wanted = c.disconnected_by_customer and c.status == UNLINKED and not c.gone
        if wanted and c.status_changed_at:
            key = f"disconnected:{c.codat_id}:{c.status_changed_at.isoformat()}"
            yield PlannedEmail("disconnected", key, c.id)
        elif stage is ConnectionStage.LOST and c.status_changed_at:
            if not c.disconnected_by_customer and not is_rejected(c):
                key = f"access_lost:{c.codat_id}:{c.status_changed_at.isoformat()}"
                due_at = c.status_changed_at + timing.loss_mail_after
                yield PlannedEmail("access_lost", key, c.id, due_at)
        if c.word_wanted_at:
            if _works_again(c, facts):
                key = f"works_again:{c.codat_id}:{c.word_wanted_at.isoformat()}"
                yield PlannedEmail("works_again", key, c.id)
        elif stage is ConnectionStage.AUTHORIZING and c.made_late and not c.tried:
            yield PlannedEmail("works_again", f"works_again:{c.codat_id}", c.id)


def _works_again(connection: ConnectionFacts, facts: Facts) -> bool:
    """Codat answered since the customer met trouble, and there is still something to sign in to."""
    if connection.gone or connection.status == LINKED or not connection.word_wanted_at:
        return False
    return facts.observed_at is not None and facts.observed_at > connection.word_wanted_at


def _is_idle(connection: ConnectionFacts, stage: ConnectionStage, at: datetime) -> bool:
    since, after = connection.last_read_at, connection.idle_after
    if stage is not ConnectionStage.READY or connection.status != LINKED:
        return False
    return since is not None and after is not None and at >= since + after


def _problems(
    facts: Facts,
    stage: Stage,
    stages: dict[int, ConnectionStage],
    now: datetime,
    timing: Timing,
) -> Iterable[tuple[Reason, int | None]]:
    invitation = facts.invitation
    if stage is Stage.INVITED and invitation and invitation.expires_at <= now:
        yield Reason.LINK_EXPIRED, None
    if stage in (Stage.STARTED, Stage.AUTHORIZING) and facts.active_at:
        if now >= facts.active_at + timing.stopped_after:
            yield Reason.STOPPED, None
    if facts.refused:
        yield Reason.REFUSED, None
    if facts.mail_not_delivered:
        yield Reason.MAIL_NOT_DELIVERED, None
    if facts.waits_for_helper:
        yield Reason.WAITING_FOR_DELEGATE, None
    if facts.not_listed and stage not in (Stage.READING, Stage.READY):
        yield Reason.NOT_SUPPORTED, None
    if facts.deletion_asked:
        yield Reason.DELETION_ASKED, None
    for c in facts.connections:
        yield from ((reason, c.id) for reason in _connection_problems(c, stages[c.id], now, timing))


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
        yield Reason.DISCONNECTED if connection.disconnected_by_customer else Reason.ACCESS_LOST
    if _is_idle(connection, stage, now - timing.idle_refresh_time):
        yield Reason.ABOUT_TO_LAPSE
    if stage in (ConnectionStage.VERIFYING, ConnectionStage.READING, ConnectionStage.READY):
        reads = first_read(connection)
        if any(state in _SETTLED - _FINISHED for state in reads.values()):
            yield Reason.READ_FAILED
        stalled = _stalled_at(connection, timing)
        if stage is not ConnectionStage.READY and stalled and stalled <= now:
            yield Reason.READ_STALLED


def _stalled_at(connection: ConnectionFacts, timing: Timing) -> datetime | None:
    """When a first read that stands still counts as stalled."""
    reads = first_read(connection)
    if reads and all(state in _SETTLED for state in reads.values()):
        return None
    changes = [operation.changed_at for operation in connection.operations]
    since = max(
        [*changes, *([connection.linked_last_at] if connection.linked_last_at else [])],
        default=None,
    )
    return since + timing.stalled_after if since else None


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
            stalled = _stalled_at(c, timing)
            if stalled:
                moments.append(stalled)
        if stages[c.id] is ConnectionStage.READY and c.last_read_at and c.idle_after:
            idle_at = c.last_read_at + c.idle_after
            moments += [idle_at, idle_at + timing.idle_refresh_time]
    return min((moment for moment in moments if moment > now), default=None)
