"""Calls to Codat by hour and operation, and what is left of the day's allowance."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission

from onboarding.linking import shared_quota, shared_redis
from onboarding.linking.models import CallCount
from tests.conftest import free_port

URL = "/admin/linking/callcount/report/"


def text(response):
    return response.content.decode()


def count(hour, operation, number, day=None):
    day = day or datetime.now(UTC)
    moment = day.replace(hour=hour, minute=0, second=0, microsecond=0)
    CallCount.objects.create(hour=moment, operation=operation, count=number)


@pytest.fixture
def counted(db):
    count(0, "get-company", 30)
    count(0, "list-connections", 5)
    count(23, "list-connections", 70)


def rows(page):
    """The numbers of each row of the table, by what it is headed with."""
    found = {}
    for row in re.findall(r"<tr>(<th scope=.row.*?)</tr>", page, re.DOTALL):
        head, *cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)
        found[re.sub(r"<.*?>", "", head)] = cells
    return found


@pytest.mark.usefixtures("real_redis", "counted")
def test_calls_stand_by_operation_and_hour_the_most_used_first(as_charlie):
    page = text(as_charlie.get(URL))
    found = rows(page)
    assert found["list-connections"] == ["75", "5", "70"]
    assert found["get-company"] == ["30", "30", "–"]
    assert found["All"] == ["105", "35", "70"]
    assert page.index("list-connections") < page.index("get-company")
    assert "00:00" in page
    assert "23:00" in page


@pytest.mark.usefixtures("real_redis")
def test_other_days_are_reached_by_links_and_nonsense_means_today(as_charlie):
    now = datetime.now(UTC)
    count(3, "get-company", 41, now - timedelta(days=1))
    page = text(as_charlie.get(URL))
    assert "No call was counted on this day." in page
    assert "The day after" not in page
    yesterday = f"?day={(now - timedelta(days=1)).date().isoformat()}"
    assert yesterday in page
    assert rows(text(as_charlie.get(URL + yesterday)))["get-company"] == ["41", "41"]
    for nonsense in ("?day=x", "?day=2999-01-01", "?day=", "?day=0001-01-01"):
        assert "No call was counted on this day." in text(as_charlie.get(URL + nonsense))


def test_what_is_used_and_what_is_kept_for_customers_is_said_in_numbers(
    as_charlie, real_redis, settings
):
    settings.CODAT_RESERVE = 0.2
    reset = datetime.now(UTC) + timedelta(hours=2)
    shared_quota.SharedQuota(for_customer=False).observe(58_000, 54_880, reset)
    page = text(as_charlie.get(URL))
    assert "<strong>3,120 of 58,000</strong>" in page
    assert "11,600 are kept for customers who wait; background work may use 43,280 more." in page


def test_before_codat_said_anything_it_is_called_not_known(as_charlie, real_redis):
    assert "Not known" in text(as_charlie.get(URL))


def test_without_redis_the_counts_are_still_there(as_charlie, counted, settings):
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    shared_redis.shared_redis.cache_clear()
    page = text(as_charlie.get(URL))
    shared_redis.shared_redis.cache_clear()
    assert "Not known" in page
    assert "list-connections" in page


@pytest.mark.usefixtures("real_redis")
def test_the_list_of_counts_leads_to_the_table(as_charlie):
    assert URL in text(as_charlie.get("/admin/linking/callcount/"))


@pytest.mark.usefixtures("real_redis")
def test_it_is_for_those_who_may_see_the_counts(client, as_alice, alice, as_charlie):
    assert client.get(URL).status_code == 302
    assert as_alice.get(URL).status_code == 403
    alice.user_permissions.add(Permission.objects.get(codename="view_callcount"))
    assert as_alice.get(URL).status_code == 200
    assert as_charlie.post(URL).status_code == 405


@pytest.mark.usefixtures("real_redis")
def test_the_first_page_of_the_administration_leads_there(as_charlie, as_alice):
    page = text(as_charlie.get("/admin/"))
    assert "Codat allowance now" in page
    assert f'href="{URL}"' in page
    assert "Codat allowance now" not in text(as_alice.get("/admin/"))
