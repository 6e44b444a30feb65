"""`manage.py reconcile`: everybody is looked at again after trouble."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from onboarding.linking.models import Company, Lane
from onboarding.linking.stages import Stage
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


def reconcile(*arguments):
    said = StringIO()
    call_command("reconcile", *arguments, stdout=said)
    return said.getvalue().strip()


@pytest.fixture
def ready(ready):
    """The same, with nothing on its way, and nobody waits for anything."""
    at_rest(ready)
    return ready


def at_rest(company):
    Lane.objects.filter(company=company).update(due_at=None, hinted=False)


def is_asked(company):
    return Lane.objects.get(company=company).hinted


def seen(company, **ago):
    Company.objects.filter(pk=company.pk).update(observed_at=timezone.now() - timedelta(**ago))


def test_who_differs_from_codats_list_is_asked_for(ready, simulator, take_turn):
    assert reconcile() == "0 companies differ from Codat's list; 0 asked again."
    assert not is_asked(ready)

    simulator.act(ready.connections.get().codat_id, "deauthorize")
    at_rest(ready)
    assert reconcile() == "1 companies differ from Codat's list; 0 asked again."
    assert is_asked(ready)
    take_turn(ready, hint=False)
    assert ready.stage == Stage.LOST


def test_who_is_on_their_way_is_asked_for_though_nothing_differs(made):
    factories.restage(made)
    at_rest(made)

    assert reconcile() == "0 companies differ from Codat's list; 1 asked again."
    assert is_asked(made)


@pytest.mark.parametrize(
    ("since", "hours", "again"),
    [("28:00:00", 27, 1), ("28:00:00", 29, 0), ("2 00:00:00", 47, 1), ("2 00:00:00", 49, 0)],
)
def test_since_asks_for_all_that_were_looked_at_within_that_time(ready, since, hours, again):
    seen(ready, hours=hours)

    said = reconcile("--since", since)

    assert said == f"0 companies differ from Codat's list; {again} asked again."
    assert is_asked(ready) == bool(again)


@pytest.mark.parametrize("since", ["yesterday", "-28:00:00", "0", "28 hours please"])
@pytest.mark.usefixtures("simulator")
def test_what_is_no_duration_is_refused_and_nobody_is_asked_for(company, since):
    with pytest.raises(CommandError, match="not a duration"):
        reconcile(f"--since={since}")
    assert not is_asked(company)
