"""What is left of Codat's daily allowance, and what the portal itself used it for."""

import logging
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.conf import settings
from django.utils import timezone
from redis.exceptions import RedisError

from onboarding.linking.models import CallCount
from onboarding.linking.shared_quota import remaining_allowance, seconds_to_reset

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Allowance:
    """Calls of one day, as Codat counts them for everything that shares our account there."""

    limit: int
    remaining: int
    reserve: int
    """Of these, kept for customers who wait: background work stops before them."""
    resets_at: datetime

    @property
    def used(self) -> int:
        return self.limit - self.remaining

    @property
    def left_for_background(self) -> int:
        return max(0, self.remaining - self.reserve)


def allowance(*, now: datetime) -> Allowance | None:
    """None while Codat has not said it since the last reset, or Redis is away."""
    try:
        known, seconds = remaining_allowance(), seconds_to_reset()
    except RedisError as error:
        logger.warning("allowance_not_known %s", type(error).__name__)
        return None
    if known is None:
        return None
    limit, remaining = known
    return Allowance(
        limit=limit,
        remaining=max(0, remaining),
        reserve=int(limit * settings.CODAT_RESERVE),
        resets_at=now + timedelta(seconds=seconds),
    )


@dataclass(frozen=True)
class OperationCalls:
    operation: str
    total: int
    by_hour: list[int]


@dataclass(frozen=True)
class CallsOfDay:
    """The portal's own calls on one day in UTC, the most used operation first.

    `hours` are those in which anything was called; every `by_hour` is as long.
    """

    day: date
    hours: list[datetime]
    operations: list[OperationCalls]
    by_hour: list[int]
    total: int


def calls_of_day(day: date) -> CallsOfDay:
    begins = datetime.combine(day, time.min, tzinfo=UTC)
    rows = CallCount.objects.filter(hour__gte=begins, hour__lt=begins + timedelta(days=1))
    counts: dict[str, dict[datetime, int]] = defaultdict(dict)
    for row in rows:
        counts[row.operation][row.hour] = row.count
    hours = sorted({hour for by_hour in counts.values() for hour in by_hour})
    operations = [
        OperationCalls(operation, sum(found.values()), [found.get(hour, 0) for hour in hours])
        for operation, found in counts.items()
    ]
    operations.sort(key=lambda each: (-each.total, each.operation))
    return CallsOfDay(
        day=day,
        hours=hours,
        operations=operations,
        by_hour=[sum(each.by_hour[n] for each in operations) for n in range(len(hours))],
        total=sum(each.total for each in operations),
    )


def today() -> date:
    """The day that is counted in now: of UTC, as the hours are."""
    return timezone.now().astimezone(UTC).date()
