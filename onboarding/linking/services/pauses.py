"""What is paused, why, and when it is tried again."""

import logging
from datetime import datetime, timedelta

from onboarding import codat
from onboarding.linking import shared_quota
from onboarding.linking.models import Lane, Pause

logger = logging.getLogger(__name__)

OPERATION_PAUSE = timedelta(minutes=15)
"""After this long a single paused operation is tried again with whatever write is due."""


def is_paused(scope: str) -> bool:
    return Pause.objects.filter(scope=scope).exists()


def pause(scope: str, reason: str, *, now: datetime) -> None:
    """One row, one alert: pausing what is paused already changes nothing and says nothing."""
    _, created = Pause.objects.get_or_create(scope=scope, defaults={"reason": reason, "since": now})
    if created:
        logger.error("paused scope=%s reason=%s", scope, reason)


def resume(scope: str) -> None:
    if Pause.objects.filter(scope=scope).delete()[0]:
        logger.warning("resumed scope=%s", scope)


def heed_allowance(*, event_type: str) -> None:
    """A webhook about the whole account's allowance (FACTS 7, `client.rateLimit.*`).

    A reset ends what holds calls back. `.reached` changes nothing: each answer's headers and the
    429 have said so already, and a webhook may come a day late.
    """
    if event_type == "client.rateLimit.reset":
        shared_quota.forget_refusals()
        logger.info("allowance_reset")
    elif event_type == "client.rateLimit.reached":
        logger.error("allowance_used_up")


def pause_if_key_is_refused(client: codat.Client, *, now: datetime) -> None:
    """After a 403: pause everything only if Codat refuses the most harmless read as well."""
    try:
        client.get_profile_sync_settings()
    except (codat.AuthenticationError, codat.ForbiddenError) as error:
        pause(Pause.CODAT, f"Codat refused to answer: {error}"[:200], now=now)
    except codat.CodatError as error:
        logger.warning("probe_failed %s", error)


def probe(client: codat.Client, *, now: datetime) -> bool:
    """Try a paused Codat with one harmless read a minute; let single operations try again.

    True when everything goes on: what was missed meanwhile is then best found through the list.
    """
    goes_on = False
    if is_paused(Pause.CODAT):
        try:
            client.get_profile_sync_settings()
        except codat.CodatError as error:
            logger.warning("probe_failed %s", error)
            return False
        resume(Pause.CODAT)
        goes_on = True
        Lane.objects.filter(company__stage__in=["started", "authorizing"]).hint(
            debounce=timedelta(0)
        )
    standing = (Pause.CODAT, Pause.MAIL, Pause.REMOVALS, Pause.WEBHOOKS)
    for row in Pause.objects.exclude(scope__in=standing).filter(since__lt=now - OPERATION_PAUSE):
        resume(row.scope)
    return goes_on
