"""Codat's allowance, shared through a real Redis."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from onboarding.codat import RateLimitError
from onboarding.linking import shared_quota, shared_redis
from onboarding.linking.shared_quota import SharedQuota
from tests.conftest import free_port


@pytest.fixture
def waiting(real_redis):
    return SharedQuota(for_customer=True)


@pytest.fixture
def background(real_redis):
    return SharedQuota(for_customer=False)


def until_midnight(hours=5):
    return datetime.now(UTC) + timedelta(hours=hours)


def refused(quota):
    with pytest.raises(RateLimitError) as error:
        quota.acquire("get-company")
    return error.value.retry_after


def test_before_codat_said_anything_calls_are_made(background):
    background.acquire("get-company")


def test_background_work_leaves_a_reserve_to_customers(waiting, background, settings):
    settings.CODAT_RESERVE = 0.2
    background.observe(1000, 202, until_midnight())

    background.acquire("list-companies")
    background.acquire("list-companies")
    wait = refused(background)

    assert 4 * 3600 < wait <= 5 * 3600
    waiting.acquire("get-connection")


def test_when_all_is_used_nobody_calls(waiting, background):
    background.observe(1000, 1, until_midnight())

    waiting.acquire("get-connection")

    assert refused(waiting) > 4 * 3600


def test_each_answer_corrects_the_count(waiting, background):
    background.observe(1000, 0, until_midnight())
    refused(waiting)

    background.observe(2000, 1500, until_midnight())

    background.acquire("get-company")
    assert shared_quota.remaining_allowance() == (2000, 1499)


def test_a_new_day_begins_with_nothing_known(waiting):
    waiting.observe(1000, 0, datetime.now(UTC) + timedelta(seconds=1))
    refused(waiting)

    ends = time.monotonic() + 5
    while time.monotonic() < ends and shared_quota.remaining_allowance() is not None:
        time.sleep(0.05)

    waiting.acquire("get-company")


@pytest.mark.parametrize("reset", [None, datetime(2020, 1, 1, tzinfo=UTC)])
def test_a_missing_or_past_reset_does_not_block_for_ever(waiting, real_redis, reset):
    waiting.observe(1000, 0, reset)

    assert 0 < real_redis.ttl("linking:quota:remaining") <= 3600


def test_what_codat_asked_one_to_wait_all_wait(waiting, background):
    background.refused(30)

    assert 25 < refused(waiting) <= 30
    assert 25 < refused(background) <= 30


def test_without_advice_the_wait_is_a_minute(waiting):
    waiting.refused(None)

    assert 55 < refused(waiting) <= 60


def test_the_ceiling_of_a_minute_is_shared(waiting, background, settings):
    settings.CODAT_PER_MINUTE = 3
    while time.time() % 60 > 58:
        time.sleep(0.1)
    for quota in (waiting, background, waiting):
        quota.acquire("get-company")

    assert 0 < refused(background) <= 60


def test_what_was_refused_uses_nothing_up(waiting, background, settings):
    settings.CODAT_PER_MINUTE = 5
    while time.time() % 60 > 58:
        time.sleep(0.1)
    background.observe(1000, 100, until_midnight())
    for _ in range(20):
        refused(background)

    waiting.acquire("get-connection")
    assert shared_quota.remaining_allowance() == (1000, 99)


def test_calls_are_counted_by_hour_and_operation(waiting):
    for operation in ("get-company", "get-company", "create-company"):
        waiting.acquire(operation)

    counts = shared_quota.take_call_counts()

    assert {operation: n for (_, operation), n in counts.items()} == {
        "get-company": 2,
        "create-company": 1,
    }
    assert shared_quota.take_call_counts() == {}


@pytest.fixture
def no_redis(settings):
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    shared_redis.shared_redis.cache_clear()
    yield
    shared_redis.shared_redis.cache_clear()


def test_without_redis_customers_go_on_and_background_work_slows_down(no_redis):
    waiting, background = SharedQuota(for_customer=True), SharedQuota(for_customer=False)
    started = time.monotonic()
    for _ in range(3):
        waiting.acquire("get-connection")
    assert time.monotonic() - started < 0.9

    started = time.monotonic()
    for _ in range(3):
        background.acquire("get-company")
    assert 1.9 < time.monotonic() - started < 4


def test_without_redis_nothing_that_is_told_raises(no_redis):
    quota = SharedQuota(for_customer=False)

    quota.observe(1000, 5, None)
    quota.refused(5)
