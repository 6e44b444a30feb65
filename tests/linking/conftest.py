"""Turns, taken by hand: what a worker would do next for one company."""

from datetime import timedelta

import pytest
from django.utils import timezone

from onboarding.linking import codat_client
from onboarding.linking.models import Lane, Platform
from onboarding.linking.services import catalogue, connecting, looking, turns
from tests import factories


@pytest.fixture
def xero_at_codat(simulator):
    """The platforms as Codat lists them; the one that most tests choose."""
    catalogue.refresh_catalogue(codat_client.for_worker(), now=timezone.now())
    return Platform.objects.get(key="gbol")


@pytest.fixture
def session(xero_at_codat):
    return factories.make_session(factories.make_company())[0]


@pytest.fixture
def take_turn():
    """`take_turn(company, minutes=1)`: its lane's whole turn, as of that much later."""

    def take(company, *, client=None, hint=True, **later):
        if hint:
            looking.hint_now(company=company)
        else:
            Lane.objects.filter(company=company).wake()
        company.refresh_from_db()
        now = timezone.now() + timedelta(**later)
        error = turns.take_turn(company, client or codat_client.for_worker(), now=now)
        company.refresh_from_db()
        return error

    return take


@pytest.fixture
def begun(session, xero_at_codat):
    """A company whose customer agreed: two writes are planned and nothing is sent yet."""
    connecting.begin_connection(session=session, platform=xero_at_codat, now=timezone.now())
    session.company.refresh_from_db()
    return session.company


@pytest.fixture
def made(begun, take_turn):
    """The same, with company and connection made at Codat."""
    take_turn(begun)
    return begun


@pytest.fixture
def linked(made, simulator, take_turn):
    """The same, after the customer allowed access; nothing is confirmed yet."""
    simulator.act(made.connections.get().codat_id, "authorize")
    take_turn(made)
    factories.age_linking(made, minutes=5)
    return made
