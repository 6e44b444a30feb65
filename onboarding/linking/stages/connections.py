"""What one connection's facts say by themselves: its stage, its first read, its idleness."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from .facts import ConnectionFacts, OperationFacts, ReadWindow, Timing
from .words import (
    DEAUTHORIZED,
    LINKED,
    NOT_BEGUN,
    UNLINKED,
    WAITING_FOR_COMPUTER,
    ConnectionStage,
    Reading,
    Wait,
    reading_of,
)


def linking_episode(codat_id: str, linked_last_at: datetime | None) -> str:
    """Names one linking of one connection: what is planned once per linking hangs on it."""
    return f"{codat_id}:{linked_last_at.isoformat() if linked_last_at else ''}"


FINISHED = {Reading.DONE, Reading.NOT_OFFERED}
OPEN = {Reading.WAITING, Reading.WORKING}


# ── reads ────────────────────────────────────────────────────────────────────────────────────────
def newest_reads(operations: Iterable[OperationFacts]) -> dict[str, OperationFacts]:
    """The newest operation of each data type."""
    newest: dict[str, OperationFacts] = {}
    for operation in operations:
        known = newest.get(operation.data_type)
        if known is None or _asked(operation) >= _asked(known):
            newest[operation.data_type] = operation
    return newest


def _asked(operation: OperationFacts) -> datetime:
    return operation.requested or operation.changed_at


def first_read(operations: Iterable[OperationFacts]) -> dict[str, Reading]:
    """The state of each data type by its newest operation; what was read once stays read."""
    operations = tuple(operations)
    reads = {
        data_type: reading_of(operation.status)
        for data_type, operation in newest_reads(operations).items()
    }
    done = {o.data_type for o in operations if reading_of(o.status) is Reading.DONE}
    return reads | dict.fromkeys(done, Reading.DONE)


def still_needed(connection: ConnectionFacts) -> dict[str, Reading]:
    """What stands between this connection and being ready, by data type.

    What is needed and was never begun counts as waiting.
    """
    reads = first_read(connection.operations)
    needed = connection.needed or tuple(reads)
    offered = connection.offered | reads.keys() if connection.offered else set(needed)
    states = {name: reads.get(name, Reading.WAITING) for name in needed if name in offered}
    return {name: state for name, state in states.items() if state not in FINISHED}


def has_read_all(connection: ConnectionFacts) -> bool:
    return bool(connection.operations) and not still_needed(connection)


def waiting_for(
    operations: Iterable[OperationFacts],
    *,
    is_offline: bool,
    window: ReadWindow | None,
    now: datetime,
) -> Wait | None:
    """What all reads that are open wait for; None when one of them goes on by itself."""
    newest = newest_reads(operations).values()
    standing = [o for o in newest if reading_of(o.status) in OPEN]
    if not standing or not all(_stands(operation) for operation in standing):
        return None
    if window is not None and not window.is_open(now):
        return Wait.NIGHT
    if not is_offline:
        return None
    working = any(reading_of(operation.status) is Reading.WORKING for operation in standing)
    return Wait.BUSINESS if working else Wait.COMPUTER


def _stands(operation: OperationFacts) -> bool:
    is_queued = reading_of(operation.status) is Reading.WAITING
    return is_queued or operation.description.startswith(WAITING_FOR_COMPUTER)


# ── stages ───────────────────────────────────────────────────────────────────────────────────────
def connection_stage(connection: ConnectionFacts) -> ConnectionStage:
    if connection.gone:
        return ConnectionStage.GONE
    if connection.status == LINKED or ended_as_planned(connection):
        return _stage_while_linked(connection)
    if connection.status in (UNLINKED, DEAUTHORIZED):
        is_loss = connection.was_confirmed and not connection.replaced
        return ConnectionStage.LOST if is_loss else ConnectionStage.ENDED
    if connection.was_confirmed:
        return ConnectionStage.LOST
    return ConnectionStage.AUTHORIZING


def ended_as_planned(connection: ConnectionFacts) -> bool:
    """Software that is read once has been read, and has disconnected itself (FACTS 6.1)."""
    if not connection.one_time or connection.status != DEAUTHORIZED or is_rejected(connection):
        return False
    return has_read_all(connection)


def _stage_while_linked(connection: ConnectionFacts) -> ConnectionStage:
    if connection.source_type == "Expense":
        return ConnectionStage.READY
    identity = connection.identity
    if identity is None or not identity.read_after_link or not identity.confirmed:
        return ConnectionStage.VERIFYING
    return ConnectionStage.READY if has_read_all(connection) else ConnectionStage.READING


def has_begun_reading(connection: ConnectionFacts) -> bool:
    """Whether Codat began the first read by itself: any operation of it past `Initial`."""
    return any(operation.status != NOT_BEGUN for operation in connection.operations)


def is_rejected(connection: ConnectionFacts) -> bool:
    """Somebody said of the present linking that it is another business."""
    identity = connection.identity
    return identity is not None and identity.read_after_link and identity.rejected


def is_doubled(connection: ConnectionFacts) -> bool:
    """Its business may be another customer's; whether that stops it depends on the deployment."""
    identity = connection.identity
    return identity is not None and identity.read_after_link and identity.doubled


def was_ended_here(connection: ConnectionFacts) -> bool:
    """The customer, staff or the portal itself ended it: nobody took anything away."""
    return connection.unlinked_by_us or connection.disconnected_by_customer


def elsewhere_at(connection: ConnectionFacts, timing: Timing) -> datetime | None:
    """When a linking that came back to none of our browsers counts as one from elsewhere.

    Never for desktop software: there the connector finishes it, and no browser need come back.
    """
    if not connection.linked_elsewhere or connection.linked_last_at is None:
        return None
    if connection.is_offline:
        return None
    return connection.linked_last_at + timing.elsewhere_after


def unconfirmed_at(connection: ConnectionFacts, timing: Timing) -> datetime | None:
    """When a business that nobody has confirmed becomes something for staff.

    While its name is still being read, what holds up the reading says more.
    """
    linked_at, identity = connection.linked_last_at, connection.identity
    if linked_at is None or connection.name_later:
        return linked_at
    is_known = identity is not None and identity.read_after_link
    return linked_at + timing.stopped_after if is_known else None


def is_idle(connection: ConnectionFacts, stage: ConnectionStage, at: datetime) -> bool:
    since, after = connection.last_read_at, connection.idle_after
    if stage is not ConnectionStage.READY or connection.status != LINKED:
        return False
    return since is not None and after is not None and at >= since + after


def stalled_at(connection: ConnectionFacts, timing: Timing) -> datetime | None:
    """When a first read that stands still counts as stalled; closed hours do not count."""
    missing = still_needed(connection)
    if connection.operations and not any(state in OPEN for state in missing.values()):
        return None
    changes = [operation.changed_at for operation in connection.operations]
    since = max(
        [*changes, *([connection.linked_last_at] if connection.linked_last_at else [])],
        default=None,
    )
    if since is None:
        return None
    window = connection.read_window
    return (window.next_open(since) if window else since) + timing.stalled_after
