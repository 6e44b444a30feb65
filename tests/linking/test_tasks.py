"""Celery's doorway: what a sweep hands out, and nudges that never hurt."""

import json
import socket
import subprocess
import time
from datetime import timedelta

import pytest
import redis
from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.utils import timezone
from kombu import pools

from onboarding import codat
from onboarding.celery import app
from onboarding.demo.stack import find_redis
from onboarding.linking import codat_client, tasks
from onboarding.linking.models import (
    CallCount,
    Company,
    CustomerSession,
    Lane,
    OutgoingEmail,
    Pause,
    Platform,
    WebhookEvent,
)
from onboarding.linking.models.work import moment
from onboarding.linking.services import housekeeping, looking, pauses
from tests import factories
from tests.conftest import free_port
from tests.simulated import API_KEY, eventually

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def broker(real_redis, redis_url):
    """The real Redis as Celery's broker; what is published stays in its queues."""
    previous = app.conf.broker_url
    _point_at(redis_url)
    yield real_redis
    _point_at(previous)


@pytest.fixture
def broker_at():
    """`broker_at(port)`: somewhere that may not answer."""
    previous = app.conf.broker_url

    yield lambda port: _point_at(f"redis://127.0.0.1:{port}/0")
    _point_at(previous)


def _point_at(url):
    pools.reset()
    app._pool = app.amqp._producer_pool = None
    tasks._quick_connection.cache_clear()
    app.conf.broker_url = app.conf.broker_read_url = app.conf.broker_write_url = url


def published(broker, queue):
    """(task, arguments) of each message waiting in a queue, oldest first."""
    found = []
    for text in reversed(broker.lrange(queue, 0, -1)):
        message = json.loads(text)
        headers = message["headers"]
        assert headers["expires"], "nothing may pile up while workers are down"
        found.append((headers["task"].rpartition(".")[2], headers["argsrepr"]))
    return found


def make_due(**fields):
    Lane.objects.update(due_at=moment(timedelta(seconds=-1)), **fields)


def test_a_sweep_hands_out_what_is_due_and_only_that(broker):
    due, later, parked = (factories.make_company(name) for name in "ABC")
    make_due()
    Lane.objects.filter(company=later).update(due_at=moment(timedelta(hours=1)))
    Lane.objects.filter(company=parked).update(parked_reason="set aside")
    factories.make_invitation(due)
    make_due()
    Lane.objects.filter(company=later).update(due_at=None)
    OutgoingEmail.objects.update(due_at=moment(timedelta(seconds=-1)))

    tasks.sweep()

    assert published(broker, "codat") == [("turn", f"({due.pk},)")]
    assert published(broker, "mail") == [("send_email", f"({OutgoingEmail.objects.get().pk},)")]


def test_a_sweep_frees_what_was_cut_before_it_hands_out(broker):
    company = factories.make_company()
    make_due()
    assert Lane.objects.claim(company.lane.pk, lease=timedelta(seconds=-1))

    tasks.sweep()

    assert published(broker, "codat") == [("turn", f"({company.pk},)")]


def test_a_sweep_hands_out_a_bounded_batch_the_longest_due_first(broker, settings):
    settings.SWEEP_BATCH = 2
    companies = [factories.make_company(name) for name in "ABC"]
    for hours, company in zip((1, 3, 2), companies, strict=True):
        Lane.objects.filter(company=company).update(due_at=moment(timedelta(hours=-hours)))

    tasks.sweep()

    assert [text for _, text in published(broker, "codat")] == [
        f"({companies[1].pk},)",
        f"({companies[2].pk},)",
    ]


def test_what_still_waits_for_a_worker_is_not_handed_out_again(broker):
    """Or copies of the old would bury the new when workers cannot keep up."""
    slow = factories.make_company("A")
    factories.make_invitation(slow)
    OutgoingEmail.objects.update(due_at=moment(timedelta(seconds=-1)))
    make_due()
    tasks.sweep()
    new = factories.make_company("B")
    make_due()

    tasks.sweep()

    assert published(broker, "codat") == [("turn", f"({slow.pk},)")]
    assert len(published(broker, "mail")) == 1
    broker.delete("codat")  # a worker has taken it
    tasks.sweep()
    assert {text for _, text in published(broker, "codat")} == {f"({slow.pk},)", f"({new.pk},)"}
    assert len(published(broker, "mail")) == 1


def test_a_sweep_that_loses_the_broker_loses_no_work(broker_at):
    factories.make_company()
    make_due()
    broker_at(free_port())

    with pytest.raises(Exception, match=r"refused|Error"):
        tasks.sweep()

    assert Lane.objects.due().exists()


def test_a_nudge_is_published_after_the_commit_and_ahead_of_background_work(broker):
    company = factories.make_company()
    with transaction.atomic():
        tasks.nudge_turn(company)
        assert published(broker, "interactive") == []

    assert published(broker, "interactive") == [("turn", f"({company.pk},)")]


