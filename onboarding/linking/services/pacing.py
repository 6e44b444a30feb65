"""How often a company is looked at by itself: one table, who waits → interval, widening.

Only a company whose customer is waiting, or whose first read is open, has looks of its own. All
others are compared through the company list (`looking.compare_pages`). Where Codat's webhooks for
this linking arrive, they bring the looks forward and our own are only the net below them.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet

from onboarding.linking import stages
from onboarding.linking.models import (
    Company,
    CompanyIdentity,
    Connection,
    LinkAttempt,
    WebhookEvent,
)
from onboarding.linking.on_offer import on_offer
from onboarding.linking.reads_that_count import reads_of

from .removals import ASK_AGAIN_AFTER

Table = Sequence[tuple[float, float]]
"""(seconds since the customer began to wait, seconds to the next look)"""

_FOR_DAYS: Table = [(6 * 3600, 600), (48 * 3600, 3600), (30 * 24 * 3600, 6 * 3600)]
"""A computer that has the software may stay off for weeks."""

NAMING: Table = [
    *((10, 1.5), (45, 2), (120, 5), (600, 15), (1800, 60)),
    *_FOR_DAYS,
]
"""Until it is known whose business it is: the customer looks at a page that waits for it."""
_NOT_LINKED: Table = NAMING[:-1]
"""The customer came back and nothing was connected: the list tells if it ever is."""
READING: Table = [(120, 6), (600, 15), (1800, 60), *_FOR_DAYS]
WITH_WEBHOOKS: Table = [(600, 45), (1800, 120), *_FOR_DAYS]
AFTER_A_READ = timedelta(seconds=20)
"""After a `read.completed` that no customer waits for: the next ones are near."""
SINCE_LEAVING: Table = [(600, 60), (3600, 300), (24 * 3600, 1800)]
"""Since the customer left for the sign-in page, while nothing has been heard."""

JUST_LINKED = timedelta(seconds=3.5)
"""Unless Codat says that it has read something, nothing can have been read so soon."""

SOON = timedelta(seconds=1)
"""Software that reads at once may be done before our first look ends: then look again soon."""

LOOK_AFTER_LOSS = timedelta(seconds=0.8 * settings.LOSS_MAIL_SECONDS)

_HEARD_BEFORE = timedelta(seconds=60)
"""An event that came this shortly before we saw the linking belongs to it."""


def interval(table: Table, age: timedelta) -> timedelta | None:
    """The wait that belongs to an age; None when nobody waits any more."""
    seconds = max(age.total_seconds(), 0)
    return next((timedelta(seconds=wait) for limit, wait in table if seconds < limit), None)


def next_look(company: Company, *, now: datetime) -> datetime | None:
    """When this company wants to be looked at again, None to leave it to the list."""
    if company.codat_id is None or company.closed_at is not None or company.gone_at is not None:
        return None
    waits = [
        wait
        for connection in company.connections.present()
        for wait in (_wait_for(company, connection, now),)
        if wait is not None
    ]
    if company.missing_since or company.connections.present().exclude(missing_since=None).exists():
        waits.append(ASK_AGAIN_AFTER)
    return now + min(waits) if waits else None


def _wait_for(company: Company, connection: Connection, now: datetime) -> timedelta | None:
    if connection.role == Connection.Role.EXPENSE:
        return None
    attempt = connection.attempts.first()
    if connection.status == stages.LINKED:
        return _wait_while_linked(company, connection, now)
    if connection.stage == stages.ConnectionStage.LOST and connection.status_changed_at:
        # One look before the customer is told, so that a passing loss frightens nobody.
        before_mail = connection.status_changed_at + LOOK_AFTER_LOSS
        if now < before_mail:
            return before_mail - now
    return _wait_for_sign_in(attempt, now) if attempt else None


def _wait_while_linked(company: Company, connection: Connection, now: datetime) -> timedelta | None:
    if not _is_being_read(connection) or connection.linked_last_at is None:
        return None
    heard = _heard_of(company, connection.linked_last_at)
    age = now - connection.linked_last_at
    if age < JUST_LINKED and heard.filter(type__startswith="read.").exists():
        return SOON
    if heard.exists() and not _may_wait_unheard(connection):
        return interval(WITH_WEBHOOKS, age)
    if connection.stage == stages.ConnectionStage.READING:
        return interval(READING, age)
    return JUST_LINKED - age if age < JUST_LINKED else interval(NAMING, age)


def _may_wait_unheard(connection: Connection) -> bool:
    """A computer that is off reads nothing, and no webhook says so: only what Codat has queued."""
    platform = on_offer().known_platform(connection.platform_key)
    is_on_computer = platform is not None and platform.needs_computer
    return is_on_computer and not connection.operations.exists()


def _heard_of(company: Company, linked_at: datetime) -> QuerySet:
    """The webhooks for this company that reached us since it was linked."""
    return WebhookEvent.objects.filter(
        company_codat_id=company.codat_id, received_at__gte=linked_at - _HEARD_BEFORE
    )


def reads_heard_of(company: Company, connections: Iterable[Connection]) -> bool:
    """A webhook told that something was read since one of these was linked."""
    return any(
        _heard_of(company, connection.linked_last_at).filter(type__startswith="read.").exists()
        for connection in connections
        if connection.linked_last_at
    )


def _wait_for_sign_in(attempt: LinkAttempt, now: datetime) -> timedelta | None:
    if attempt.returned_at is None:
        return interval(SINCE_LEAVING, now - attempt.sent_at)
    if attempt.return_hint in ("403", "500", "501"):
        # The customer is back and was told so; one more look is enough to see what Codat says.
        return None
    return interval(_NOT_LINKED, now - attempt.returned_at)


def _is_being_read(connection: Connection) -> bool:
    """Something is still to be learnt: whose business it is, or how far the first read is."""
    identity = CompanyIdentity.objects.filter(connection=connection).first()
    if identity is None or identity.linked_at != connection.linked_last_at:
        return True
    if connection.stage == stages.ConnectionStage.VERIFYING:
        # The customer is reading the confirmation page; the read is looked at once they answer.
        return False
    readings = {stages.reading_of(read.status) for read in reads_of(connection)}
    return not readings or not readings.isdisjoint({stages.Reading.WAITING, stages.Reading.WORKING})
