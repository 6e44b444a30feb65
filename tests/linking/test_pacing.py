"""How soon a company is looked at again while its customer waits for the name."""

from datetime import timedelta

import pytest
from django.utils import timezone

from onboarding.linking.models import WebhookEvent
from onboarding.linking.services.pacing import JUST_LINKED, next_look
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def linked():
    company = factories.make_company(codat_id="company-1")
    return factories.make_connection(company, status="Linked")


def wait(connection, *, age):
    """Seconds to the next look, so many seconds after it was linked."""
    connection.refresh_from_db()
    now = connection.linked_last_at + timedelta(seconds=age)
    return (next_look(connection.company, now=now) - now).total_seconds()


def hear(event_type):
    WebhookEvent.objects.create(
        webhook_id=event_type,
        type=event_type,
        company_codat_id="company-1",
        received_at=timezone.now(),
    )


def test_without_webhooks_the_name_is_asked_for_once_it_can_have_been_read(linked):
    first = JUST_LINKED.total_seconds()

    assert wait(linked, age=0) == first
    assert wait(linked, age=2) == first - 2
    assert wait(linked, age=first) == 1.5


def test_without_webhooks_looks_widen_as_long_as_there_is_no_name(linked):
    waits = [wait(linked, age=age) for age in (5, 30, 100, 500, 1700)]

    assert waits == sorted(waits)
    assert waits[-1] == 60


def test_a_computer_that_stays_off_for_weeks_is_still_looked_at_now_and_then(linked):
    hour = 3600

    assert wait(linked, age=20 * 24 * hour) == 6 * hour
    assert next_look(linked.company, now=linked.linked_last_at + timedelta(days=31)) is None


def test_where_webhooks_arrive_they_bring_the_looks_and_ours_are_few(linked):
    hear("connection.connected")

    assert wait(linked, age=0) >= 45


def test_no_webhook_tells_that_a_computer_is_off_so_its_first_reads_are_asked_for(linked):
    factories.make_platform(linked.platform_key, "Sage 50", is_offline=True)
    hear("connection.connected")
    assert wait(linked, age=0) == JUST_LINKED.total_seconds()

    factories.make_operation(linked, "company", "Queued")
    assert wait(linked, age=5) >= 45


def test_software_that_reads_at_once_is_looked_at_again_soon(linked):
    hear("read.completed")

    assert wait(linked, age=0) == 1
