"""The stage that follows from the facts of a company, without a database."""

from dataclasses import replace

import pytest

from onboarding.linking.stages import (
    ConnectionStage,
    LinkStatus,
    Reading,
    Stage,
    assess,
    reading_of,
)

from .known_facts import (
    LIVE_LINK,
    NOW,
    OUTDATED,
    REJECTED,
    SHOWN,
    ago,
    connection,
    facts,
    linked,
    read,
    read_once,
    ready,
)

STAGES = {
    "nobody was invited": (facts(), Stage.DRAFT),
    "a link was sent": (facts(invitation=LIVE_LINK), Stage.INVITED),
    "the link was taken back": (facts(invitation=replace(LIVE_LINK, ended=True)), Stage.DRAFT),
    "a person began": (facts(begun_at=ago(minutes=2), invitation=LIVE_LINK), Stage.STARTED),
    "at the sign-in": (facts(connection(), begun_at=ago(minutes=2)), Stage.AUTHORIZING),
    "linked, nothing known": (facts(linked()), Stage.CONFIRMING),
    "linked, name shown": (facts(linked(identity=SHOWN, operations=(read(),))), Stage.CONFIRMING),
    "relinked, old name": (facts(linked(identity=OUTDATED, was_confirmed=True)), Stage.CONFIRMING),
    "confirmed, not read": (facts(ready(operations=())), Stage.READING),
    "one read still open": (
        facts(ready(operations=(read(), read("bills", "Fetching")))),
        Stage.READING,
    ),
    "everything read": (facts(ready()), Stage.READY),
    "what is not offered is no obstacle": (
        facts(ready(operations=(read(), read("bills", "NotSupported")))),
        Stage.READY,
    ),
    "nothing could be read": (facts(ready(operations=(read(status="FetchError"),))), Stage.READING),
    "access ended": (facts(connection("Deauthorized", was_confirmed=True)), Stage.LOST),
    "disconnected": (facts(connection("Unlinked", was_confirmed=True)), Stage.LOST),
    "a word of Codat's nobody knows": (
        facts(connection("Frozen", was_confirmed=True)),
        Stage.LOST,
    ),
    "ended before it was confirmed": (
        facts(connection("Unlinked", identity=REJECTED), begun_at=ago(minutes=9)),
        Stage.STARTED,
    ),
    "deleted at Codat": (facts(ready(gone=True), begun_at=ago(minutes=9)), Stage.STARTED),
    "one kind failed": (
        facts(ready(operations=(read(), read("bills", "FetchError")))),
        Stage.READING,
    ),
    "one kind needs the customer": (
        facts(ready(operations=(read(), read("bills", "AuthError")))),
        Stage.READING,
    ),
    "what is not needed failed": (
        facts(ready(needed=("company",), operations=(read(), read("bills", "FetchError")))),
        Stage.READY,
    ),
    "what is not needed goes on": (
        facts(ready(needed=("company",), operations=(read(), read("bills", "Fetching")))),
        Stage.READY,
    ),
    "what is needed was never begun": (
        facts(ready(needed=("company", "invoices"))),
        Stage.READING,
    ),
    "what is needed cannot be had from this software": (
        facts(ready(needed=("company", "invoices"), offered=frozenset({"company", "bills"}))),
        Stage.READY,
    ),
    "what is needed is not offered after all": (
        facts(
            ready(
                needed=("company", "invoices"),
                offered=frozenset({"company", "invoices"}),
                operations=(read(), read("invoices", "NotSupported")),
            )
        ),
        Stage.READY,
    ),
    "what was read once is read again": (
        facts(ready(operations=(read(), read(status="Fetching", requested=ago(minutes=1))))),
        Stage.READY,
    ),
    "one-time software that has done its work": (facts(read_once()), Stage.READY),
    "one-time software, name to confirm": (
        facts(read_once(was_confirmed=False, identity=SHOWN)),
        Stage.CONFIRMING,
    ),
    "one-time software, another business": (
        facts(read_once(was_confirmed=False, identity=REJECTED), begun_at=ago(minutes=9)),
        Stage.STARTED,
    ),
    "one-time software that ended too soon": (
        facts(read_once(operations=(read(), read("bills", "AuthError")))),
        Stage.LOST,
    ),
    "one-time software that somebody disconnected": (
        facts(read_once("Unlinked")),
        Stage.LOST,
    ),
    "closed by staff": (facts(ready(), closed=True), Stage.CLOSED),
}


