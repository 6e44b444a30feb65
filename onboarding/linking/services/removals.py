"""When something of Codat's counts as deleted: late, twice asked, and never for many at once.

A wrong API key, a foreign account or a lagging list must not delete anybody. Deletion needs two
404s of our own reads at least ten minutes apart, while the account at Codat is still the one we
first met (the canary), and no flood of removals at the same time (the brake).
"""

import logging
from datetime import datetime, timedelta

from onboarding import codat
from onboarding.linking import stages
from onboarding.linking.models import CodatInstance, Company, Connection, HistoryEntry, Pause

from .pauses import is_paused, pause

logger = logging.getLogger(__name__)

ASK_AGAIN_AFTER = timedelta(minutes=10)
BRAKE_WINDOW = timedelta(minutes=15)
BRAKE_AT_LEAST = 20
BRAKE_SHARE = 0.05

GONE = "deleted"
_LOSSES = (stages.UNLINKED, stages.DEAUTHORIZED, GONE)


def is_time_to_ask_again(missing_since: datetime | None, now: datetime) -> bool:
    return missing_since is not None and now - missing_since >= ASK_AGAIN_AFTER


def is_our_account(client: codat.Client, *, now: datetime) -> bool:
    """The canary: whether the account that answers is the one we met first. One call to Codat."""
    client_id = client.get_profile_sync_settings().client_id
    if not client_id:
        return False
    instance = CodatInstance.objects.first()
    if instance is None:
        CodatInstance.objects.create(client_id=client_id, seen_at=now)
        # Met only now: it cannot vouch for what was there before.
        return False
    if instance.client_id != client_id:
        pause(Pause.REMOVALS, "Another account at Codat answers than before", now=now)
        return False
    return True


def remember_account(client: codat.Client, *, now: datetime) -> None:
    """At first contact, note whose account answers. Costs a call only while none is noted."""
    if not CodatInstance.objects.exists():
        is_our_account(client, now=now)


def brake(*, now: datetime) -> bool:
    """Whether removals are held; pulls the brake itself when too many were lost at once."""
    if is_paused(Pause.REMOVALS):
        return True
    losses = HistoryEntry.objects.filter(
        kind=HistoryEntry.Kind.STATUS,
        subject="connection",
        after__in=_LOSSES,
        at__gt=now - BRAKE_WINDOW,
    )
    lost = losses.exclude(source=HistoryEntry.Source.STAFF).count()
    allowed = max(BRAKE_AT_LEAST, BRAKE_SHARE * Company.objects.open().count())
    if lost <= allowed:
        return False
    pause(Pause.REMOVALS, f"{lost} connections were lost within 15 minutes", now=now)
    return True


def record_missing_company(company: Company, *, confirmed: bool, now: datetime) -> None:
    """Codat answered 404 for a locked company. `confirmed`: the second time, with the canary."""
    if company.missing_since is None:
        company.missing_since = now
        company.save(update_fields=["missing_since"])
    elif confirmed and not brake(now=now):
        company.gone_at = now
        company.save(update_fields=["gone_at"])
        for connection in company.connections.present():
            record_gone_connection(company, connection, now=now)
        logger.warning("company_deleted_at_codat company=%s", company.public_id)


def record_gone_connection(company: Company, connection: Connection, *, now: datetime) -> None:
    if not brake(now=now):
        _mark_gone(company, connection, HistoryEntry.Source.READ, now)


def record_own_deletion(company: Company, connection: Connection, *, now: datetime) -> None:
    """Codat has deleted what we asked it to: no doubt to wait out, and no loss."""
    _mark_gone(company, connection, HistoryEntry.Source.STAFF, now)


def _mark_gone(company: Company, connection: Connection, source: str, now: datetime) -> None:
    before, connection.deleted_at = connection.status, now
    connection.save(update_fields=["deleted_at"])
    HistoryEntry.objects.create(
        company=company,
        connection=connection,
        kind=HistoryEntry.Kind.STATUS,
        at=now,
        source=source,
        subject="connection",
        before=before,
        after=GONE,
    )
