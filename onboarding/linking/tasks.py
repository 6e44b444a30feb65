"""Celery's doorway: fetch, call the service. No retries here; the rows come due again."""

import logging
from functools import cache

from celery import current_app, shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from kombu import pools
from kombu.exceptions import LimitExceeded, OperationalError
from redis.exceptions import RedisError

from . import emails, heartbeat
from .codat_client import for_worker
from .models import Company, Lane, OutgoingEmail, Platform
from .services import (
    catalogue,
    deliveries,
    digests,
    housekeeping,
    looking,
    pauses,
    removals,
    schedules,
    turns,
)
from .shared_redis import shared_redis

logger = logging.getLogger(__name__)

EXPIRES = 60
"""Seconds a nudge stays good: while workers are down nothing piles up, the rows wait instead."""


@shared_task
def sweep():
    """Free what dead workers held, then hand out a batch of whatever is due."""
    heartbeat.record("worker")
    Lane.objects.free_cut(max_attempts=settings.MAX_ATTEMPTS)
    OutgoingEmail.objects.park_cut()
    _hand_out(turn, Lane.objects.due(), "company_id")
    _hand_out(send_email, OutgoingEmail.objects.due(), "pk")


def _hand_out(task, due, key):
    """The longest due first, and nothing while the last batch is still waiting for a worker.

    Handed out again each sweep, the same rows would bury every new one under a minute of copies
    as soon as the workers cannot keep up, and what waits for a minute is thrown away.
    """
    queue = current_app.amqp.router.route({}, task.name)["queue"].name
    if shared_redis().llen(queue):
        return
    for pk in due.order_by("due_at").values_list(key, flat=True)[: settings.SWEEP_BATCH]:
        task.apply_async((pk,), expires=EXPIRES)


@shared_task
def turn(company_id):
    company = Company.objects.filter(pk=company_id).first()
    if company is not None:
        client = for_worker(for_customer=looking.a_customer_may_wait(company))
        turns.take_turn(company, client, now=timezone.now())


@shared_task
def send_email(pk):
    emails.send(pk, now=timezone.now())


# Its own time: it grows with the number of companies, and cut short it would never reach the last.
@shared_task(
    soft_time_limit=settings.COMPARE_LIMIT_SECONDS, time_limit=settings.COMPARE_LIMIT_SECONDS + 60
)
def compare_pages():
    try:
        differing = looking.compare_pages(for_worker())
    except SoftTimeLimitExceeded:
        # Those that were found to differ are hinted; the others wait for the next pass.
        logger.error("compared_in_part limit=%s", settings.COMPARE_LIMIT_SECONDS)
    else:
        logger.info("compared differing=%s", differing)


@shared_task
def probe():
    housekeeping.store_call_counts()
    if pauses.probe(for_worker(), now=timezone.now()):
        compare_pages.apply_async(expires=EXPIRES)
    if not Platform.objects.exists():
        # A new deployment: the first list of software must not wait for the next refresh.
        refresh_catalogue()


@shared_task
def refresh_catalogue():
    removals.remember_account(for_worker(), now=timezone.now())
    count = catalogue.refresh_catalogue(for_worker(), now=timezone.now())
    schedules.remember_schedule(for_worker())
    deliveries.heed_consumer(for_worker(), now=timezone.now())
    logos = catalogue.fetch_logos()
    buttons = catalogue.fetch_buttons(for_worker(), now=timezone.now())
    logger.info("catalogue_refreshed integrations=%s logos=%s buttons=%s", count, logos, buttons)


@shared_task
def plan_digests():
    digests.plan_digests(now=timezone.now())


@shared_task
def prune():
    housekeeping.prune(now=timezone.now())


@cache
def _quick_connection():
    """To the same broker, but giving up on one that hangs sooner than a worker may."""
    return current_app.connection_for_write(transport_options={"socket_timeout": 1})


def _publish_after_commit(task, *args):
    """Say it once and quickly; a broker that is away costs a sweep, never a page."""
    ahead_of_background_work = {"queue": "interactive", "expires": EXPIRES, "retry": False}

    # No `partial`: Django's report of a failing callback asks for its name, and would raise.
    def publish():
        try:
            with pools.producers[_quick_connection()].acquire(block=True, timeout=1) as producer:
                task.apply_async(args, producer=producer, **ahead_of_background_work)
        except (OperationalError, LimitExceeded, RedisError, OSError) as error:
            logger.warning("nudge_lost task=%s %s", task.name, type(error).__name__)

    transaction.on_commit(publish, robust=True)


def nudge_turn(company):
    """After commit, ask a worker to take this company's turn soon, ahead of background work."""
    nudge_turn_of(company.pk)


def nudge_turn_of(company_id):
    _publish_after_commit(turn, company_id)


def nudge_email():
    """After commit, ask for a sweep, which hands out the mails that are due."""
    _publish_after_commit(sweep)
