"""The problems that follow from the facts of a company, and when time alone changes them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from onboarding.linking.stages import Reason, assess

from .known_facts import (
    ANOTHER,
    LINKED_AT,
    LIVE_LINK,
    NOW,
    QUEUED,
    REJECTED,
    SHOWN,
    STALLED,
    UNANSWERED,
    ago,
    at_night,
    connection,
    facts,
    linked,
    read,
    read_once,
    ready,
    reasons,
)

DAY_LINKED = {"linked_first_at": ago(days=1), "linked_last_at": ago(days=1)}
LONG_LINKED = {"linked_first_at": ago(hours=4), "linked_last_at": ago(hours=4)}
LINKED_AN_HOUR_AGO = {"linked_first_at": ago(hours=1), "linked_last_at": ago(hours=1)}
PROBLEMS = {
    "link expired": (
        facts(invitation=replace(LIVE_LINK, expires_at=NOW)),
        {Reason.LINK_EXPIRED},
    ),
    "link still good": (facts(invitation=LIVE_LINK), set()),
    "expired link of somebody who began": (
        facts(
            invitation=replace(LIVE_LINK, expires_at=ago(days=1)),
            begun_at=ago(days=2),
            active_at=ago(minutes=1),
        ),
        set(),
    ),
    "stopped": (facts(begun_at=ago(hours=2), active_at=ago(hours=1)), {Reason.STOPPED}),
    "not stopped yet": (facts(begun_at=ago(hours=2), active_at=ago(minutes=59)), set()),
    "cancelled": (facts(connection(last_error_code="403")), {Reason.CANCELLED}),
    "not supported": (facts(connection(last_error_code="501")), {Reason.NOT_SUPPORTED}),
    "failed": (facts(connection(last_error_code="500")), {Reason.FAILED}),
    "failed in words of its own": (facts(connection(last_error_code="oops")), {Reason.FAILED}),
    "linked after a failure": (facts(linked(last_error_code="500")), set()),
    "access lost": (
        facts(connection("Deauthorized", was_confirmed=True)),
        {Reason.ACCESS_LOST},
    ),
    "disconnected": (
        facts(connection("Unlinked", was_confirmed=True, disconnected_by_customer=True)),
        {Reason.DISCONNECTED},
    ),
    "wrong company": (facts(connection("Unlinked", identity=REJECTED)), {Reason.WRONG_COMPANY}),
    "wrong company, still linked": (facts(linked(identity=REJECTED)), {Reason.WRONG_COMPANY}),
    "wrong company at a relink": (
        facts(connection("Unlinked", identity=REJECTED, was_confirmed=True)),
        {Reason.WRONG_COMPANY},
    ),
    "wrong company an earlier time": (
        facts(linked(identity=replace(REJECTED, read_after_link=False))),
        set(),
    ),
    "read failed": (
        facts(ready(operations=(read(), read("bills", "FetchError")))),
        {Reason.READ_FAILED},
    ),
    "needs the customer": (
        facts(ready(operations=(read(), read("bills", "AuthError")))),
        {Reason.READ_NEEDS_CUSTOMER},
    ),
    "needs the customer, and failed": (
        facts(ready(operations=(read("bills", "PermissionsError"), read("items", "MapError")))),
        {Reason.READ_NEEDS_CUSTOMER, Reason.READ_FAILED},
    ),
    "one-time software that was read": (facts(read_once()), set()),
    "the computer is off": (
        facts(ready(operations=(QUEUED,), is_offline=True, **LONG_LINKED)),
        {Reason.MACHINE_OFF},
    ),
    "the computer is off, and the name not read": (
        facts(linked(operations=(QUEUED,), is_offline=True, **LONG_LINKED)),
        {Reason.MACHINE_OFF},
    ),
    "the computer went off in the middle": (
        facts(ready(operations=(UNANSWERED,), is_offline=True, **LONG_LINKED)),
        {Reason.MACHINE_OFF},
    ),
    "the computer is off for an hour": (
        facts(ready(operations=(replace(QUEUED, changed_at=ago(hours=1)),), is_offline=True)),
        set(),
    ),
    "desktop software read in the middle": (
        facts(ready(operations=(STALLED,), is_offline=True, **LONG_LINKED)),
        {Reason.READ_STALLED},
    ),
    "queued where no computer is": (
        facts(ready(operations=(QUEUED,), **LONG_LINKED)),
        {Reason.READ_STALLED},
    ),
    "read at night, by day": (
        facts(at_night(operations=(QUEUED,), **LONG_LINKED)),
        set(),
    ),
    "read at night, and a night has passed": (
        facts(at_night(operations=(replace(QUEUED, changed_at=ago(days=1)),), **DAY_LINKED)),
        {Reason.MACHINE_OFF},
    ),
    "read failed and was repeated": (
        facts(
            ready(
                operations=(
                    read(),
                    read("bills", "FetchError", requested=ago(minutes=9)),
                    read("bills", "Complete", requested=ago(minutes=2)),
                )
            )
        ),
        set(),
    ),
    "stalled": (facts(ready(operations=(STALLED,), **LONG_LINKED)), {Reason.READ_STALLED}),
    "never begun": (
        facts(linked(**LONG_LINKED)),
        {Reason.READ_STALLED},
    ),
    "nobody says whose it is": (
        facts(linked(identity=SHOWN, operations=(read(),), **LINKED_AN_HOUR_AGO)),
        {Reason.IDENTITY_UNKNOWN},
    ),
    "just shown": (facts(linked(identity=SHOWN, operations=(read(),))), set()),
    "asked to be asked later": (
        facts(linked(name_later=True, operations=(read(),))),
        {Reason.IDENTITY_UNKNOWN},
    ),
    "linked elsewhere": (
        facts(linked(identity=SHOWN, linked_elsewhere=True, operations=(read(),))),
        {Reason.LINKED_ELSEWHERE},
    ),
    "linked elsewhere, and confirmed all the same": (facts(ready(linked_elsewhere=True)), set()),
    "linked elsewhere, as another business": (
        facts(linked(identity=ANOTHER, linked_elsewhere=True)),
        {Reason.WRONG_COMPANY},
    ),
    "the browser may still come back": (
        facts(linked(linked_elsewhere=True, linked_last_at=ago(seconds=50))),
        set(),
    ),
    "another business on a relink": (
        facts(connection("Unlinked", identity=ANOTHER, was_confirmed=True)),
        {Reason.WRONG_COMPANY},
    ),
    "about to lapse": (
        facts(ready(last_read_at=ago(days=49), idle_after=timedelta(days=45))),
        {Reason.ABOUT_TO_LAPSE},
    ),
    "idle, being refreshed": (
        facts(ready(last_read_at=ago(days=46), idle_after=timedelta(days=45))),
        set(),
    ),
    "refused": (facts(refused=True), {Reason.REFUSED}),
    "mail not delivered": (facts(mail_not_delivered=True), {Reason.MAIL_NOT_DELIVERED}),
    "closed": (
        facts(connection("Deauthorized", was_confirmed=True), closed=True, refused=True),
        set(),
    ),
}


@pytest.mark.parametrize(("known", "expected"), PROBLEMS.values(), ids=PROBLEMS)
def test_each_problem_has_its_reason(known, expected):
    assert reasons(assess(known, NOW)) == expected


def test_two_problems_do_not_hide_each_other():
    known = facts(
        ready(operations=(read(), read("bills", "FetchError"))),
        connection("Deauthorized", id=2, was_confirmed=True, category="banking"),
        mail_not_delivered=True,
    )

    assert assess(known, NOW).problems == {
        (Reason.READ_FAILED, 1),
        (Reason.ACCESS_LOST, 2),
        (Reason.MAIL_NOT_DELIVERED, None),
    }


CHANGES = {
    "the link expires": (facts(invitation=LIVE_LINK), LIVE_LINK.expires_at),
    "the customer counts as stopped": (
        facts(begun_at=ago(minutes=9), active_at=ago(minutes=9)),
        NOW + timedelta(minutes=51),
    ),
    "the read should have begun": (
        facts(linked(linked_first_at=ago(seconds=30), linked_last_at=ago(seconds=30))),
        NOW + timedelta(seconds=90),
    ),
    "the read counts as stalled": (
        facts(ready(operations=(read("company", "Queued", changed_at=ago(minutes=3)),))),
        NOW + timedelta(minutes=117),
    ),
    "what failed is asked for again": (
        facts(ready(operations=(read(), read("bills", "FetchError")))),
        NOW + timedelta(minutes=12),
    ),
    "the night in which it should be read is two hours old": (
        facts(at_night(operations=(QUEUED,))),
        NOW + timedelta(hours=9),
    ),
    "the browser that left stays away": (
        facts(linked(linked_elsewhere=True, linked_last_at=ago(seconds=30))),
        NOW + timedelta(seconds=90),
    ),
    "nobody has said whose it is": (
        facts(linked(identity=SHOWN, operations=(read(changed_at=LINKED_AT),))),
        NOW + timedelta(minutes=55),
    ),
    "the permission goes stale": (
        facts(ready(last_read_at=ago(days=40), idle_after=timedelta(days=45))),
        NOW + timedelta(days=5),
    ),
    "nothing": (facts(), None),
    "nothing once closed": (facts(linked(), closed=True), None),
}


@pytest.mark.parametrize(("known", "moment"), CHANGES.values(), ids=CHANGES)
def test_the_earliest_change_by_time_alone_is_known(known, moment):
    assert assess(known, NOW).changes_at == moment


def test_a_request_to_delete_is_a_problem_until_it_is_answered():
    asked = facts(deletion_asked=True)

    assert (Reason.DELETION_ASKED, None) in assess(asked, NOW).problems
    assert (Reason.DELETION_ASKED, None) not in assess(facts(), NOW).problems
