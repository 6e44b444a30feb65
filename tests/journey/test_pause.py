"""“Leave for now?”: nothing is lost, and a link leads back."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from onboarding.linking import emails
from onboarding.linking.invitation_links import make_token
from onboarding.linking.models import Invitation, OutgoingEmail
from tests import factories

from . import seen

pytestmark = pytest.mark.django_db


@pytest.fixture
def url(company, xero, qbo):
    return reverse("journey:pause", args=[company.public_id])


def test_the_page_says_that_nothing_is_lost_and_offers_both(customer, url, company):
    page = customer.get(url)
    assert seen.heading(page) == "Leave for now?"
    assert seen.buttons(page)[:2] == ["Save and leave", "Stay"]
    assert "owner@brook.example" not in seen.text(page)
    assert reverse("journey:choose", args=[company.public_id]) in page.content.decode()
    assert not OutgoingEmail.objects.exists()


def test_leaving_mails_one_link_that_leads_back_on_any_device(customer, url, company):
    for _ in range(2):
        assert customer.post(url).status_code == 200
    mail = OutgoingEmail.objects.get()
    assert (mail.kind, mail.contact.email) == ("carry_on", "owner@brook.example")
    assert emails.render(mail).subject == "Still to do: connect Brook & Sons Ltd"
    phone = Client()
    link = reverse("journey:invitation", args=[make_token(Invitation.objects.get())])
    onward = phone.post(link)["Location"]
    assert onward == reverse("journey:choose", args=[company.public_id])
    assert phone.get(onward).status_code == 200


def test_soon_after_an_earlier_link_it_says_that_the_earlier_one_works(customer, url, company):
    earlier = factories.make_invitation(company)
    sent_at = timezone.now() - timedelta(seconds=20)
    Invitation.objects.update(created_at=sent_at)
    page = customer.post(url)
    assert seen.heading(page) == "A link is already on its way to o•••@b••••.example"
    assert seen.title(page).startswith("A link is already on its way")
    body = page.content.decode()
    assert f'We sent it at <time datetime="{sent_at.isoformat(timespec="seconds")}">' in body
    until = earlier.expires_at.isoformat(timespec="seconds")
    assert f'It works until <time datetime="{until}">' in body
    left = re.search(r"Another can be sent in (\d+) seconds?\.", seen.text(page)).group(1)
    assert 1 <= int(left) <= 40
    assert OutgoingEmail.objects.get().invitation == earlier


def test_who_is_connected_already_gets_a_link_to_the_connections(customer, url, company):
    factories.make_connection(company, status="Linked")
    customer.post(url)
    assert Invitation.objects.get().purpose == "sign_in"


@pytest.mark.parametrize("page", ["choose", "permission", "leave"])
def test_every_step_before_the_software_lets_one_leave(customer, url, company, page):
    if page == "leave":
        factories.make_connection(company)
    more = [] if page == "choose" else ["gbol"]
    shown = customer.get(reverse(f"journey:{page}", args=[company.public_id, *more]))
    assert "Leave for now" in seen.buttons(shown)
