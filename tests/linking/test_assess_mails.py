"""The mails that follow from the facts of a company."""

from dataclasses import replace
from datetime import timedelta

import pytest

from onboarding.linking.stages import assess

from .known_facts import (
    ANOTHER,
    LINKED_AT,
    NOW,
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


def test_software_that_was_read_once_as_planned_is_mailed_as_read_and_never_as_lost():
    planned = facts(read_once(status_changed_at=ago(minutes=1)))
    lost = facts(read_once(status_changed_at=ago(minutes=1), one_time=False))

    assert [mail.kind for mail in assess(planned, NOW).emails] == ["first_read_done"]
    assert [mail.kind for mail in assess(lost, NOW).emails] == ["access_lost"]


NAME_MAILS = {
    "another business, disconnected": (
        connection("Unlinked", identity=ANOTHER, was_confirmed=True),
        {"other_business"},
    ),
    "another business, still linked": (linked(identity=ANOTHER), set()),
    "the customer's own “another business”": (connection("Unlinked", identity=REJECTED), set()),
    "a name for who went on without": (
        linked(identity=SHOWN, name_later=True),
        {"name_to_confirm"},
    ),
    "still no name": (linked(name_later=True), set()),
    "a name for who is there": (linked(identity=SHOWN), set()),
    "a name for who came back connected": (
        linked(identity=SHOWN, returned_at=LINKED_AT + timedelta(seconds=1)),
        set(),
    ),
    "a name for who came back before it was connected": (
        linked(identity=SHOWN, returned_at=LINKED_AT - timedelta(minutes=1)),
        {"name_to_confirm"},
    ),
}


@pytest.mark.parametrize(("known", "kinds"), NAME_MAILS.values(), ids=NAME_MAILS)
def test_mails_about_the_name_go_out_where_nobody_is_looking(known, kinds):
    assert {email.kind for email in assess(facts(known), NOW).emails} == kinds


def test_who_came_back_too_early_is_mailed_only_after_a_chance_to_answer_on_the_page():
    known = linked(identity=SHOWN, returned_at=LINKED_AT - timedelta(minutes=1))

    (mail,) = assess(facts(known), NOW).emails

    assert mail.due_at == LINKED_AT + timedelta(minutes=2)


def test_the_mail_that_all_is_read_belongs_to_one_linking():
    first = keys(ready())
    same = keys(ready(operations=(read(), read("bills"))))
    relinked = keys(ready(linked_last_at=NOW))

    assert first.keys() == {"first_read_done", "connected"}
    assert same == first
    assert all(relinked[kind] != key for kind, key in first.items())


def keys(known):
    return {mail.kind: mail.dedupe_key for mail in assess(facts(known), NOW).emails}


@pytest.mark.parametrize("identity", [None, SHOWN, replace(SHOWN, rejected=True)])
def test_nothing_is_called_connected_before_it_is_known_whose_business_it_is(identity):
    assert "connected" not in keys(linked(identity=identity))


def test_a_loss_is_mailed_late_enough_to_be_looked_at_twice():
    lost = connection("Deauthorized", was_confirmed=True, status_changed_at=ago(minutes=1))

    (mail,) = assess(facts(lost), NOW).emails

    assert (mail.kind, mail.due_at) == ("access_lost", NOW + timedelta(minutes=29))


@pytest.mark.parametrize(
    ("fields", "mailed"),
    [
        ({"disconnected_by_customer": True}, ["disconnected"]),
        ({"disconnected_by_customer": True, "was_confirmed": False}, ["disconnected"]),
        ({"identity": REJECTED}, []),
        ({"gone": True}, []),
    ],
)
def test_a_loss_that_somebody_wanted_is_not_mailed_as_one(fields, mailed):
    ended = connection(
        "Unlinked", **{"was_confirmed": True, "status_changed_at": ago(minutes=1), **fields}
    )

    assert [email.kind for email in assess(facts(ended), NOW).emails] == mailed
