"""The wait for the computer."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from onboarding.journey.views.desktop import delay
from onboarding.linking.models import CustomerSession, LinkAttempt
from onboarding.linking.services.invitations import key_hash
from tests import factories
from tests.journey import seen

pytestmark = pytest.mark.django_db

POLL = {"HX-Request": "true", "HX-Target": "waiting_status"}


def test_the_wait_can_be_left_and_come_back_to(customer, sage_50, made, address):
    made(sage_50)
    page = customer.get(address("waiting"))
    assert seen.heading(page) == "Waiting for Sage 50"
    words = seen.text(page)
    assert "We will e-mail o•••@b••••.example when it is connected." in words
    assert "Is the computer on?" not in words
    assert {"Check again", "Show the steps", "Send the steps again"} <= set(seen.buttons(page))


def test_after_half_an_hour_it_says_what_may_stand_in_the_way(
    customer, sage_50, made, address, ago
):
    connection = made(sage_50)
    session, _key = factories.make_session(connection.company)
    LinkAttempt.objects.create(
        session=session, connection=connection, state_hash=key_hash("x"), sent_at=ago(minutes=31)
    )
    page = customer.get(address("waiting"))
    assert "Is the computer on?" in seen.text(page)
    assert "Is Brook & Sons Ltd open in Sage 50?" in seen.text(page)


def test_the_wait_ends_when_it_is_connected(customer, sage_50, made, address):
    made(sage_50, "Linked")
    assert customer.get(address("waiting"))["Location"].endswith("/progress/")
    poll = customer.get(address("waiting"), headers=POLL)
    assert poll["HX-Redirect"].endswith("/progress/")


def test_the_wait_ends_with_the_words_for_what_went_wrong(
    customer, company, sage_50, made, address
):
    session, _key = factories.make_session(company)
    now = timezone.now()
    LinkAttempt.objects.create(
        session=session,
        connection=made(sage_50),
        state_hash=key_hash("x"),
        sent_at=now,
        returned_at=now,
        return_hint="403",
    )
    assert customer.get(address("waiting"))["Location"].endswith("/progress/")
    progress = reverse("journey:progress", args=[company.public_id])
    assert seen.heading(customer.get(progress)) == "Sage 50 is not connected yet"


def test_the_wait_is_looked_at_ever_more_rarely_and_for_days(customer, sage_50, made, address):
    made(sage_50)
    assert [delay(looks) for looks in (0, 29, 30, 149, 150, 9999)] == [10, 10, 60, 60, 600, 600]
    fragment = customer.get(address("waiting"), {"looks": 9000}, headers=POLL).content.decode()
    assert "600" in fragment


def test_the_wait_stays_open_for_a_week_and_opens_nothing_else(customer, sage_50, made, address):
    made(sage_50)
    for days, status in ((6, 200), (8, 403)):
        CustomerSession.objects.update(used_at=timezone.now() - timedelta(days=days))
        assert customer.get(address("waiting")).status_code == status
        assert customer.get(address("guide")).status_code == 403


def test_who_comes_back_to_the_wait_after_days_is_told_that_it_is_connected(
    customer, company, sage_50, made, address
):
    factories.restage(made(sage_50, "Linked").company)
    CustomerSession.objects.update(used_at=timezone.now() - timedelta(days=2))
    page = customer.get(address("waiting"))
    assert page.status_code == 200
    assert seen.heading(page) == "Sage 50 is connected"
    assert seen.primary_buttons(page) == ["E-mail me a link to carry on"]
    assert company.true_name not in seen.text(page)
    assert customer.get(address("waiting"), headers=POLL)["HX-Refresh"] == "true"
