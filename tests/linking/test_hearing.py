"""What an event of Codat's leaves behind: one row, and a hint where it may tell something new."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from onboarding.codat import Event
from onboarding.linking.models import CodatWrite, Lane, WebhookEvent
from onboarding.linking.services.hearing import hear
from tests import factories

pytestmark = pytest.mark.django_db

COMPANY = "11111111-aaaa-4aaa-8aaa-111111111111"
LEASE = timedelta(seconds=60)


@pytest.fixture
def company():
    company = factories.make_company(codat_id=COMPANY)
    at_rest()
    return company


def at_rest(**more):
    """As a turn leaves a lane that was just looked at and has nothing to do."""
    marks = {"hinted": False, "hinted_urgently": False, "hinted_connections": False}
    Lane.objects.update(due_at=None, looked_at=timezone.now(), **marks, **more)


def event(event_type, *, company_id=COMPANY, **more):
    return Event(
        *("e-1", event_type, None),
        company_id=company_id,
        **more,
    )


def say(event_type, number=1, **more):
    return hear(event(event_type, **more), webhook_id=f"msg_{number}", now=timezone.now())


def marks():
    lane = Lane.objects.get()
    return lane.hinted, lane.hinted_urgently, lane.hinted_connections


ALWAYS = [
    *("connection.connected", "connection.disconnected", "connection.reconnected"),
    *("connection.deleted", "connection.failed", "company.deleted", "company.dreamt"),
]


@pytest.mark.parametrize("event_type", ALWAYS)
@pytest.mark.parametrize("status", ["Linked", "PendingAuth", "Deauthorized"])
def test_what_may_mean_a_change_is_looked_at_whatever_our_mirror_says(company, event_type, status):
    factories.make_connection(company, status=status, codat_id="c-1")
    at_rest()

    assert say(event_type, connection_ids=("c-1",)) == company.pk

    assert marks() == (True, True, True)
    assert Lane.objects.due().exists()


def test_that_a_company_was_made_tells_us_nothing(company):
    assert say("company.created") is None

    assert marks() == (False, False, False)
    assert WebhookEvent.objects.get().type == "company.created"


def test_that_our_own_connection_was_made_tells_us_nothing(company):
    factories.make_connection(company, codat_id="c-1")
    at_rest()

    assert say("connection.created", connection_ids=("c-1",)) is None

    assert marks() == (False, False, False)


def test_that_a_connection_was_made_which_we_are_making_is_told_by_its_answer(company):
    making(company)

    assert say("connection.created", connection_ids=("c-1",)) is None

    assert marks() == (False, False, False)


def making(company, **fields):
    CodatWrite.objects.create(
        company=company,
        kind=CodatWrite.Kind.CREATE_CONNECTION,
        target="gbol",
        key_made_at=timezone.now(),
        due_at=timezone.now(),
        **fields,
    )


@pytest.mark.parametrize("ids", [("c-2",), ()], ids=["another", "unnamed"])
def test_a_connection_that_somebody_else_made_is_looked_at(company, ids):
    factories.make_connection(company, codat_id="c-1")
    making(company, done_at=timezone.now(), outcome=CodatWrite.Outcome.REFUSED)
    at_rest()

    assert say("connection.created", connection_ids=ids) == company.pk

    assert marks() == (True, True, True)


def test_one_that_is_gone_and_is_made_again_is_looked_at(company):
    gone = factories.make_connection(company, codat_id="c-1")
    gone.deleted_at = timezone.now()
    gone.save(update_fields=["deleted_at"])
    at_rest()

    assert say("connection.created", connection_ids=("c-1",)) == company.pk


def test_many_events_of_one_read_cost_a_question_and_a_row_each(company):
    say("read.completed", 0)
    before = Lane.objects.values().get()
    assert before["hinted"]

    with CaptureQueriesContext(
        connection,
    ) as queries:
        for number in range(1, 6):
            assert say("read.completed", number) is None

    assert len(queries) == 10
    assert WebhookEvent.objects.count() == 6
    assert Lane.objects.values().get() == before


def test_a_lane_that_was_told_of_reads_is_told_of_a_connection_too(company):
    say("read.completed", 1)
    assert marks() == (True, False, False)
    assert not Lane.objects.due().exists()

    assert say("connection.disconnected", 2) == company.pk

    assert marks() == (True, True, True)
    assert Lane.objects.due().exists()


def test_what_is_marked_but_comes_late_is_brought_forward(company):
    say("connection.disconnected", 1)
    later = timezone.now() + timedelta(hours=1)
    Lane.objects.update(due_at=later)

    say("read.completed", 2)
    lane = Lane.objects.get()
    assert lane.due_at < later, "one debounce after the last look"
    assert not Lane.objects.due().exists()

    assert say("connection.disconnected", 3) == company.pk
    assert Lane.objects.due().exists()


def test_a_holder_that_was_not_told_is_told_and_one_that_was_is_left_alone(company):
    Lane.objects.update(due_at=timezone.now() - LEASE)
    token = Lane.objects.claim_for_look(company.lane.pk, lease=LEASE)

    assert say("connection.connected", 1) is None
    held = Lane.objects.values().get()
    assert (held["hinted"], held["claim_token"]) == (True, token)

    assert say("connection.connected", 2) is None
    assert Lane.objects.values().get() == held
    assert Lane.objects.finish(
        company.pk, token, due_at=None, urgent=timedelta(milliseconds=-5), other=None
    )
    assert Lane.objects.due().exists()


def test_the_next_event_after_a_look_asks_for_another(company):
    say("connection.connected", 1)
    token = Lane.objects.claim_for_look(company.lane.pk, lease=LEASE)
    Lane.objects.finish(company.pk, token, due_at=None, urgent=LEASE, other=None)
    assert not Lane.objects.due().exists()

    assert say("connection.disconnected", 2) == company.pk


def test_a_lane_set_aside_keeps_what_it_is_told(company):
    Lane.objects.update(parked_reason="set aside", due_at=timezone.now())

    say("connection.disconnected", 1)
    assert not Lane.objects.due().exists()
    assert marks() == (True, True, True)

    Lane.objects.release()
    assert Lane.objects.due().exists()


@pytest.mark.parametrize("company_id", ["", "22222222-bbbb-4bbb-8bbb-222222222222"])
def test_an_event_of_nobody_we_know_is_only_stored(company, company_id):
    assert say("connection.connected", company_id=company_id) is None

    assert WebhookEvent.objects.count() == 1
    assert marks() == (False, False, False)


def test_a_second_delivery_stores_nothing_more(company):
    say("read.completed", 1)
    say("read.completed", 1)

    assert WebhookEvent.objects.count() == 1
