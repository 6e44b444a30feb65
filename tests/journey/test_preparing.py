import pytest
from django.urls import reverse
from django.utils import timezone

from onboarding.linking.models import Pause, Problem
from onboarding.linking.services import connecting
from tests import factories

from . import seen

pytestmark = pytest.mark.django_db
POLL = {"HX-Request": "true", "HX-Target": "preparing_status"}


@pytest.fixture
def url(company, xero, qbo):
    return reverse("journey:preparing", args=[company.public_id, "gbol"])


@pytest.fixture
def planned(company, xero, now):
    session, _key = factories.make_session(company)
    connecting.begin_connection(session=session, platform=xero, now=now)


def test_it_waits_in_words_and_can_be_looked_at_again_without_script(customer, url, planned):
    page = customer.get(url)
    assert seen.heading(page) == "Opening Xero"
    assert "a few seconds" in seen.text(page)
    assert f'<a id="onward" href="{url}">Check again</a>' in page.content.decode()


def test_the_fragment_looks_again_less_and_less_often_and_then_stops(customer, url, planned):
    def trigger(looks):
        fragment = customer.get(url, {"looks": looks}, headers=POLL).content.decode()
        assert "<html" not in fragment
        return "load delay:" in fragment and fragment.split("load delay:")[1].split('"')[0]

    assert [trigger(looks) for looks in (0, 2, 9, 500)] == ["1s", "2s", "30s", False]


def test_once_the_connection_is_there_a_button_goes_to_it(customer, url, company, planned):
    factories.make_connection(company)
    fragment = customer.get(url, headers=POLL)
    assert seen.primary_buttons(fragment) == ["Go to Xero"]
    assert f'action="/journey/{company.public_id}/leave/gbol/"' in fragment.content.decode()
    assert "hx-trigger" not in fragment.content.decode()


def test_the_page_lets_its_form_lead_off_site(customer, url, company, planned):
    assert "https:" in seen.form_action(customer.get(url))


def test_with_nothing_planned_it_leads_to_what_comes_first(customer, url, company):
    assert customer.get(url)["Location"] == f"/journey/{company.public_id}/leave/gbol/"


@pytest.mark.usefixtures("planned")
@pytest.mark.parametrize("cause", ["refused", "paused"])
def test_what_codat_will_not_make_is_said_instead_of_waited_for(customer, url, company, cause):
    if cause == "refused":
        Problem.objects.create(company=company, reason="refused", since=timezone.now())
    else:
        Pause.objects.create(scope=Pause.CODAT, reason="401", since=timezone.now())
    page = customer.get(url)
    assert page.status_code == 503
    assert seen.heading(page) == "We cannot connect new software today"
    assert customer.get(url, headers=POLL)["HX-Refresh"] == "true"


def test_polling_does_not_keep_a_session_alive(client, company, url, planned, ago):
    session, client.cookies["journey"] = factories.make_session(company, now=ago(minutes=20))
    client.get(url, headers=POLL)
    session.refresh_from_db()
    assert session.used_at < ago(minutes=19)
    client.get(url)
    session.refresh_from_db()
    assert session.used_at > ago(minutes=1)


def test_waiting_that_takes_long_is_said_to_be_on_our_side(customer, url, company, planned, ago):
    company.writes.update(key_made_at=ago(seconds=31))
    words = seen.text(customer.get(url))
    assert "This takes longer than usual. It is on our side." in words
    assert "Your answers are saved." in words


def test_whoever_waits_long_can_be_told_by_mail_and_is_told_that_they_will_be(
    customer, url, company, planned, ago
):
    assert "E-mail me when it works" not in seen.buttons(customer.get(url))
    company.writes.update(key_made_at=ago(seconds=31))
    assert "E-mail me when it works" in seen.buttons(customer.get(url))
    customer.post(reverse("journey:tell_me", args=[company.public_id, "gbol"]))
    page = customer.get(url)
    assert "E-mail me when it works" not in seen.buttons(page)
    assert "when you can carry on." in seen.text(page)
