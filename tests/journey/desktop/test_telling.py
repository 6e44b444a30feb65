"""Desktop software: told before permission is asked, and sent to its computer."""

import pytest
from django.urls import reverse
from django.utils import timezone

from onboarding.linking.invitation_links import make_token
from onboarding.linking.models import Company, CustomerSession, Invitation, OutgoingEmail, Platform
from onboarding.linking.services import to_computer
from tests import factories
from tests.journey import seen

from .conftest import PHONE

pytestmark = pytest.mark.django_db


def test_whoever_chooses_it_is_told_before_permission_is_asked(customer, company, sage_50, address):
    chooser = reverse("journey:choose", args=[company.public_id])
    assert address("computer") in customer.get(chooser).content.decode()
    page = customer.get(address("computer"))
    assert seen.heading(page) == "Sage 50 works on a Windows computer"
    assert "an administrator login for that computer" in seen.text(page)
    assert seen.primary_buttons(page) == ["I am at that computer"]
    assert address("permission") in page.content.decode()
    assert customer.get(address("permission")).status_code == 200


def test_on_a_phone_sending_it_comes_first_and_the_other_way_stays(customer, sage_50, address):
    page = customer.get(address("computer"), headers=PHONE)
    assert seen.primary_buttons(page) == ["Send this to that computer"]
    assert "I am at that computer" in seen.buttons(page)


@pytest.mark.parametrize("weekends", [True, False])
def test_software_that_is_read_at_night_says_so_before(customer, quickbooks, address, weekends):
    Platform.objects.filter(key="pqsw").update(read_at_weekends=weekends)
    words = seen.text(customer.get(address("computer", "pqsw")))
    assert "QuickBooks Desktop is read at night, from 19:00 to 07:00" in words
    assert ("and at weekends" in words) == weekends


def test_whoever_agreed_before_is_led_to_the_steps(customer, sage_50, agree, address):
    agree(sage_50)
    assert customer.get(address("computer"))["Location"] == address("guide")
    assert customer.get(address("permission"))["Location"] == address("guide")


def test_with_one_software_on_offer_its_own_page_comes_first(customer, company, sage_50, address):
    Platform.objects.exclude(key="hbql").update(shown=False)
    chooser = reverse("journey:progress", args=[company.public_id])
    assert customer.get(chooser).status_code == 303
    assert "Back" not in seen.text(customer.get(address("computer")))


@pytest.mark.parametrize("page", ["computer", "waiting"])
@pytest.mark.parametrize("platform", ["gbol", "none"])
def test_software_on_the_web_has_no_such_pages(customer, sage_50, address, page, platform):
    assert customer.get(address(page, platform)).status_code == 303


def test_the_steps_of_software_on_the_web_are_its_own_sign_in(customer, xero, address):
    assert customer.get(address("guide", "gbol"))["Location"] == address("leave", "gbol")


def test_the_steps_are_mailed_and_their_link_opens_the_same_journey(
    customer, client, company, sage_50, address
):
    response = customer.post(address("send_steps"))
    assert response["Location"] == address("waiting")
    page = customer.get(address("waiting"))
    assert "We sent the steps to o•••@b••••.example." in seen.text(page)

    mail = OutgoingEmail.objects.get(kind="to_computer")
    client.cookies.clear()
    link = reverse("journey:invitation", args=[make_token(mail.invitation)])
    assert seen.heading(client.get(link)) == "Set up Sage 50 for Brook & Sons Ltd"
    assert client.post(link, headers=PHONE)["Location"] == address("computer")
    assert client.get(address("computer")).status_code == 200
    assert client.post(link)["Location"] == address("permission"), "it is read on that computer"
    assert client.get(address("permission")).status_code == 200


def test_who_began_alone_is_told_what_the_link_is_for_too(customer, client, company, sage_50):
    company.origin = Company.Origin.SELF_SERVICE
    company.save(update_fields=["origin"])
    session = CustomerSession.objects.get()
    link = to_computer.send_steps(session=session, platform=sage_50, now=timezone.now())
    page = client.get(reverse("journey:invitation", args=[make_token(link)]))
    assert seen.heading(page) == "Set up Sage 50 for Brook & Sons Ltd"


def test_after_permission_the_mailed_link_leads_straight_to_the_steps(
    client, customer, sage_50, agree, address
):
    agree(sage_50)
    customer.post(address("send_steps"))
    link = make_token(Invitation.objects.get(platform_key="hbql"))
    response = client.post(reverse("journey:invitation", args=[link]))
    assert response["Location"] == address("guide")


def test_once_it_is_connected_the_mailed_link_leads_on(client, customer, sage_50, made, address):
    customer.post(address("send_steps"))
    factories.restage(made(sage_50, "Linked").company)
    link = make_token(Invitation.objects.get(platform_key="hbql"))
    response = client.post(reverse("journey:invitation", args=[link]))
    assert response["Location"].endswith("/progress/")
