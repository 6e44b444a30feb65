"""Codat's allowance, shared by all processes through Redis (FACTS 2, “Rate limits”).

Redis may vanish: then each process slows itself to one request a second, and the counters start
again from the headers of the next answer.
"""

import logging
import time
from datetime import UTC, datetime

from django.conf import settings
from redis.exceptions import RedisError

from onboarding.codat import RateLimitError

from .shared_redis import shared_redis

logger = logging.getLogger(__name__)

_BLOCKED, _LIMIT, _REMAINING = (f"linking:quota:{n}" for n in ("blocked", "limit", "remaining"))

_CALLS = "linking:quota:calls"


def take_call_counts() -> dict[tuple[datetime, str], int]:
    """The calls counted since the last time, by hour (UTC) and operation; they are taken away."""
    pipeline = shared_redis().pipeline(transaction=True)
    pipeline.hgetall(_CALLS)
    pipeline.delete(_CALLS)
    counts, _ = pipeline.execute()
    taken = {}
    for name, count in counts.items():
        hour, _, operation = name.partition(" ")
        taken[datetime.fromisoformat(hour).replace(tzinfo=UTC), operation] = int(count)
    return taken


def remaining_allowance() -> tuple[int, int] | None:
    """(limit, remaining) of the day as Codat last said it; None when nothing is known."""
    limit, remaining = shared_redis().mget(_LIMIT, _REMAINING)
    return None if limit is None or remaining is None else (int(limit), int(remaining))


def forget_refusals() -> None:
    """Codat said that a new allowance has begun: no call is held back for the old one's sake.

    Said too early or too late, this costs one call that is refused with 429.
    """
    try:
        shared_redis().delete(_BLOCKED, _LIMIT, _REMAINING)
    except RedisError as error:
        logger.warning("quota_not_reset %s", type(error).__name__)


def seconds_to_reset() -> float:
    """Until Codat's day ends, as far as it said; 0 when nothing is known."""
    return max(0, shared_redis().pttl(_REMAINING)) / 1000


class SharedQuota:
    """Implements `onboarding.codat.Quota`.

    `for_customer` may spend the reserve that background work leaves untouched.
    """

    def __init__(self, *, for_customer: bool):
        self.for_customer = for_customer
        self._last_without_redis = 0.0

    def acquire(self, operation: str) -> None:
        """Raises RateLimitError, with seconds to wait, instead of a call that must not be made."""
        try:
            self._spend(operation)
        except RedisError as error:
            logger.warning("quota_without_redis %s", type(error).__name__)
            self._slow_down()

    def _spend(self, operation: str) -> None:
        minute = f"linking:quota:minute:{int(time.time() // 60)}"
        pipeline = shared_redis().pipeline(transaction=False)
        pipeline.pttl(_BLOCKED)
        pipeline.mget(minute, _LIMIT, _REMAINING)
        pipeline.pttl(_REMAINING)
        blocked, (used, limit, remaining), reset = pipeline.execute()
        if blocked > 0:
            raise RateLimitError("waiting as Codat asked", retry_after=blocked / 1000)
        if int(used or 0) >= settings.CODAT_PER_MINUTE:
            raise RateLimitError("a minute's allowance is used", retry_after=60 - time.time() % 60)
        if limit is not None and remaining is not None:
            reserve = 0 if self.for_customer else int(limit) * settings.CODAT_RESERVE
            if int(remaining) <= reserve:
                raise RateLimitError(
                    "the day's allowance is used", retry_after=max(reset, 0) / 1000
                )
            pipeline.decr(_REMAINING)
        # Counted only now: what was refused must not use up what a customer waits for.
        pipeline.incr(minute)
        pipeline.expire(minute, 120)
        pipeline.hincrby(_CALLS, f"{datetime.now(UTC):%Y-%m-%dT%H}:00 {operation}", 1)
        pipeline.execute()

    def _slow_down(self) -> None:
        wait = self._last_without_redis + 1 - time.monotonic()
        if wait > 0 and not self.for_customer:
            time.sleep(wait)
        self._last_without_redis = time.monotonic()

    def observe(self, limit: int | None, remaining: int | None, reset: datetime | None) -> None:
        if limit is None or remaining is None:
            return
        seconds = (reset - datetime.now(UTC)).total_seconds() if reset else 3600
        expiry = max(1, int(min(seconds, 86400)))
        try:
            pipeline = shared_redis().pipeline(transaction=False)
            pipeline.set(_LIMIT, limit, ex=expiry)
            pipeline.set(_REMAINING, remaining, ex=expiry)
            pipeline.execute()
        except RedisError as error:
            logger.warning("quota_not_observed %s", type(error).__name__)

    def refused(self, retry_after: float | None) -> None:
        milliseconds = max(1, int((60 if retry_after is None else retry_after) * 1000))
        try:
            shared_redis().set(_BLOCKED, "1", px=milliseconds)
        except RedisError as error:
            logger.warning("quota_not_blocked %s", type(error).__name__)
