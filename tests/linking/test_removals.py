"""Absence is never deletion: what must be true before something of Codat's counts as gone."""

from datetime import timedelta

import pytest
from django.utils import timezone

from onboarding.linking import codat_client
from onboarding.linking.models import CodatInstance, Company, HistoryEntry, Pause
from onboarding.linking.services import looking, turns
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def at_codat(simulator):
    """A company that Codat knows, with one linked connection that we have seen."""
    client = codat_client.for_worker()
    made = client.create_company(name="Brook", tags={"uid": "brook"})
    connection = client.create_connection(made.id, platform_key="gbol")
    simulator.act(connection.id, "authorize")
    company = factories.make_company(codat_id=made.id)
    turn(company)
    factories.age_linking(company, minutes=5)
    CodatInstance.objects.create(
        client_id=client.get_profile_sync_settings().client_id, seen_at=timezone.now()
    )
    return company


def turn(company, **later):
    company.refresh_from_db()
    looking.hint_now(company=company)
    now = timezone.now() + timedelta(**later)
    turns.take_turn(company, codat_client.for_worker(), now=now)
    company.refresh_from_db()
    return company


def test_one_404_deletes_nobody(at_codat, simulator):
    codat_client.for_worker().delete_company(at_codat.codat_id)

    company = turn(at_codat)

    assert company.missing_since
    assert company.gone_at is None
    assert company.connections.present().count() == 1


def test_a_second_404_ten_minutes_later_is_a_deletion(at_codat, simulator):
    codat_client.for_worker().delete_company(at_codat.codat_id)
    turn(at_codat)
    assert turn(at_codat, minutes=5).gone_at is None

    company = turn(at_codat, minutes=11)

    assert company.gone_at
    assert not company.connections.present().exists()
    assert HistoryEntry.objects.filter(company=company, after="deleted").count() == 1


def test_a_company_that_answers_again_was_never_missing(at_codat, simulator):
    simulator.fault("get-company", "status:404")
    assert turn(at_codat).missing_since

    assert turn(at_codat, minutes=11).missing_since is None


def test_a_foreign_account_deletes_nobody_and_stops_all_removals(at_codat, simulator):
    CodatInstance.objects.update(client_id="somebody-else")
    simulator.fault("get-company", "status:404", times=2)
    turn(at_codat)

    company = turn(at_codat, minutes=11)

    assert company.gone_at is None
    assert Pause.objects.filter(scope=Pause.REMOVALS).exists()


def test_a_deleted_connection_counts_as_gone_after_its_own_second_404(at_codat, simulator):
    connection = at_codat.connections.get()
    codat_client.for_worker().delete_connection(at_codat.codat_id, connection.codat_id)
    assert turn(at_codat).connections.present().get().missing_since

    company = turn(at_codat, minutes=11)

    assert not company.connections.present().exists()
    assert company.connections.get().stage == "gone"


def test_many_losses_at_once_pull_the_brake(at_codat, simulator, now):
    for _ in range(21):
        HistoryEntry.objects.create(
            company=at_codat, kind="status", at=now, source="read", subject="connection",
            after="Deauthorized",
        )  # fmt: skip
    codat_client.for_worker().delete_company(at_codat.codat_id)
    turn(at_codat)
    HistoryEntry.objects.update(at=timezone.now() + timedelta(minutes=5))

    turn(at_codat, minutes=11)

    assert Company.objects.get(pk=at_codat.pk).gone_at is None
    assert Pause.objects.get().scope == Pause.REMOVALS
