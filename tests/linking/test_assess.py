"""What follows from the facts of a company, without a database: tables, then properties."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onboarding.linking.stages import (
    READING_OF_STATUS,
    WAITING_FOR_COMPUTER,
    ConnectionFacts,
    ConnectionStage,
    Facts,
    IdentityFacts,
    InvitationFacts,
    LinkStatus,
    OperationFacts,
    Reading,
    ReadWindow,
    Reason,
    Stage,
    Wait,
    assess,
    reading_of,
    waiting_for,
)

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
LINKED_AT = NOW - timedelta(minutes=5)
CONFIRMED = IdentityFacts(read_after_link=True, confirmed=True, rejected=False)
SHOWN = IdentityFacts(read_after_link=True, confirmed=False, rejected=False)
REJECTED = IdentityFacts(read_after_link=True, confirmed=False, rejected=True)
ANOTHER = replace(REJECTED, is_another=True)
OUTDATED = IdentityFacts(read_after_link=False, confirmed=True, rejected=False)
LIVE_LINK = InvitationFacts(expires_at=NOW + timedelta(days=3), opened=False, ended=False)


def ago(**parts):
    return NOW - timedelta(**parts)


def read(data_type="company", status="Complete", **fields):
    defaults = {"codat_id": f"{data_type}-{status}", "requested": ago(minutes=4)}
    defaults |= {"changed_at": ago(minutes=3)}
    return OperationFacts(data_type=data_type, status=status, **{**defaults, **fields})


def connection(status="PendingAuth", id=1, **fields):  # noqa: A002 - the facts' own name
    defaults = {"codat_id": f"c{id}", "category": "accounting", "source_type": "Accounting"}
    if status != "PendingAuth":
        defaults |= {"linked_first_at": LINKED_AT, "linked_last_at": LINKED_AT}
    return ConnectionFacts(id=id, status=status, **{**defaults, **fields})


def linked(**fields):
    return connection("Linked", **fields)


def ready(**fields):
    return linked(
        **{"identity": CONFIRMED, "was_confirmed": True, "operations": (read(),)} | fields
    )


def read_once(status="Deauthorized", **fields):
    """Software that disconnects itself once it has been read."""
    defaults = {"one_time": True, "was_confirmed": True, "identity": CONFIRMED}
    return connection(status, **{**defaults, "operations": (read(),), **fields})


def facts(*connections, **fields):
    return Facts(
        required=fields.pop("required", ("accounting",)), connections=connections, **fields
    )


def reasons(assessment):
    return {reason for reason, _ in assessment.problems}


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


STALLED = read("company", "Fetching", changed_at=ago(hours=3), requested=ago(hours=3))
QUEUED = read("invoices", "Queued", changed_at=ago(hours=3), requested=ago(hours=3))
UNANSWERED = replace(QUEUED, status="Fetching", description=WAITING_FOR_COMPUTER)
NIGHTS = ReadWindow(time(19), time(7))


def at_night(**fields):
    return ready(is_offline=True, read_window=NIGHTS, **fields)


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


# ── desktop software ─────────────────────────────────────────────────────────────────────────────
FRIDAY, SATURDAY = datetime(2026, 9, 4, tzinfo=UTC), datetime(2026, 9, 5, tzinfo=UTC)
OFFICE = ReadWindow(time(9), time(17), weekends=False)
WINDOWS = [
    (NIGHTS, FRIDAY.replace(hour=18, minute=59), FRIDAY.replace(hour=19)),
    (NIGHTS, FRIDAY.replace(hour=19), FRIDAY.replace(hour=19)),
    (NIGHTS, FRIDAY.replace(hour=6, minute=59), FRIDAY.replace(hour=6, minute=59)),
    (NIGHTS, FRIDAY.replace(hour=7), FRIDAY.replace(hour=19)),
    (NIGHTS, SATURDAY.replace(hour=12), SATURDAY.replace(hour=12)),
    (replace(NIGHTS, weekends=False), SATURDAY.replace(hour=12), SATURDAY.replace(hour=19)),
    (OFFICE, FRIDAY.replace(hour=12), FRIDAY.replace(hour=12)),
    (OFFICE, FRIDAY.replace(hour=17), SATURDAY.replace(hour=9)),
    (replace(OFFICE, weekends=True), FRIDAY.replace(hour=17), SATURDAY),
    (
        replace(NIGHTS, zone=ZoneInfo("America/New_York")),
        FRIDAY.replace(hour=19),
        FRIDAY.replace(hour=23),
    ),
]


@pytest.mark.parametrize(("window", "at", "opens"), WINDOWS)
def test_hours_of_reading_run_over_midnight_and_weekends(window, at, opens):
    assert window.next_open(at) == opens
    assert window.is_open(at) == (at == opens)


WAITS = {
    "queued by day": ((QUEUED,), True, NIGHTS, Wait.NIGHT),
    "queued in the hours": ((QUEUED,), True, ReadWindow(time(9), time(17)), Wait.COMPUTER),
    "queued at any time": ((read(), QUEUED), True, None, Wait.COMPUTER),
    "no answer from the computer": ((UNANSWERED,), True, None, Wait.BUSINESS),
    "no answer by day": ((UNANSWERED,), True, NIGHTS, Wait.NIGHT),
    "one goes on": ((QUEUED, read("bills", "Fetching")), True, NIGHTS, None),
    "all done": ((read(),), True, NIGHTS, None),
    "nothing begun": ((), True, None, None),
    "software on the web": ((QUEUED,), False, None, None),
}


@pytest.mark.parametrize(("known", "is_offline", "window", "wait"), WAITS.values(), ids=WAITS)
def test_what_reads_of_desktop_software_wait_for(known, is_offline, window, wait):
    assert waiting_for(known, is_offline=is_offline, window=window, now=NOW) == wait


def test_software_that_was_read_once_as_planned_is_mailed_as_read_and_never_as_lost():
    planned = facts(read_once(status_changed_at=ago(minutes=1)))
    lost = facts(read_once(status_changed_at=ago(minutes=1), one_time=False))

    assert [mail.kind for mail in assess(planned, NOW).emails] == ["first_read_done"]
    assert [mail.kind for mail in assess(lost, NOW).emails] == ["access_lost"]


def test_what_was_rejected_is_disconnected_and_not_read():
    (write,) = assess(seen_idle(identity=REJECTED), NOW).writes

    assert (write.kind, write.connection_id) == ("unlink_connection", 1)


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


def test_after_a_relink_the_business_details_are_read_anew():
    known = linked(linked_first_at=ago(days=9), operations=(read(),), identity=OUTDATED)

    (write,) = assess(facts(known), NOW).writes

    assert (write.kind, write.data_type) == ("refresh_data_type", "company")
    assert LINKED_AT.isoformat() in write.target


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


def test_a_request_to_delete_is_a_problem_until_it_is_answered():
    asked = facts(deletion_asked=True)

    assert (Reason.DELETION_ASKED, None) in assess(asked, NOW).problems
    assert (Reason.DELETION_ASKED, None) not in assess(facts(), NOW).problems


def test_a_word_codat_never_used_before_counts_as_under_way():
    assert reading_of("Pondering") == Reading.WORKING


# ── properties ───────────────────────────────────────────────────────────────────────────────────
moments = st.datetimes(
    min_value=(NOW - timedelta(days=2000)).replace(tzinfo=None),
    max_value=(NOW + timedelta(days=2000)).replace(tzinfo=None),
    timezones=st.just(UTC),
)
words = st.sampled_from([*READING_OF_STATUS, "Pondering", ""])
operations = st.builds(
    OperationFacts,
    codat_id=st.uuids().map(str),
    data_type=st.sampled_from(["company", "invoices", "banking-accounts"]),
    status=words,
    requested=st.none() | moments,
    changed_at=moments,
)
identities = st.builds(
    IdentityFacts, read_after_link=st.booleans(), confirmed=st.booleans(), rejected=st.booleans()
)
any_connection = st.builds(
    ConnectionFacts,
    id=st.integers(1, 9),
    codat_id=st.just("c"),
    category=st.sampled_from(["accounting", "banking", "expense", "other"]),
    source_type=st.sampled_from(["Accounting", "Banking", "Commerce", "Expense", "Odd"]),
    status=st.sampled_from(["PendingAuth", "Linked", "Unlinked", "Deauthorized", "Frozen", ""]),
    linked_first_at=st.none() | moments,
    linked_last_at=st.none() | moments,
    one_time=st.booleans(),
    gone=st.booleans(),
    was_confirmed=st.booleans(),
    disconnected_by_customer=st.booleans(),
    status_changed_at=st.none() | moments,
    last_read_at=st.none() | moments,
    idle_after=st.none() | st.timedeltas(timedelta(0), timedelta(days=100)),
    made_late=st.booleans(),
    tried=st.booleans(),
    identity=st.none() | identities,
    last_error_code=st.sampled_from(["", "403", "500", "501", "odd"]),
    operations=st.lists(operations, max_size=4).map(tuple),
)
any_facts = st.builds(
    Facts,
    required=st.sampled_from([(), ("accounting",), ("accounting", "banking")]),
    connections=st.lists(any_connection, max_size=3, unique_by=lambda c: c.id).map(tuple),
    closed=st.booleans(),
    begun_at=st.none() | moments,
    active_at=st.none() | moments,
    invitation=st.none()
    | st.builds(InvitationFacts, expires_at=moments, opened=st.booleans(), ended=st.booleans()),
    reads_listed_at=st.none() | moments,
    refused=st.booleans(),
    mail_not_delivered=st.booleans(),
)


@settings(max_examples=150, deadline=None)
@given(known=any_facts, now=moments, share=st.floats(0, 1))
def test_any_facts_give_one_answer_that_holds_until_the_moment_it_names(known, now, share):
    assessment = assess(known, now)

    assert assessment == assess(known, now)
    assert set(assessment.connections) == {c.id for c in known.connections}
    if known.closed:
        assert assessment.problems == frozenset()
        assert assessment.writes == assessment.emails == ()
    assert assessment.changes_at is None or assessment.changes_at > now
    end = assessment.changes_at or now + timedelta(days=4000)
    later = min(now + (end - now) * share, end - timedelta(microseconds=1))
    assert replace(assess(known, later), changes_at=None) == replace(assessment, changes_at=None)
