"""Who was sent away with “we will e-mail you” gets one mail when the way is open."""

from datetime import timedelta

import pytest
from django.utils import timezone

from onboarding.linking import codat_client
from onboarding.linking.models import CodatWrite, Pause
from onboarding.linking.services import pauses

pytestmark = pytest.mark.django_db(transaction=True)


def paused_for(company, simulator, take_turn, minutes):
    """Codat refuses to make the connection; so much later it is tried again, and answers."""
    simulator.fault("create-connection", "status:403")
    take_turn(company)
    assert pauses.is_paused(CodatWrite.Kind.CREATE_CONNECTION)
    earlier = timezone.now() - timedelta(minutes=minutes)
    Pause.objects.update(since=earlier)
    company.writes.update(created_at=earlier)


def test_a_pause_that_kept_a_customer_waiting_ends_in_one_mail_without_a_wish(
    begun, simulator, take_turn
):
    paused_for(begun, simulator, take_turn, minutes=16)
    take_turn(begun)
    assert not begun.connections.exists()

    pauses.probe(codat_client.for_worker(), now=timezone.now())
    for minutes in (2, 3, 4):
        take_turn(begun, minutes=minutes)

    assert begun.connections.present().count() == 1
    assert begun.emails.filter(kind="works_again").count() == 1
    assert not begun.history.word_wanted()


def test_who_waited_less_than_ten_minutes_is_not_mailed(begun, simulator, take_turn):
    paused_for(begun, simulator, take_turn, minutes=8)
    pauses.resume(CodatWrite.Kind.CREATE_CONNECTION)
    take_turn(begun, minutes=1)

    assert begun.connections.present().count() == 1
    assert not begun.emails.filter(kind="works_again").exists()
