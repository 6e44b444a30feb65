import time
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from onboarding.journey import decorators
from onboarding.linking.models import Contact, Invitation, OutgoingEmail
from onboarding.linking.models.invitation import Purpose
from onboarding.linking.services import onboarding
from tests import factories

from . import seen

pytestmark = pytest.mark.django_db
URL = "/connections/"


def kinds():
    return list(OutgoingEmail.objects.values_list("kind", "contact__email"))


def test_the_page_asks_for_the_address(client):
    page = client.get(URL)
    assert reverse("journey:way_in") == URL
    assert seen.heading(page) == "What is your e-mail address?"
    assert seen.primary_buttons(page) == ["Send me a link"]
    assert not kinds()


def test_a_known_address_gets_a_link_to_sign_in(client, company):
    client.post(URL, {"email": "Owner@Brook.example"})
    assert kinds() == [("sign_in", "owner@brook.example")]
    link = company.invitations.get()
    assert link.purpose == Purpose.SIGN_IN
    assert link.expires_at - link.created_at < timedelta(minutes=16)


def test_the_answer_is_the_same_whether_or_not_the_address_is_known(client, company):
    known = client.post(URL, {"email": "owner@brook.example"})
    unknown = client.post(URL, {"email": "nobody@brook.example"})
    assert known.status_code == unknown.status_code == 200
    assert seen.text(known) == seen.text(unknown)
    assert "brook" not in seen.text(known)
    assert len(kinds()) == 1


@pytest.mark.parametrize("email", ["owner@brook.example", "nobody@brook.example"])
def test_no_answer_comes_sooner_for_any_address(client, company, monkeypatch, email):
    monkeypatch.setattr(decorators, "ANSWER_AFTER", 0.2)
    began = time.monotonic()
    client.post(URL, {"email": email})
    assert time.monotonic() - began >= 0.2


def test_each_business_of_the_address_gets_its_link(client, company):
    factories.make_company("Harbour Cafe Ltd")
    client.post(URL, {"email": "owner@brook.example"})
    assert Invitation.objects.values("company").distinct().count() == 2


def test_asking_twice_in_a_minute_sends_once(client, company):
    for _ in range(3):
        client.post(URL, {"email": "owner@brook.example"})
    assert len(kinds()) == 1


def test_whoever_only_helps_has_no_way_in(client, company):
    Contact.objects.create(company=company, email="dana@fieldbooks.example")
    client.post(URL, {"email": "dana@fieldbooks.example"})
    assert not kinds()


def test_a_closed_customer_gets_nothing(client, company):
    onboarding.close(company=company, by=None, now=timezone.now())
    page = client.post(URL, {"email": "owner@brook.example"})
    assert seen.heading(page) == "Look at your e-mails"
    assert not kinds()


@pytest.mark.parametrize("email", ["", "nobody", "a b@c.example"])
def test_what_is_no_address_is_said_so(client, email):
    page = client.post(URL, {"email": email})
    assert page.status_code == 422
    assert seen.title(page).startswith("Error:")
    assert seen.errors(page) == ["Enter an e-mail address like name@example.com"]


def test_the_address_is_limited(client, company, real_redis, settings):
    settings.PUBLIC_POST_LIMIT = "2/600"
    answers = [client.post(URL, {"email": "owner@brook.example"}).status_code for _ in range(3)]
    assert answers == [200, 200, 429]


def test_the_front_door_leads_here(client, settings, xero):
    for settings.SELF_SERVICE in (True, False):
        assert f'href="{URL}"' in client.get("/").content.decode()
