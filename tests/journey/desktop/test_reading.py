"""What a customer sees once desktop software is connected."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from onboarding.linking.models import Platform
from onboarding.linking.stages import WAITING_FOR_COMPUTER
from tests import factories
from tests.journey import seen

pytestmark = pytest.mark.django_db


@pytest.fixture
def progress(customer, company, made):
    """`progress(sage_50, {"company": "Queued"})`: the page, with these reads of it."""

    def progress(platform, operations, *, description="", confirmed=True, **fields):
        connection = made(platform, **{"status": "Linked", **fields})
        if confirmed:
            factories.make_identity(connection, confirmed_at=timezone.now())
        for data_type, status in operations.items():
            factories.make_operation(connection, data_type, status, description=description)
        factories.restage(company)
        return customer.get(reverse("journey:progress", args=[company.public_id]))

    return progress


@pytest.mark.parametrize("confirmed", [True, False])
def test_a_computer_that_is_off_is_waited_for(progress, sage_50, confirmed):
    page = progress(sage_50, {"company": "Queued", "bills": "Queued"}, confirmed=confirmed)
    assert seen.heading(page) == "We are waiting for the computer with Sage 50"
    assert seen.primary_buttons(page) == ["I turned it on, check again"]
    assert seen.text(page).count("is connected") == 1
    assert "Send the steps again" in seen.buttons(page)


def test_a_connector_that_does_not_answer_asks_for_the_right_business(progress, quickbooks):
    Platform.objects.update(read_from=None, read_until=None)
    page = progress(quickbooks, {"bills": "Fetching"}, description=WAITING_FOR_COMPUTER)
    assert seen.heading(page) == "Open Brook & Sons Ltd in QuickBooks Desktop"
    assert seen.primary_buttons(page) == ["I opened it, check again"]
    assert "Bills you get Waiting" in seen.text(page)


def test_outside_its_hours_it_is_read_at_night(progress, quickbooks):
    begins = timezone.now() + timedelta(hours=2)
    Platform.objects.filter(key="pqsw").update(
        read_from=f"{begins:%H}:00",
        read_until=f"{begins + timedelta(hours=1):%H}:00",
        read_at_weekends=False,
    )
    page = progress(quickbooks, {"company": "Queued"})
    assert seen.heading(page) == "QuickBooks Desktop is read at night"
    hours = f"from {begins:%H}:00 to {begins + timedelta(hours=1):%H}:00 , unless"
    assert hours in seen.text(page)


ENDED = {
    "one kind failed": ({"bills": "MapError"}, "We are trying “ Bills you get ” again"),
    "several failed": (
        {"bills": "MapError", "invoices": "FetchError"},
        "We are trying to read some information again",
    ),
    "permission ended": ({"bills": "AuthError"}, "Sage 50 has ended the permission"),
    "rights are missing": ({"bills": "PermissionsError"}, "Sage 50 needs an administrator"),
    "both": (
        {"bills": "PermissionsError", "invoices": "MapError"},
        "Sage 50 needs an administrator",
    ),
    "one goes on": (
        {"bills": "AuthError", "invoices": "Fetching"},
        "We are reading your information",
    ),
}


@pytest.mark.parametrize(("operations", "heading"), ENDED.values(), ids=ENDED)
def test_a_first_read_that_ended_badly_says_what_follows(progress, sage_50, operations, heading):
    page = progress(sage_50, {"company": "Complete", **operations})
    assert seen.heading(page) == heading
    assert "Business details Done" in seen.text(page)


def test_a_read_that_wants_a_new_sign_in_leads_there(customer, progress, sage_50, address):
    page = progress(sage_50, {"company": "Complete", "bills": "AuthError"})
    assert seen.primary_buttons(page) == ["Reconnect Sage 50"]
    assert customer.get(address("leave"))["Location"] == address("guide")
    assert seen.primary_buttons(customer.get(address("guide"))) == ["Download the connector"]


def test_the_connection_that_wants_a_new_sign_in_says_so(customer, company, progress, sage_50):
    progress(sage_50, {"company": "Complete", "bills": "AuthError"})
    page = customer.get(reverse("journey:connections", args=[company.public_id]))
    assert "Needs attention" in seen.text(page)
    assert "Reconnect Sage 50" in seen.buttons(page)


def test_software_that_was_read_once_is_not_called_lost(customer, company, progress, sage_50):
    page = progress(sage_50, {"company": "Complete"}, status="Deauthorized", one_time=True)
    assert page["Location"].endswith("/done/")
    connections = customer.get(reverse("journey:connections", args=[company.public_id]))
    assert "Read once" in seen.text(connections)
    assert "Needs attention" not in seen.text(connections)
    done = customer.get(reverse("journey:done", args=[company.public_id]))
    assert "It was read once and has disconnected, as planned." in seen.text(done)
    assert "You can stop at any time, under" not in seen.text(done)
