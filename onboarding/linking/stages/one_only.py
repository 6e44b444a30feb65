"""Where only one connection is read at a time: what was left behind never becomes a second."""

from __future__ import annotations

from collections.abc import Iterable

from .connections import linking_episode
from .facts import ConnectionFacts, Facts, PlannedWrite
from .words import LINKED, PENDING_AUTH


def writes_against_a_second(facts: Facts) -> Iterable[PlannedWrite]:
    """What was begun and never linked is deleted once another one is linked.

    Of two that are linked the one that the customer went to last stays; one that nobody went to
    from here is left to staff.
    """
    for c in facts.connections:
        if c.category not in facts.one_only or c.gone or c.source_type == "Expense":
            continue
        linked = [o for o in facts.connections if o.category == c.category and _counts(o)]
        others = [other for other in linked if other.id != c.id]
        if c.status == PENDING_AUTH and c.linked_first_at is None and others:
            yield PlannedWrite("delete_connection", c.id, c.codat_id)
        if c.status == LINKED and c.left_at and c.linked_last_at:
            if any(other.left_at and other.left_at > c.left_at for other in others):
                episode = linking_episode(c.codat_id, c.linked_last_at)
                yield PlannedWrite("unlink_connection", c.id, episode)


def _counts(connection: ConnectionFacts) -> bool:
    """Linked, and meant to stay so."""
    is_kept = not connection.gone and not connection.unlinked_by_us
    return is_kept and connection.status == LINKED and connection.source_type != "Expense"
