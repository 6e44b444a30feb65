"""A second accounting software: keep the old one, or switch in one act."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from onboarding.linking import codat_client
from onboarding.linking.models import Connection, CustomerSession
from onboarding.linking.services import consents
from tests import factories

from . import seen

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def codat_is_away(settings):
    """What is asked of Codat stays planned."""
    settings.CODAT_API_KEY, settings.CODAT_BASE_URL = "a key", "http://127.0.0.1:9"
    codat_client.for_web.cache_clear()
    yield
    codat_client.for_web.cache_clear()


@pytest.fixture
def connected(company, xero, qbo):
    connection = factories.make_connection(company, status="Linked")
    factories.make_identity(connection, confirmed_at=timezone.now())
    factories.make_operation(connection, "company")
    factories.restage(company)
    return connection


def address(page, company, *more):
    return reverse(f"journey:{page}", args=[company.public_id, *more])


def agree(company, platform):
    session, _key = factories.make_session(company)
    wording = consents.wording_for(platform=platform, language="en", firm_name="Northbank")
    consents.record(session=session, platform=platform, wording=wording, now=timezone.now())


def planned(company):
    return list(company.writes.order_by("pk").values_list("kind", flat=True))


def test_choosing_a_second_one_asks_keep_or_switch_and_changes_nothing(
    customer, company, connected
):
    page = customer.get(address("permission", company, "qhyg"))

    assert page.status_code == 200
    assert seen.heading(page) == "Xero is already connected"
    assert "We read one set of books at a time." in seen.text(page)
    assert "To use QuickBooks Online, we disconnect Xero first. What was read stays." in seen.text(
        page
    )
    assert {"Keep Xero", "Switch to QuickBooks Online"} <= set(seen.buttons(page))
    assert planned(company) == []


def test_switching_asks_permission_for_the_new_one_before_anything_is_closed(
    customer, company, connected
):
    page = customer.get(address("switch", company, "qhyg"))

    assert seen.heading(page) == "Let Northbank read from QuickBooks Online"
    assert "When you agree, we disconnect Xero." in seen.text(page)
    assert customer.post(address("switch", company, "qhyg"), {"version": 1}).status_code == 422
    assert planned(company) == []


def test_agreeing_closes_the_old_one_opens_the_new_one_and_leads_on(
    customer, company, connected, qbo
):
    url = address("switch", company, "qhyg")
    for _ in range(2):
        response = customer.post(url, {"agree": "on", "version": consents.DEFAULT_VERSION})

    assert planned(company) == ["unlink_connection", "create_company", "create_connection"]
    assert company.consents.get().platform_key == "qhyg"
    assert company.history.filter(subject="switched").count() == 1
    assert response.status_code in (303, 503)


def test_who_has_agreed_before_switches_with_one_press(customer, company, connected, qbo):
    agree(company, qbo)
    page = customer.get(address("permission", company, "qhyg"))

    assert f'action="{address("switch", company, "qhyg")}"' in page.content.decode()
    customer.post(address("switch", company, "qhyg"))

    assert planned(company)[0] == "unlink_connection"
    assert company.consents.count() == 1


def test_the_page_that_waits_does_not_lead_on_before_the_old_one_is_closed(
    customer, company, connected, qbo
):
    agree(company, qbo)
    factories.make_connection(company, "qhyg", platform_name="QuickBooks Online")
    customer.post(address("switch", company, "qhyg"))

    page = customer.get(address("preparing", company, "qhyg"))
    assert seen.heading(page) == "Opening QuickBooks Online"
    assert "Go to QuickBooks Online" not in seen.buttons(page)

    Connection.objects.filter(pk=connected.pk).update(status="Unlinked")
    company.writes.filter(kind="unlink_connection").update(done_at=timezone.now(), outcome="done")
    page = customer.get(address("preparing", company, "qhyg"))
    assert "Go to QuickBooks Online" in seen.buttons(page)


def test_going_back_to_the_old_one_asks_the_same_question(customer, company, connected, qbo):
    new = factories.make_connection(company, "qhyg", "Linked", platform_name="QuickBooks Online")
    Connection.objects.filter(pk=connected.pk).update(status="Unlinked")

    page = customer.get(address("leave", company, "gbol"))

    assert seen.heading(page) == f"{new.platform_name} is already connected"
    assert "Switch to Xero" in seen.buttons(page)


def test_half_way_the_old_one_is_offered_again(customer, company, connected, qbo, xero):
    agree(company, qbo)
    customer.post(address("switch", company, "qhyg"))
    now = timezone.now()
    Connection.objects.filter(pk=connected.pk).update(status="Unlinked", status_changed_at=now)
    company.writes.update(done_at=now, outcome="done")
    new = factories.make_connection(company, "qhyg", platform_name="QuickBooks Online")
    session = CustomerSession.objects.latest("pk")
    session.attempts.create(connection=new, state_hash="x", sent_at=now, returned_at=now)
    factories.restage(company)

    page = customer.get(address("progress", company))
    assert "Reconnect Xero" in seen.buttons(page)
    listed = customer.get(address("connections", company))
    assert {"Continue with QuickBooks Online", "Reconnect Xero"} <= set(seen.buttons(listed))
    assert "Xero Disconnected" in seen.text(listed)


def test_a_link_that_was_mailed_days_ago_may_not_disconnect_by_switching(
    client, company, connected, qbo
):
    long_ago = timezone.now() - timedelta(hours=1)
    _session, client.cookies["journey"] = factories.make_session(company, now=long_ago)
    CustomerSession.objects.update(used_at=timezone.now())

    page = client.post(address("switch", company, "qhyg"), {"agree": "on", "version": 1})

    assert page.status_code == 403
    assert seen.heading(page) == "Open a new link first"
    assert planned(company) == []


def test_with_nothing_in_the_way_there_is_nothing_to_switch(customer, company, xero, qbo):
    response = customer.get(address("switch", company, "qhyg"))

    assert response["Location"] == address("permission", company, "qhyg")
    assert customer.get(address("switch", company, "none")).status_code == 303
