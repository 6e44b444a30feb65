"""One turn of a company's lane: write, read, record."""

import logging
from datetime import datetime, timedelta

from django.conf import settings

from onboarding import codat
from onboarding.linking.models import Company, Lane, Pause
from onboarding.linking.models.work import moment

from . import reading, writes
from .errors import StaleClaim
from .pauses import is_paused, pause, pause_if_key_is_refused
from .recording import Claim, Look, record

logger = logging.getLogger(__name__)

AFTER_A_CRASH = timedelta(seconds=30)
OWED_LOOK_SECONDS, PAUSED_SECONDS, FORBIDDEN_SECONDS = 30, 60, 600
"""After how long a look that could not be taken is tried again: the claim took its hint along."""

_CANNOT_BE_ASKED = (codat.UnreachableError, codat.RateLimitError, codat.AuthenticationError)


def claim_lane(company: Company, *, read: bool) -> Claim | None:
    """Take the company's lane if it is free and due; None when somebody else has it."""
    lane = Lane.objects.get(company=company)
    claim = Lane.objects.claim_for_look if read else Lane.objects.claim
    token = claim(lane.pk, lease=timedelta(seconds=settings.LEASE_SECONDS))
    return None if token is None else Claim(company.pk, token)


def take_turn(
    company: Company, client: codat.Client, *, now: datetime, read: bool = True
) -> codat.CodatError | None:
    """Take a whole turn, if the lane is free and due. Returns the error that stopped a write.

    `read=False` is for a customer's click: it only sends what the click needs.
    """
    claim = claim_lane(company, read=read)
    if claim is None:
        return None
    try:
        return _work(claim, company, client, now, read)
    except StaleClaim:
        logger.warning("claim_lost company=%s", company.public_id)
        return None
    except Exception:
        # Free the lane for another try; after a few it is set aside, for staff to see.
        Lane.objects.filter(company=company, claim_token=claim.token).update(
            claim_token=None, due_at=moment(AFTER_A_CRASH), hinted=True
        )
        Lane.objects.filter(
            company=company, claim_token=None, attempts__gte=settings.MAX_ATTEMPTS
        ).update(parked_reason="A look failed again and again; the log says why")
        raise


def _work(claim, company, client, now, read) -> codat.CodatError | None:
    error, look = None, Look()
    if not is_paused(Pause.CODAT):
        error = writes.send_due(claim, client, now=now)
        if isinstance(error, codat.ForbiddenError):
            pause_if_key_is_refused(client, now=now)
        if read and not isinstance(error, _CANNOT_BE_ASKED):
            company.refresh_from_db()
            look = _read(company, client, now)
        elif read:
            look = Look(retry_after=getattr(error, "retry_after", None) or OWED_LOOK_SECONDS)
    elif read:
        look = Look(retry_after=PAUSED_SECONDS)
    record(claim, look, now=now)
    return error


def _read(company: Company, client: codat.Client, now: datetime) -> Look:
    try:
        at_connections = Lane.objects.get(company=company).look_at_connections
        return reading.read(company, client, now=now, at_connections=at_connections)
    except codat.AuthenticationError as error:
        pause(Pause.CODAT, f"Codat refused to answer: {error}"[:200], now=now)
        return Look(retry_after=PAUSED_SECONDS)
    except codat.ForbiddenError as error:
        # One company that is not ours must not stop all others; an outdated key must.
        logger.error("look_forbidden company=%s %s", company.public_id, error)
        pause_if_key_is_refused(client, now=now)
        return Look(retry_after=FORBIDDEN_SECONDS)
