"""Reading again: what staff ask for, and what keeps a permission from ending unused."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from onboarding.accounts.models import User
from onboarding.linking import codat_client
from onboarding.linking.models import Platform
from onboarding.linking.services import refreshing
from onboarding.linking.stages import Reason

pytestmark = pytest.mark.django_db(transaction=True)

REFRESH_ALL = "refresh-company-data"


@pytest.fixture
def refreshes(simulator):
    """How often Codat was asked to read anew since the fixture was set up."""
    simulator.control("DELETE", "/calls")

    def count(operation="refresh-data-type"):
        return simulator.calls()["operations"].get(operation, 0)

    return count


# ── because staff ask ────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("data_type", "operation"), [("", REFRESH_ALL), ("invoices", "refresh-data-type")]
)
def test_codat_is_asked_once_however_often_it_is_pressed(
    ready, refreshes, take_turn, data_type, operation
):
    connection, now = ready.connections.get(), timezone.now()
    wish = {"connection": connection, "by": User(), "data_type": data_type, "now": now}
    assert refreshing.refresh(**wish)
    assert not refreshing.refresh(**wish)
    take_turn(ready)
    assert not refreshing.refresh(**wish)
    take_turn(ready)

    assert refreshes(operation) == 1


def test_a_wish_whose_answer_was_lost_is_not_taken_for_done_by_what_was_read_before(
    ready, simulator, refreshes, take_turn
):
    refreshing.refresh(connection=ready.connections.get(), by=User(), now=timezone.now())
    simulator.fault(REFRESH_ALL, "status:500", times=1)
    take_turn(ready)
    for minutes in (1, 2, 3, 5, 10, 15):
        take_turn(ready, minutes=minutes)

    write = ready.writes.filter(kind="refresh_all").latest("pk")
    assert write.outcome == "done"
    assert refreshes(REFRESH_ALL) > 2


# ── before a permission ends unused ──────────────────────────────────────────────────────────────
def flagged(company):
    return company.problems.open().filter(reason=Reason.ABOUT_TO_LAPSE).exists()


def mailed(company):
    return company.emails.filter(kind="about_to_end").exists()


def two_turns(company, take_turn, **later):
    """One plans the read, the other asks for it."""
    for _ in range(2):
        take_turn(company, **later)


@pytest.fixture
def by_hand_only(simulator):
    """Codat reads nothing again by itself."""
    client = codat_client.for_worker()
    known = client.get_profile_sync_settings()
    client.update_profile_sync_settings(
        client_id=known.client_id,
        settings=[replace(each, sync_schedule=0) for each in known.settings],
    )


@pytest.mark.usefixtures("by_hand_only")
def test_after_45_days_without_a_read_one_is_asked_for_and_all_is_well(
    ready, simulator, refreshes, take_turn
):
    before = ready.connections.get().last_read_at
    simulator.advance(46 * 86400)
    two_turns(ready, take_turn, days=46)
    simulator.advance(60)
    take_turn(ready, days=46, minutes=1)

    assert refreshes() == 1
    assert ready.connections.get().last_read_at > before + timedelta(days=45)
    take_turn(ready, days=50)
    assert refreshes() == 1
    assert not flagged(ready)
    assert not mailed(ready)


def test_where_that_read_fails_staff_and_customer_are_told_before_the_permission_ends(
    ready, simulator, refreshes, take_turn
):
    simulator.fault("refresh-data-type", "status:400", times=99)
    two_turns(ready, take_turn, days=46)
    assert refreshes() == 1
    assert not flagged(ready)

    take_turn(ready, days=49)
    assert flagged(ready)
    assert mailed(ready)
    assert refreshes() == 1


def test_software_with_a_longer_time_of_its_own_is_asked_and_flagged_that_much_later(
    ready, simulator, refreshes, take_turn
):
    Platform.objects.filter(key="gbol").update(idle_days=90)
    simulator.fault("refresh-data-type", "status:400", times=99)
    two_turns(ready, take_turn, days=89)
    assert refreshes() == 0
    assert not flagged(ready)

    two_turns(ready, take_turn, days=91)
    assert refreshes() == 1
    assert not flagged(ready)
    take_turn(ready, days=94)
    assert flagged(ready)
