"""A refusal that concerns everybody: one pause, one alert, and silence until it is tried again."""

import logging

import pytest
from django.utils import timezone

from onboarding.linking import codat_client
from onboarding.linking.models import Lane, Pause, Platform
from onboarding.linking.services import connecting, turns
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def two(xero_at_codat):
    """Two customers who have just agreed."""
    companies = []
    for name in ("Brook", "Harbour"):
        company = factories.make_company(name, email=f"{name.lower()}@customer.example")
        session, _key = factories.make_session(company)
        platform = Platform.objects.get(pk=xero_at_codat.pk)
        connecting.begin_connection(session=session, platform=platform, now=timezone.now())
        companies.append(company)
    return companies


def turns_of(companies):
    for company in companies:
        Lane.objects.filter(company=company).wake()
        company.refresh_from_db()
        turns.take_turn(company, codat_client.for_worker(), now=timezone.now())


@pytest.mark.parametrize(
    ("status", "scope"), [(401, Pause.CODAT), (402, "create_company"), (403, "create_company")]
)
def test_two_customers_twice_refused_are_one_pause_one_alert_and_one_call(
    two, simulator, caplog, status, scope
):
    simulator.fault("create-company", f"status:{status}", times=99)
    simulator.control("DELETE", "/calls")
    with caplog.at_level(logging.ERROR):
        turns_of(two)
        turns_of(two)

    assert [pause.scope for pause in Pause.objects.all()] == [scope]
    alerts = [r for r in caplog.records if r.levelno >= logging.ERROR]
    assert [r.getMessage().split(" reason=")[0] for r in alerts] == [f"paused scope={scope}"]
    assert simulator.calls()["operations"].get("create-company") == 1
    assert all(company.writes.open().count() == 2 for company in two)