@pytest.mark.parametrize(("known", "stage"), STAGES.values(), ids=STAGES)
def test_the_stage_follows_from_the_required_category(known, stage):
    assert assess(known, NOW).stage == stage


def test_the_table_reaches_every_stage():
    assert {stage for _, stage in STAGES.values()} == set(Stage)


PRECEDENCE = [
    (ready(id=1), connection("Deauthorized", id=2, was_confirmed=True), Stage.LOST),
    (linked(id=1), connection("Deauthorized", id=2, was_confirmed=True), Stage.LOST),
    (connection(id=1), linked(id=2), Stage.CONFIRMING),
    (connection(id=1), ready(id=2), Stage.AUTHORIZING),
    (ready(id=1, operations=()), ready(id=2), Stage.READING),
    (ready(id=1), ready(id=2), Stage.READY),
]


@pytest.mark.parametrize(("first", "second", "stage"), PRECEDENCE)
def test_of_two_required_categories_the_more_urgent_speaks(first, second, stage):
    known = facts(first, replace(second, category="banking"), required=("accounting", "banking"))

    assert assess(known, NOW).stage == stage


def test_a_required_category_with_nothing_in_it_holds_the_others_at_started():
    known = facts(ready(), required=("accounting", "banking"), begun_at=ago(hours=2))

    assert assess(known, NOW).stage == Stage.STARTED


def test_an_optional_connection_changes_its_category_and_never_the_stage():
    extra = connection(id=2, category="banking", source_type="Banking")

    assessment = assess(facts(ready(), extra), NOW)

    assert assessment.stage == Stage.READY
    assert assessment.categories == {
        "accounting": ConnectionStage.READY,
        "banking": ConnectionStage.AUTHORIZING,
    }


@pytest.mark.parametrize(
    ("status", "stage"), [("PendingAuth", "authorizing"), ("Unlinked", "ended"), ("Frozen", None)]
)
def test_the_best_connection_of_a_category_speaks_for_it(status, stage):
    beside = connection(status, id=2)

    assessment = assess(facts(ready(), beside), NOW)

    assert assessment.stage == Stage.READY
    assert stage in (None, assessment.connections[2])


def test_an_expense_connection_needs_no_name_and_no_read():
    known = facts(ready(), linked(id=2, category="expense", source_type="Expense"))

    assessment = assess(known, NOW)

    assert assessment.connections[2] == ConnectionStage.READY
    assert {mail.connection_id for mail in assessment.emails} == {1}


LINK_STATUSES = [
    ((), LinkStatus.BLANK),
    (("PendingAuth",), LinkStatus.PENDING),
    (("PendingAuth", "Unlinked"), LinkStatus.PENDING),
    (("PendingAuth", "Deauthorized"), LinkStatus.DEAUTHORISED),
    (("Unlinked",), LinkStatus.DEAUTHORISED),
    (("Deauthorized", "Unlinked", "Linked"), LinkStatus.LINKED),
    (("Frozen",), LinkStatus.BLANK),
]


@pytest.mark.parametrize(("statuses", "word"), LINK_STATUSES)
def test_the_link_status_is_one_of_four_words(statuses, word):
    known = facts(*(connection(status, id=n) for n, status in enumerate(statuses)))

    assert assess(known, NOW).link_status == word


def test_a_word_codat_never_used_before_counts_as_under_way():
    assert reading_of("Pondering") == Reading.WORKING
