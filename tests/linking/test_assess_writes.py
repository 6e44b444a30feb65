"""What is asked of Codat because of the facts of a company."""

from dataclasses import replace
from datetime import timedelta

import pytest

from onboarding.linking.stages import assess

from .known_facts import (
    CONFIRMED,
    LINKED_AT,
    NOW,
    OUTDATED,
    REJECTED,
    ago,
    facts,
    linked,
    read,
    ready,
)


def seen_idle(**fields):
    late = {"linked_first_at": ago(minutes=5), "linked_last_at": ago(minutes=5)}
    return facts(linked(**late | fields), reads_listed_at=ago(minutes=1))


def test_a_first_read_that_codat_did_not_begin_is_planned_once_per_linking():
    (write,) = assess(seen_idle(), NOW).writes
    again = assess(seen_idle(), NOW + timedelta(hours=1)).writes

    assert write.kind == "refresh_all"
    assert again == (write,)


@pytest.mark.parametrize(
    "known",
    [
        seen_idle(operations=(read(status="Queued"),)),
        seen_idle(source_type="Expense"),
        seen_idle(gone=True),
        replace(seen_idle(), closed=True),
        replace(seen_idle(), reads_listed_at=None),
        replace(seen_idle(), reads_listed_at=ago(minutes=4)),
    ],
)
def test_no_first_read_is_planned_where_it_began_or_must_not(known):
    assert assess(known, NOW).writes == ()


def failed(times, **fields):
    reads = [read("bills", "MapError", requested=ago(hours=9 - n)) for n in range(times)]
    return facts(ready(operations=(read(), *reads), **fields))


REPEATS = {
    "at once": (failed(1), timedelta(minutes=5), []),
    "after a quarter of an hour": (failed(1), timedelta(minutes=12), [1]),
    "the second time later": (failed(2), timedelta(minutes=12), []),
    "after two hours": (failed(2), timedelta(hours=2), [2]),
    "a fourth time never": (failed(4), timedelta(days=9), []),
    "what nobody needs never": (failed(1, needed=("company",)), timedelta(days=9), []),
    "what needs the customer never": (
        facts(ready(operations=(read(), read("bills", "AuthError")))),
        timedelta(days=9),
        [],
    ),
}


@pytest.mark.parametrize(("known", "later", "tries"), REPEATS.values(), ids=REPEATS)
def test_a_needed_read_that_ended_badly_is_asked_for_again(known, later, tries):
    episode = f"c1:{LINKED_AT.isoformat()}"

    writes = assess(known, NOW + later).writes

    assert [write.target for write in writes] == [f"{episode}:bills:{n}" for n in tries]
    assert {write.data_type for write in writes} <= {"bills"}


def test_needed_reads_that_codat_left_out_are_asked_for_once():
    known = seen_idle(
        identity=CONFIRMED,
        needed=("company", "invoices", "orders"),
        offered=frozenset({"company", "invoices"}),
        operations=(read(),),
    )

    (write,) = assess(known, NOW).writes

    assert (write.kind, write.data_type) == ("refresh_data_type", "invoices")
    assert assess(known, NOW + timedelta(days=1)).writes == (write,)


OF_ANOTHER = read("invoices", "Initial", of_another=True)


def test_what_was_read_of_another_business_is_read_anew_as_soon_as_the_right_one_is_confirmed():
    known = linked(identity=CONFIRMED, operations=(read(), OF_ANOTHER))

    (write,) = assess(facts(known), NOW).writes
    begun = replace(known, operations=(*known.operations, read("invoices", "Queued")))

    assert (write.kind, write.data_type) == ("refresh_data_type", "invoices")
    assert assess(facts(begun), NOW).writes == ()


def test_what_was_rejected_is_disconnected_and_not_read():
    (write,) = assess(seen_idle(identity=REJECTED), NOW).writes

    assert (write.kind, write.connection_id) == ("unlink_connection", 1)


def test_after_a_relink_the_business_details_are_read_anew():
    known = linked(linked_first_at=ago(days=9), operations=(read(),), identity=OUTDATED)

    (write,) = assess(facts(known), NOW).writes

    assert (write.kind, write.data_type) == ("refresh_data_type", "company")
    assert LINKED_AT.isoformat() in write.target
