"""The steps on the computer."""

import pytest
from django.urls import reverse
from django.utils import timezone

from onboarding.linking import codat_client
from onboarding.linking.models import LinkAttempt, Platform
from onboarding.linking.services import catalogue
from tests import factories
from tests.journey import seen

from .conftest import KEY, PHONE

pytestmark = pytest.mark.django_db


def test_the_licence_key_is_codats_id_of_the_company_and_can_be_copied(
    customer, sage_50, made, address
):
    made(sage_50)
    page = customer.get(address("guide"))
    assert seen.heading(page) == "Set up on the computer with Sage 50"
    assert f'data-copied="Copied">{KEY}</code>' in page.content.decode()
    assert "js/portal.js" in page.content.decode(), "it draws the button that copies"
    assert seen.primary_buttons(page) == ["Download the connector"]
    assert "I have finished these steps" in seen.buttons(page)
    assert "Use the same Windows computer" in seen.text(page)
    assert (
        "Download the connector Open the file Paste the licence key from below "
        "Choose Brook & Sons Ltd and confirm"
    ) in seen.text(page)


def test_quickbooks_desktop_is_set_up_by_a_password_that_setup_shows(
    customer, quickbooks, made, address
):
    made(quickbooks)
    page = customer.get(address("guide", "pqsw"))
    assert seen.primary_buttons(page) == ["Go to setup"]
    steps = (
        "Open Brook & Sons Ltd in QuickBooks Desktop",
        "Press “Go to setup”, and say how you use QuickBooks Desktop",
        "Install the Web Connector",
        "Open the setup file, and choose “Yes, always”",
        "Tick the new row, paste the password that setup shows, then press Update Selected",
    )
    assert " ".join(steps) in seen.text(page)
    assert "is read at night, from 19:00 to 07:00, and at weekends." in seen.text(page)
    assert KEY not in page.content.decode()


def test_software_we_know_nothing_more_of_is_left_to_its_own_setup(
    customer, sage_50, made, address
):
    Platform.objects.filter(key="hbql").update(set_up_by="")
    made(sage_50)
    page = customer.get(address("guide"))
    assert "Follow the steps that it shows" in seen.text(page)
    assert KEY not in page.content.decode()


def test_on_a_phone_the_steps_offer_to_be_sent_first(customer, sage_50, made, address):
    made(sage_50)
    page = customer.get(address("guide"), headers=PHONE)
    assert seen.primary_buttons(page) == ["Send this to that computer"]
    assert "Download the connector" in seen.buttons(page)


def test_without_permission_there_are_no_steps_yet(customer, sage_50, address):
    assert customer.get(address("guide"))["Location"] == address("permission")


def test_the_way_to_sign_in_goes_by_the_steps(customer, sage_50, made, address):
    made(sage_50)
    assert customer.get(address("leave"))["Location"] == address("guide")
    assert customer.post(address("leave"))["Location"] == address("guide")
    assert not LinkAttempt.objects.exists()


def test_a_reconnection_says_that_nothing_is_lost(customer, sage_50, made, address):
    made(sage_50, "Deauthorized")
    assert "Nothing that was read is lost." in seen.text(customer.get(address("guide")))


def test_another_accounting_software_comes_first(customer, company, sage_50, agree, address):
    agree(sage_50)
    factories.make_connection(company, status="Linked")
    for page in ("computer", "guide"):
        assert customer.get(address(page))["Location"] == address("permission")
    assert "Xero is already connected" in seen.text(customer.get(address("permission")))


@pytest.fixture
def at_codat(simulator, company, sage_50):
    company.codat_id = None
    company.save(update_fields=["codat_id"])
    catalogue.refresh_catalogue(codat_client.for_worker(), now=timezone.now())
    return simulator


def test_agreeing_makes_what_the_steps_need(customer, company, at_codat, address):
    page = customer.get(address("permission"))
    assert seen.primary_buttons(page) == ["Agree and see the steps"]
    answers = {"agree": "on", "version": seen.hidden(page, "version")}
    response = customer.post(address("permission"), answers)
    assert response["Location"] == address("guide")
    company.refresh_from_db()
    assert company.codat_id in customer.get(address("guide")).content.decode()


def test_steps_that_are_not_ready_are_made_by_a_press(customer, company, at_codat, agree, address):
    agree(Platform.objects.get(key="hbql"))
    page = customer.get(address("guide"))
    assert seen.primary_buttons(page) == ["Show the steps"]
    assert customer.post(address("guide"))["Location"] == address("guide")
    assert seen.primary_buttons(customer.get(address("guide"))) == ["Download the connector"]


def test_the_download_fetches_a_fresh_address(customer, company, at_codat, agree, address):
    agree(Platform.objects.get(key="hbql"))
    customer.post(address("guide"))
    response = customer.post(address("leave"), {"setup": "yes"})
    assert response["Location"].startswith(at_codat.url)
    assert LinkAttempt.objects.count() == 1
    progress = customer.get(reverse("journey:progress", args=[company.public_id]))
    assert progress["Location"] == address("waiting")