def test_a_nudge_of_what_was_rolled_back_is_not_published(broker):
    company = factories.make_company()
    with transaction.atomic():
        tasks.nudge_turn(company)
        transaction.set_rollback(True)

    assert published(broker, "interactive") == []


def test_a_nudge_for_mail_is_a_sweep(broker):
    tasks.nudge_email()

    assert [task for task, _ in published(broker, "interactive")] == ["sweep"]


def nudge_time(company):
    started = time.monotonic()
    tasks.nudge_turn(company)
    tasks.nudge_email()
    return time.monotonic() - started


def test_a_nudge_with_nobody_listening_neither_raises_nor_takes_long(broker_at):
    company = factories.make_company()
    broker_at(free_port())

    assert nudge_time(company) < 1.5


def test_a_nudge_to_a_broker_that_hangs_neither_raises_nor_takes_long(broker_at):
    company = factories.make_company()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        broker_at(silent.getsockname()[1])

        assert nudge_time(company) < 3


def test_a_broker_that_goes_away_between_two_nudges_hurts_nobody(broker_at, tmp_path):
    company = factories.make_company()
    port = free_port()
    command = [find_redis(), "--bind", "127.0.0.1", "--port", str(port), "--save", ""]
    server = subprocess.Popen([*command, "--dir", str(tmp_path)], stdout=subprocess.DEVNULL)
    client = redis.Redis(port=port)
    broker_at(port)
    try:
        eventually(lambda: answers(client), what="Redis")
        tasks.nudge_turn(company)
        assert client.llen("interactive") == 1
    finally:
        server.kill()
        server.wait(10)

    assert nudge_time(company) < 1.5


def answers(client):
    try:
        return client.ping()
    except redis.ConnectionError:
        return False


def test_a_turn_of_a_company_that_is_gone_is_no_error(db):
    tasks.turn(0)


def test_when_a_pause_ends_everybody_is_compared(broker, simulator, now):
    factories.make_platform()
    pauses.pause(Pause.CODAT, "for a test", now=now)

    tasks.probe()

    assert not Pause.objects.exists()
    assert [task for task, _ in published(broker, "codat")] == ["compare_pages"]


def test_a_pass_over_everybody_may_take_longer_than_other_work(settings):
    assert (
        10 * tasks.turn.soft_time_limit
        < tasks.compare_pages.soft_time_limit
        < settings.COMPARE_SECONDS
    )
    assert tasks.compare_pages.time_limit > tasks.compare_pages.soft_time_limit


class StoppedOnTheThirdPage(codat.Client):
    """A worker whose time is up while it reads the list."""

    def list_companies(self, **filters):
        for number, company in enumerate(super().list_companies(**filters)):
            if number == 4:
                raise SoftTimeLimitExceeded
            yield company


def test_a_pass_that_is_stopped_keeps_what_it_found_and_calls_nobody_absent(simulator, settings):
    settings.CODAT_PAGE_SIZE = 2
    client = StoppedOnTheThirdPage(API_KEY, simulator.url)
    (listed, *_) = simulator.state()["companies"]
    ids = [client.create_company(name=f"Business {number}").id for number in range(5)]
    for codat_id in (listed["id"], *ids):
        factories.make_connection(factories.make_company(codat_id=codat_id))
    Lane.objects.update(hinted=False, due_at=None)

    with pytest.raises(SoftTimeLimitExceeded):
        looking.compare_pages(client)
    assert Lane.objects.filter(hinted=True).count() == 4

    assert looking.compare_pages(codat_client.for_worker()) == 6
    assert Lane.objects.filter(hinted=True).count() == 6
    client.close()


def test_companies_that_are_no_longer_listed_are_hinted_and_nothing_else(simulator, settings):
    settings.CODAT_PAGE_SIZE = 2
    absent = [factories.make_company(codat_id=f"no-longer-there-{n}") for n in range(5)]
    factories.make_company()
    Lane.objects.update(hinted=False, due_at=None)

    assert looking.compare_pages(codat_client.for_worker()) == 5

    assert {lane.company for lane in Lane.objects.filter(hinted=True)} == set(absent)
    assert not Company.objects.filter(gone_at__isnull=False).exists()


def test_a_new_deployment_gets_its_list_of_software_within_a_minute(simulator):
    tasks.probe()

    assert Platform.objects.on_offer().exists()


def test_calls_counted_in_redis_become_rows(broker, simulator):
    factories.make_platform()
    for _ in range(2):
        tasks.compare_pages()
        tasks.probe()

    assert CallCount.objects.get(operation="list-companies").count == 2


def test_what_has_served_is_thrown_away_and_what_happened_is_kept(db, ago):
    company = factories.make_company()
    factories.make_session(company)
    CustomerSession.objects.update(used_at=ago(days=1000))
    for days in (1, 29, 31):
        WebhookEvent.objects.create(webhook_id=f"w{days}", received_at=ago(days=days))

    assert housekeeping.prune(now=timezone.now())["events"] == 1

    assert CustomerSession.objects.exists()
