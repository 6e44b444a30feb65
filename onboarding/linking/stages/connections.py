"""What one connection's facts say by themselves: its stage, its first read, its idleness."""

from __future__ import annotations

from datetime import datetime

from .facts import ConnectionFacts, OperationFacts, Timing
from .words import DEAUTHORIZED, LINKED, UNLINKED, ConnectionStage, Reading, reading_of


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


FINISHED = {Reading.DONE, Reading.NOT_OFFERED}
SETTLED = FINISHED | {Reading.RETRYING, Reading.NEEDS_CUSTOMER}


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
    if reads and all(state in SETTLED for state in reads.values()):
        if any(state in FINISHED for state in reads.values()):
            return ConnectionStage.READY
    return ConnectionStage.READING


def has_begun_reading(connection: ConnectionFacts) -> bool:
    """Whether Codat began the first read by itself: any operation of it past `Initial`."""
    return any(operation.status != "Initial" for operation in connection.operations)


def is_rejected(connection: ConnectionFacts) -> bool:
    """Somebody said of the present linking that it is another business."""
    identity = connection.identity
    return identity is not None and identity.read_after_link and identity.rejected


def is_idle(connection: ConnectionFacts, stage: ConnectionStage, at: datetime) -> bool:
    since, after = connection.last_read_at, connection.idle_after
    if stage is not ConnectionStage.READY or connection.status != LINKED:
        return False
    return since is not None and after is not None and at >= since + after


def stalled_at(connection: ConnectionFacts, timing: Timing) -> datetime | None:
    """When a first read that stands still counts as stalled."""
    reads = first_read(connection)
    if reads and all(state in SETTLED for state in reads.values()):
        return None
    changes = [operation.changed_at for operation in connection.operations]
    since = max(
        [*changes, *([connection.linked_last_at] if connection.linked_last_at else [])],
        default=None,
    )
    return since + timing.stalled_after if since else None
