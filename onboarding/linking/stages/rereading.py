"""Which reads we ask Codat for ourselves: what it did not begin, and what ended badly."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from .connections import has_begun_reading, linking_episode, newest_reads, still_needed
from .facts import ConnectionFacts, Facts, PlannedWrite, Timing
from .words import Reading, reading_of


def was_seen_idle(connection: ConnectionFacts, facts: Facts, timing: Timing) -> bool:
    """The reads were listed late enough after linking to say that Codat did not begin by itself."""
    if connection.source_type == "Expense" or connection.linked_last_at is None:
        return False
    listed = facts.reads_listed_at
    return listed is not None and listed >= connection.linked_last_at + timing.first_read_grace


def reads_to_ask_for(
    connection: ConnectionFacts, facts: Facts, timing: Timing
) -> Iterator[PlannedWrite]:
    """Needed data types that Codat left out when it began to read, once per linking.

    At once those that were read of another business before: after a relink Codat reads nothing by
    itself (named as an assumption of the simulator).
    """
    if not has_begun_reading(connection):
        return
    of_another = {read.data_type for read in connection.operations if read.of_another}
    begun = {read.data_type for read in connection.operations if not read.of_another}
    is_idle = was_seen_idle(connection, facts, timing)
    is_known = connection.identity is not None and connection.identity.confirmed
    for data_type in sorted(still_needed(connection).keys() - begun):
        if is_idle or (is_known and data_type in of_another):
            yield _refresh(connection, data_type, 0)


def reads_to_repeat(
    connection: ConnectionFacts, timing: Timing
) -> Iterator[tuple[datetime, PlannedWrite]]:
    """Needed data types whose read ended badly, and when to ask again.

    By itself where the trouble was Codat's or the software's; at once after a new sign-in.
    """
    newest = newest_reads(connection.operations)
    returned_at = connection.returned_at
    for data_type, state in still_needed(connection).items():
        if state is Reading.NEEDS_CUSTOMER and returned_at:
            if newest[data_type].changed_at < returned_at:
                yield returned_at, _refresh(connection, data_type, returned_at.isoformat())
        if state is not Reading.RETRYING:
            continue
        tries = [o for o in connection.operations if o.data_type == data_type]
        failed = sum(reading_of(operation.status) is Reading.RETRYING for operation in tries)
        if failed <= len(timing.repeat_reads_after):
            at = newest[data_type].changed_at + timing.repeat_reads_after[failed - 1]
            yield at, _refresh(connection, data_type, failed)


def _refresh(connection: ConnectionFacts, data_type: str, number: int | str) -> PlannedWrite:
    episode = linking_episode(connection.codat_id, connection.linked_last_at)
    target = f"{episode}:{data_type}:{number}"
    return PlannedWrite("refresh_data_type", connection.id, target, data_type)
