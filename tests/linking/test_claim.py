"""The claim, one step after the other: holders, hints, and workers that die."""

from datetime import timedelta

import pytest
from django.utils import timezone

from onboarding.linking.models import Lane, OutgoingEmail
from onboarding.linking.models.work import moment
from tests import factories

from .lanes import AT_ONCE, LEASE, due, finish, free_cut, hint, now_of, run_out

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_lane_has_one_holder(lane):
    first = Lane.objects.claim_for_look(lane.pk, lease=LEASE)

    assert first
    assert Lane.objects.claim_for_look(lane.pk, lease=LEASE) is None
    assert Lane.objects.claim(lane.pk, lease=LEASE) is None


@pytest.mark.parametrize(
    "fields",
    [{"due_at": None}, {"due_at": moment(LEASE)}, {"parked_reason": "set aside"}],
    ids=["nothing to do", "not yet", "set aside"],
)
def test_what_is_not_due_cannot_be_claimed(lane, fields):
    Lane.objects.filter(pk=lane.pk).update(**fields)

    assert Lane.objects.claim_for_look(lane.pk, lease=LEASE) is None


def test_what_comes_after_a_finish_is_the_time_it_named(lane):
    later = timezone.now() + timedelta(hours=1)
    token = Lane.objects.claim_for_look(lane.pk, lease=LEASE)

    assert finish(lane, token, due_at=later)

    after = now_of(lane)
    assert (after.claim_token, after.attempts, after.due_at) == (None, 0, later)
    assert not finish(lane, token)


def test_a_hint_during_a_look_brings_the_next_one(lane):
    token = Lane.objects.claim_for_look(lane.pk, lease=LEASE)
    ends = now_of(lane).due_at
    hint(lane, seconds=2)

    assert now_of(lane).due_at == ends, "a hint does not touch the holder's lease"
    assert finish(lane, token, due_at=None, debounce=timedelta(seconds=2))
    assert timedelta(0) < now_of(lane).due_at - timezone.now() <= timedelta(seconds=2)


def test_a_claim_for_writing_alone_leaves_the_hint_to_the_next(lane):
    hint(lane)
    token = Lane.objects.claim(lane.pk, lease=LEASE)
    finish(lane, token, due_at=None)

    assert due(lane)


def test_a_hint_looks_at_once_or_one_debounce_after_the_last_look(lane):
    Lane.objects.update(due_at=None)
    hint(lane, seconds=60)
    assert due(lane)

    finish(lane, Lane.objects.claim_for_look(lane.pk, lease=LEASE))
    hint(lane, seconds=60)
    assert not due(lane)
    assert now_of(lane).due_at - timezone.now() <= timedelta(seconds=60)


def test_hints_never_push_a_look_back(lane):
    finish(lane, Lane.objects.claim_for_look(lane.pk, lease=LEASE))
    hint(lane, seconds=1)
    first = now_of(lane).due_at
    for _ in range(5):
        hint(lane, seconds=60)

    assert now_of(lane).due_at == first


def test_what_a_dead_worker_held_is_free_after_its_lease(lane):
    token = Lane.objects.claim_for_look(lane.pk, lease=LEASE)
    assert free_cut() == 0

    run_out(lane)
    assert free_cut() == 1

    assert due(lane)
    assert not Lane.objects.prove(lane.company_id, token)
    assert not finish(lane, token)


def test_what_is_cut_again_and_again_is_set_aside_and_keeps_its_hints(lane):
    for _ in range(3):
        Lane.objects.claim_for_look(lane.pk, lease=LEASE)
        run_out(lane)
        free_cut(max_attempts=3)

    parked = now_of(lane)
    assert "3 times" in parked.parked_reason
    assert parked.claim_token is None
    hint(lane)
    assert not due(lane)

    assert Lane.objects.filter(pk=lane.pk).release() == 1
    assert due(lane)
    assert now_of(lane).attempts == 0
    assert now_of(lane).hinted


def test_a_look_that_was_cut_or_refused_is_not_swallowed_by_a_write_that_comes_first(lane):
    for refused in (True, False):
        hint(lane)
        token = Lane.objects.claim_for_look(lane.pk, lease=LEASE)
        if refused:
            later = timezone.now() + timedelta(hours=1)
            assert finish(lane, token, due_at=later, still_owed=True)
            assert now_of(lane).due_at == later
            Lane.objects.filter(pk=lane.pk).wake()
        else:
            run_out(lane)
            free_cut()

        finish(lane, Lane.objects.claim(lane.pk, lease=LEASE), due_at=None)

        assert due(lane)
        finish(lane, Lane.objects.claim_for_look(lane.pk, lease=LEASE))
        assert not due(lane)


def test_what_a_cut_look_was_asked_for_is_asked_of_the_next(lane):
    hint(lane)
    Lane.objects.claim_for_look(lane.pk, lease=LEASE)
    run_out(lane)
    free_cut()

    assert Lane.objects.claim_for_look(lane.pk, lease=LEASE)
    assert now_of(lane).look_at_connections


def test_waking_does_not_touch_a_lane_in_hands(lane):
    Lane.objects.claim_for_look(lane.pk, lease=LEASE)
    ends = now_of(lane).due_at

    Lane.objects.filter(pk=lane.pk).wake()
    Lane.objects.filter(pk=lane.pk).wake_by(timezone.now())

    assert now_of(lane).due_at == ends


def test_a_cut_mail_is_set_aside_as_perhaps_sent_and_its_company_told():
    company = factories.make_company()
    factories.make_invitation(company)
    mail = OutgoingEmail.objects.get()
    OutgoingEmail.objects.update(due_at=moment(-LEASE))
    assert OutgoingEmail.objects.claim(mail.pk, lease=LEASE)
    OutgoingEmail.objects.update(due_at=moment(AT_ONCE))
    Lane.objects.update(due_at=None)

    assert OutgoingEmail.objects.park_cut() == 1

    mail.refresh_from_db()
    assert "May have been sent" in mail.parked_reason
    assert not OutgoingEmail.objects.due().exists()
    assert due(company.lane)
    Lane.objects.update(due_at=None)
    assert OutgoingEmail.objects.filter(pk=mail.pk).release() == 1
    assert OutgoingEmail.objects.due().exists()
    assert due(company.lane)
