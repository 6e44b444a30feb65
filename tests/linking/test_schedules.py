"""When Codat reads again by itself: said as far as it is known, and never guessed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from onboarding.linking import codat_client
from onboarding.linking.models import CodatInstance
from onboarding.linking.services import removals, schedules
from tests import factories

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
EVERY = {"invoices": 24 * HOUR, "bills": 168 * HOUR}


def next_read(connection, every=None, **later):
    reads = connection.operations.all()
    now = timezone.now() + timedelta(**later)
    return schedules.next_read_at(connection, reads, EVERY if every is None else every, now=now)


@pytest.fixture
def ready():
    connection = factories.make_connection(factories.make_company(), status="Linked", stage="ready")
    factories.make_operation(connection, "bills")
    factories.make_operation(connection, "invoices")
    return connection


def test_it_is_counted_from_the_last_success_of_what_is_read_most_often(ready):
    done = ready.operations.get(data_type="invoices").completed

    assert next_read(ready) == done + 24 * HOUR
    assert next_read(ready, {"bills": 168 * HOUR}) > done + 160 * HOUR


def test_a_newer_success_puts_it_off(ready):
    later = timezone.now() + 3 * HOUR
    factories.make_operation(ready, "invoices", requested=later, completed=later)

    assert next_read(ready) == later + 24 * HOUR


@pytest.mark.parametrize(
    "fields",
    [{"status": "Deauthorized"}, {"stage": "reading"}, {"one_time": True}],
    ids=["lost", "first read", "read once"],
)
def test_nothing_is_said_of_what_is_not_read_again(ready, fields):
    for name, value in fields.items():
        setattr(ready, name, value)

    assert next_read(ready) is None


def test_nothing_is_said_where_nothing_is_known_or_the_moment_has_passed(ready):
    assert next_read(ready, {}) is None
    assert next_read(ready, days=30) is None


@pytest.mark.django_db(transaction=True)
def test_the_schedule_is_codats_own_for_the_account_that_we_know(simulator, now):
    client = codat_client.for_worker()
    removals.remember_account(client, now=now)
    schedules.remember_schedule(client)

    seen = client.get_profile_sync_settings().settings
    assert {name: each.total_seconds() / 3600 for name, each in schedules.read_every().items()} == {
        each.data_type: each.sync_schedule for each in seen if each.sync_schedule
    }
    CodatInstance.objects.update(client_id="another", read_every={})
    schedules.remember_schedule(client)
    assert schedules.read_every() == {}


@pytest.mark.django_db(transaction=True)
def test_without_an_answer_what_was_known_stays(simulator, now):
    CodatInstance.objects.create(client_id="ours", seen_at=now, read_every={"bills": 24})
    simulator.fault("get-profile-syncSettings", "status:503", times=None)

    schedules.remember_schedule(codat_client.for_worker())

    assert schedules.read_every() == {"bills": 24 * HOUR}
