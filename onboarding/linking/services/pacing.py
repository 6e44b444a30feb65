"""How often a company is looked at by itself: one table, who waits → interval, widening.

Only a company whose customer is waiting, or whose first read is open, has looks of its own. All
others are compared through the company list (`looking.compare_pages`).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from onboarding.linking import stages
from onboarding.linking.models import Company, CompanyIdentity, Connection, LinkAttempt

SINCE_RETURN = [(60, 3), (300, 10), (1800, 60), (6 * 3600, 600), (48 * 3600, 3600)]
"""(seconds since the customer came back or the software was linked, seconds to the next look)"""

SINCE_LEAVING = [(600, 60), (3600, 300), (24 * 3600, 1800)]
"""The same since the customer left for the sign-in page, while nothing has been heard."""


def interval(table: Sequence[tuple[float, float]], age: timedelta) -> timedelta | None:
    """The wait that belongs to an age; None when nobody waits any more."""
    seconds = max(age.total_seconds(), 0)
    return next((timedelta(seconds=wait) for limit, wait in table if seconds < limit), None)


def next_look(company: Company, *, now: datetime) -> datetime | None:
    """When this company wants to be looked at again, None to leave it to the list."""
    if company.codat_id is None or company.closed_at is not None:
        return None
    waits = [
        wait
        for connection in company.connections.present()
        for wait in (_wait_for(connection, now),)
        if wait is not None
    ]
    return now + min(waits) if waits else None


def _wait_for(connection: Connection, now: datetime) -> timedelta | None:
    attempt = connection.attempts.first()
    if connection.status == stages.LINKED:
        if not _is_being_read(connection):
            return None
        moments = [connection.linked_last_at, attempt and attempt.returned_at]
        since = max(moment for moment in moments if moment)
        return interval(SINCE_RETURN, now - since)
    return _wait_for_sign_in(attempt, now) if attempt else None


def _wait_for_sign_in(attempt: LinkAttempt, now: datetime) -> timedelta | None:
    if attempt.returned_at is None:
        return interval(SINCE_LEAVING, now - attempt.sent_at)
    if attempt.return_hint in ("403", "500", "501"):
        # The customer is back and was told so; one more look is enough to see what Codat says.
        return None
    return interval(SINCE_RETURN, now - attempt.returned_at)


def _is_being_read(connection: Connection) -> bool:
    """Something is still to be learnt: whose business it is, or how far the first read is."""
    identity = CompanyIdentity.objects.filter(connection=connection).first()
    if identity is None or identity.linked_at != connection.linked_last_at:
        return True
    readings = [
        stages.reading_of(status)
        for status in connection.operations.values_list("status", flat=True)
    ]
    return not readings or any(
        reading in (stages.Reading.WAITING, stages.Reading.WORKING) for reading in readings
    )
