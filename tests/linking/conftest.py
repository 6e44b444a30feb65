"""Turns, taken by hand: what a worker would do next for one company."""

from datetime import timedelta

import pytest
from django.utils import timezone

from onboarding.linking import codat_client
from onboarding.linking.models import Lane, Platform
from onboarding.linking.models.work import moment
from onboarding.linking.services import catalogue, connecting, identity, looking, reading, turns
from onboarding.linking.stages import Stage
from tests import factories
from tests.simulated import eventually

from .lanes import LEASE, Actor


@pytest.fixture
def lane(db):
    """A lane that is due."""
    lane = factories.make_company().lane
    Lane.objects.filter(pk=lane.pk).update(due_at=moment(-LEASE))
    return lane


@pytest.fixture
def actors():
    """Three at once, each with a database connection of its own."""
    three = [Actor(), Actor(), Actor()]
    yield three
    for actor in three:
        actor.stop()


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
def read_at_once(monkeypatch):
    """Looks ask for what was read at once: this simulator begins to read in a moment."""
    monkeypatch.setattr(reading, "JUST_LINKED", timedelta(seconds=0.1))


@pytest.fixture
def look_until(take_turn, read_at_once):
    """`look_until(company, condition)`: turns until the condition holds for it."""

    def look_until(company, condition, *, what="the expected reading", seconds=15, **later):
        def look():
            take_turn(company, **later)
            return condition(company)

        return eventually(look, seconds=seconds, what=what)

    return look_until


@pytest.fixture
def make_ready(look_until):
    """`make_ready(company)`: its customer confirms the name that was read; the first read ends."""

    def make(company):
        found = look_until(company, lambda c: identity.awaiting(company=c), what="the name")
        identity.confirm(identity_public_id=found.public_id, company=company, now=timezone.now())
        look_until(company, lambda c: c.stage == Stage.READY, what="the first read")

    return make


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


@pytest.fixture
def ready(linked, make_ready):
    """The same, after the customer confirmed the name and the first read is done."""
    make_ready(linked)
    return linked
