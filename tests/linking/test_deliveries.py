"""Codat disables a webhook consumer that fails for days: staff hear of it, and looks go on."""

import logging

import pytest
from django.utils import timezone

from onboarding.linking import codat_client, tasks
from onboarding.linking.models import Pause
from onboarding.linking.services import deliveries, pauses
from tests.simulated import eventually

pytestmark = pytest.mark.django_db


@pytest.fixture
def delivered_here(simulator):
    """Codat's consumer has the address that this portal tells to the world."""
    simulator.settings(portal="http://testserver")
    return simulator


def our_consumer(simulator):
    (consumer,) = [
        each for each in simulator.state()["consumers"] if each["url"] == deliveries.webhook_url()
    ]
    return consumer


def disable(simulator):
    simulator.control("POST", f"/consumers/{our_consumer(simulator)['id']}", {"disabled": True})
    eventually(lambda: our_consumer(simulator)["disabled"])


def enable(simulator):
    simulator.control("POST", f"/consumers/{our_consumer(simulator)['id']}", {"disabled": False})


def heed():
    deliveries.heed_consumer(codat_client.for_worker(), now=timezone.now())


def test_a_consumer_that_codat_disabled_is_one_alert_until_it_is_enabled(delivered_here, caplog):
    disable(delivered_here)
    caplog.set_level(logging.WARNING)
    heed()
    heed()

    assert pauses.is_paused(Pause.WEBHOOKS)
    assert caplog.text.count("paused scope=webhooks") == 1

    enable(delivered_here)
    heed()
    assert not pauses.is_paused(Pause.WEBHOOKS)


def test_the_probe_of_each_minute_does_not_take_it_for_over(delivered_here):
    disable(delivered_here)
    heed()
    Pause.objects.update(since=timezone.now() - 2 * pauses.OPERATION_PAUSE)

    pauses.probe(codat_client.for_worker(), now=timezone.now())

    assert pauses.is_paused(Pause.WEBHOOKS)


def test_it_is_asked_for_whenever_the_list_of_software_is_refreshed(delivered_here):
    disable(delivered_here)

    tasks.refresh_catalogue()

    assert pauses.is_paused(Pause.WEBHOOKS)


def test_a_consumer_at_another_address_is_not_taken_for_ours(simulator):
    """Something else may pass webhooks on to us, and its address is not for us to judge."""
    (consumer,) = simulator.state()["consumers"]
    simulator.control("POST", f"/consumers/{consumer['id']}", {"disabled": True})

    heed()

    assert not pauses.is_paused(Pause.WEBHOOKS)


def test_a_codat_that_does_not_answer_changes_nothing(delivered_here):
    disable(delivered_here)
    heed()
    delivered_here.fault("list-webhook-consumers", "status:500", times=None)

    heed()

    assert pauses.is_paused(Pause.WEBHOOKS)
