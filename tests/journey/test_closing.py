"""While `CLOSED_FOR_WORK` is set."""

from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse
from django.utils import timezone

from tests import factories
from tests.desk.cast import make_user

from . import seen

pytestmark = pytest.mark.django_db


@pytest.fixture
def closed(settings):
    settings.CLOSED_FOR_WORK = "yes"


@pytest.mark.parametrize("address", ["/", "/connections/", "/link/return?state=x", "/i/token/"])
def test_customers_are_told_that_we_are_back_soon(client, closed, address):
    page = client.get(address)
    assert page.status_code == 503
    assert seen.heading(page) == "We are back soon"
    assert page["Retry-After"] == "600"
    assert page["Cache-Control"] == "no-store"


def test_the_moment_of_opening_is_told(client, settings):
    opens_at = timezone.now() + timedelta(days=2)
    settings.CLOSED_FOR_WORK = opens_at.isoformat()
    page = client.get("/")
    assert f"We are back at {opens_at:%H:%M} on {opens_at:%A}" in seen.heading(page)
    assert 172_790 < int(page["Retry-After"]) <= 172_800


def test_work_that_takes_longer_than_was_thought_stays_closed_without_a_moment(client, settings):
    settings.CLOSED_FOR_WORK = (timezone.now() - timedelta(minutes=1)).isoformat()
    page = client.get("/")
    assert page.status_code == 503
    assert seen.heading(page) == "We are back soon"


def test_nothing_that_is_sent_is_done(client, closed, company):
    _session, client.cookies["journey"] = factories.make_session(company)
    url = reverse("journey:not_listed", args=[company.public_id])
    assert client.post(url, {"software": "Pandle"}).status_code == 503
    assert company.history.not_listed() is None


def test_staff_probes_and_events_go_on(client, closed, settings):
    assert client.get("/health/live").status_code == 200
    assert client.get("/accounts/login/").status_code == 200
    settings.CODAT_WEBHOOK_SECRETS = ["whsec_c2VjcmV0"]
    assert client.post("/webhooks/codat").status_code == 401
    client.force_login(make_user("Ana"))
    assert client.get("/desk/").status_code == 200


def test_open_again_nothing_is_left_of_it(client, xero):
    assert client.get("/").status_code == 200


@pytest.mark.parametrize("text", ["soon", "2026-11-24T06:00", "2026-13-01T06:00+00:00"])
def test_what_is_no_moment_stops_the_start(client, settings, text):
    settings.CLOSED_FOR_WORK = text
    with pytest.raises(ImproperlyConfigured, match="CLOSED_FOR_WORK"):
        client.get("/")
