"""What each page asks of the database, with the firm and its offers kept as in a deployment."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from onboarding.linking.on_offer import on_offer
from tests.bench.places import places

pytestmark = pytest.mark.django_db

QUERIES = {
    "start": 0,
    "choose": 2,
    "permission": 7,
    "leave": 5,
    "progress": 8,
    "progress, polled": 6,
    "confirm": 3,
    "done": 9,
    "your connections": 9,
}
"""The most that each may ask. One of them is always the session with its company."""


def test_each_page_asks_no_more_of_the_database_than_it_did(client, xero, qbo, kept):
    on_offer()
    found = {title: _count(client, path, headers) for title, path, headers in list(places())}
    assert {title: count for title, count in found.items() if count > QUERIES[title]} == {}


def _count(client, path, headers):
    """Of a second look: the first one may hint, and store that the session was used."""
    assert client.get(path, headers=headers).status_code == 200, path
    with CaptureQueriesContext(connection) as queries:
        client.get(path, headers=headers)
    return len(queries)


def test_what_staff_change_is_seen_by_other_processes_once_the_kept_is_old(settings, xero, kept):
    assert on_offer().platform("gbol")
    xero.shown = False
    xero.save(update_fields=["shown"])
    assert on_offer().platform("gbol")

    settings.FIRM_CACHE_SECONDS = 0
    assert on_offer().platform("gbol") is None
    assert on_offer().known_platform("gbol") == xero


def test_what_staff_change_is_seen_by_the_process_that_saved_it_at_once(admin_client, xero, kept):
    assert on_offer().platform("gbol")
    url = reverse("admin:linking_platform_change", args=[xero.pk])
    shown = admin_client.get(url).context["adminform"].form.initial
    form = {name: value for name, value in shown.items() if value not in (None, True, False)}

    assert admin_client.post(url, form).status_code == 302

    assert on_offer().platform("gbol") is None
