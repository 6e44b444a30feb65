"""Reading `X-Rate-Limit-*` and `Retry-After`, whose exact formats Codat does not publish."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from .fields import parse_timestamp


def http_date(value: str | None) -> datetime | None:
    """A date as in RFC 9110 (`Tue, 01 Sep 2026 09:30:00 GMT`), aware, None when unreadable."""
    try:
        moment = parsedate_to_datetime(value or "")
    except (ValueError, TypeError, OverflowError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds to wait from now, from seconds or from a date; None when absent or unreadable.

    A date is measured against the answer's own `Date`, so that a wrong clock here does no harm.
    """
    value = headers.get("Retry-After")
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        until = http_date(value) or parse_timestamp(value)
        if until is None:
            return None
        seconds = (until - (http_date(headers.get("Date")) or now)).total_seconds()
    return max(seconds, 0.0) if math.isfinite(seconds) else None


def daily_allowance(
    headers: Mapping[str, str],
) -> tuple[int | None, int | None, datetime | None] | None:
    """(limit, remaining, reset) in requests a day and aware time; None when no header is there."""
    raw = [headers.get(f"X-Rate-Limit-{name}") for name in ("Limit", "Remaining", "Reset")]
    if raw == [None, None, None]:
        return None
    return _count(raw[0]), _count(raw[1]), _reset(raw[2])


def _count(value: str | None) -> int | None:
    value = (value or "").strip()
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else None


def _reset(value: str | None) -> datetime | None:
    if value is None:
        return None
    seconds = _count(value)
    if seconds is not None and len(value.strip()) > 8:  # fewer digits would be a date, 20260901
        try:
            return datetime.fromtimestamp(seconds, UTC)
        except (ValueError, OverflowError, OSError):
            return None
    return parse_timestamp(value) or http_date(value)
