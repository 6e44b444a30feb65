import re
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from onboarding.linking import codat_client
from onboarding.linking.models import LinkAttempt, Pause, Platform
from onboarding.linking.models.invitation import Purpose
from onboarding.linking.services import consents, leaving
from onboarding.linking.shared_quota import SharedQuota
from tests import factories

from . import seen

pytestmark = pytest.mark.django_db


@pytest.fixture
def url(company, xero, qbo):
    return reverse("journey:leave", args=[company.public_id, "gbol"])


@pytest.mark.parametrize("name", ["leave", "permission"])
def test_software_that_wants_its_own_button_has_it_where_the_customer_leaves(
    customer, company, xero, qbo, name
):
    if name == "leave":
        factories.make_connection(company)
    there = reverse(f"journey:{name}", args=[company.public_id, "gbol"])
    words = {"leave": "Go to Xero", "permission": "Agree and go to Xero"}[name]
    assert seen.primary_buttons(customer.get(there)) == [words]
    Platform.objects.filter(pk=xero.pk).update(button_hash="a1", button_hover_hash="b2")
    page = customer.get(there)
    assert seen.primary_buttons(page) == []
    (own,) = re.findall(r'<button class="button branded".*?</button>', page.content.decode())
    assert own.count(f'alt="{words}"') == 2
    for digest in ("a1", "b2"):
        assert f'src="{reverse("journey:logo", args=["gbol", digest])}"' in own


@pytest.fixture
def made(company, xero, simulator, now):
    """Permission given; company and connection exist at Codat, nobody went there yet."""
    session, _key = factories.make_session(company)
    wording = consents.wording_for(platform=xero, language="en", firm_name="Northbank")
    consents.record(session=session, platform=xero, wording=wording, now=now)
    leaving.leave_for_link(session=session, platform_key="gbol", now=now)
    LinkAttempt.objects.all().delete()
    return company.connections.get()


@pytest.fixture
def impatient(made, settings):
    """A customer's click waits half a second for Codat, once everything exists there."""
    settings.CODAT_WEB_TIMEOUT = 0.5
    codat_client.for_web.cache_clear()


def test_it_says_whose_sign_in_comes_and_which_business_to_choose(customer, url, company):
    factories.make_connection(company)
    page = customer.get(url)
    assert seen.heading(page) == "You are going to Xero"
    words = seen.text(page)
    assert "We never see your password." in words
    assert "Xero asks you to sign in." in words
    assert "Choose Brook & Sons Ltd" in words
    assert "You then come back here." in words
    assert "_blank" not in page.content.decode(), "the page itself goes there and comes back"
    assert seen.primary_buttons(page) == ["Go to Xero"]
    assert "https:" in seen.form_action(page)


def test_after_a_wrong_business_nobody_is_told_to_choose_the_same_as_before(customer, url, company):
    connection = factories.make_connection(company, status="Unlinked")
    wrong = factories.make_identity(connection, "Harbour Cafe", rejected_at=timezone.now())
    words = seen.text(customer.get(url))
    assert "Choose Brook & Sons Ltd" in words
    assert "as before" not in words

    wrong.rejected_at = None
    wrong.save(update_fields=["rejected_at"])
    assert "Choose the same business as before." in seen.text(customer.get(url))


@pytest.mark.parametrize(
    "case",
    [
        ("gbol", "Accounting", "Have at hand: an administrator login for Xero."),
        ("fztf", "Commerce", "Have at hand: the web address of your shop, and an administrator"),
        ("vqzp", "Commerce", "Have at hand: your login, and the keys from the settings of your"),
        ("suuo", "Banking", "Have at hand: your login for online banking."),
    ],
    ids=["software", "shop", "keys", "bank"],
)
def test_it_says_what_to_have_at_hand(customer, url, company, case):
    key, source_type, expected = case
    if key != "gbol":
        factories.make_platform(key, "Xero", source_type)
    factories.make_connection(company, platform_key=key, source_type=source_type)
    page = customer.get(reverse("journey:leave", args=[company.public_id, key]))
    assert expected in seen.text(page)


def test_each_press_fetches_a_fresh_address(customer, url, made, simulator):
    first, second = customer.post(url), customer.post(url)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first["Location"].startswith(simulator.url)
    assert first["Location"] != second["Location"]
    assert LinkAttempt.objects.count() == 2
    assert made.company.connections.count() == 1


def test_a_relink_goes_to_the_same_connection(client, url, made, simulator):
    simulator.control("DELETE", "/calls")
    session = factories.make_session(made.company, purpose=Purpose.RELINK)
    client.cookies["journey"] = session[1]
    client.post(url)
    assert LinkAttempt.objects.get().connection == made
    assert "create-company" not in simulator.calls()["operations"]


def test_looking_at_the_page_plans_nothing(customer, url, company, xero, now):
    session, _key = factories.make_session(company)
    wording = consents.wording_for(platform=xero, language="en", firm_name="Northbank")
    consents.record(session=session, platform=xero, wording=wording, now=now)
    assert customer.get(url).status_code == 200
    assert not company.writes.exists()


def test_without_permission_it_is_asked_for_first(customer, url, company):
    response = customer.post(url)
    assert response["Location"] == f"/journey/{company.public_id}/permission/gbol/"


def test_software_nobody_offers_leads_back_with_a_word(customer, company, xero, qbo):
    response = customer.get(reverse("journey:leave", args=[company.public_id, "nope"]), follow=True)
    assert "That software is not on offer now." in seen.text(response)


def test_what_is_connected_already_is_not_left_for_again(customer, url, company, simulator):
    factories.make_connection(company, status="Linked")
    assert customer.post(url)["Location"] == f"/journey/{company.public_id}/progress/"


@pytest.mark.parametrize(
    ("fault", "heading"),
    [
        ("status:401", "We cannot connect new software today"),
        ("status:429", "Many people are connecting right now"),
        ("status:500", "We cannot open Xero right now"),
        ("slow:2", "We cannot open Xero right now"),
    ],
)
@pytest.mark.usefixtures("made", "impatient")
def test_trouble_at_codat_is_a_page_of_ours(customer, url, simulator, fault, heading):
    simulator.control(
        "POST", "/faults", {"match": {"operation": "get-connection"}, "fault": fault, "times": 9}
    )
    page = customer.post(url)
    assert page.status_code == 503
    assert seen.heading(page) == heading
    assert int(page["Retry-After"]) >= 60
    assert not LinkAttempt.objects.exists()


@pytest.mark.usefixtures("made")
def test_the_days_allowance_used_up_is_not_called_a_rush(customer, url, simulator):
    tomorrow = datetime.now(UTC) + timedelta(hours=5)
    SharedQuota(for_customer=True).observe(1000, 0, tomorrow)
    page = customer.post(url)
    assert page.status_code == 503
    assert seen.heading(page) == "We cannot connect new software today"
    assert "We can e-mail o•••@b••••.example when you can carry on." in seen.text(page)
    assert seen.primary_buttons(page) == ["E-mail me when it works"]
    assert "Try again" not in seen.text(page)
    assert "Choose different software" not in seen.buttons(page)
    assert int(page["Retry-After"]) > 4 * 3600
    assert not LinkAttempt.objects.exists()


@pytest.mark.usefixtures("made")
def test_who_cannot_be_mailed_is_told_to_come_back(customer, url, company):
    company.contacts.all().delete()
    Pause.objects.create(scope=Pause.CODAT, reason="refused", since=timezone.now())
    page = customer.post(url)
    assert "Try again tomorrow with the same link, or contact us." in seen.text(page)
    assert seen.primary_buttons(page) == ["Try again"]
