"""The only writers of Codat's mirrors and of stages.

`record` stores what one look of a lane's holder has seen; `restage` works out everything that
follows from the facts. Both run inside one transaction, under the company's lock.
"""

import logging
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from onboarding import codat
from onboarding.linking import stages
from onboarding.linking.models import (
    CodatWrite,
    Company,
    CompanyIdentity,
    Connection,
    DataStatus,
    HistoryEntry,
    Lane,
    Pause,
    Platform,
    PullOperation,
)

from .errors import StaleClaim
from .pacing import AFTER_A_READ, next_look
from .recognising import recognise
from .removals import record_gone_connection, record_missing_company
from .restaging import assess_company, restage, store

logger = logging.getLogger(__name__)

__all__ = ["Claim", "Look", "differences", "hold", "lock_company", "record", "restage"]


WHILE_PAUSED = timedelta(seconds=60)
"""How soon a paused write is thought of again: about as often as a pause is probed."""


@dataclass(frozen=True)
class Claim:
    """Proof of holding a company's lane."""

    company_id: int
    token: uuid.UUID


@dataclass
class Look:
    """What one look has read of Codat; parts that were not read are None.

    `identities` maps a connection's codat_id to the company info, None where the software has none.
    """

    company: codat.Company | None = None
    operations: list[codat.PullOperation] | None = None
    data_status: dict[str, codat.DatasetStatus] | None = None
    identities: dict[str, codat.CompanyInfo | None] = field(default_factory=dict)
    company_is_missing: bool = False
    """Codat answered 404 for the company itself."""
    is_our_account: bool = False
    """The canary was asked, and what is missing may count as deleted."""
    gone_connections: list[str] = field(default_factory=list)
    """codat_ids of connections that answered 404 themselves, a while after they went missing."""
    retry_after: float | None = None
    """Seconds after which to look again, because this look failed."""
    must_wait: bool = False
    """Codat refused for now: there is no use in looking sooner than that."""

    @property
    def was_taken(self) -> bool:
        """Codat answered something about the company or its reads."""
        return self.company is not None or self.operations is not None


def lock_company(company_id: int) -> Company:
    """Lock and load; must run inside a transaction. SQLite locks the whole database instead."""
    return Company.objects.select_for_update().get(pk=company_id)


def hold(claim: Claim) -> Company:
    """Lock the company of a lane that is still held; raises StaleClaim when it was lost.

    Company first, lane second, as every act of a person does: two orders would be a deadlock.
    """
    company = lock_company(claim.company_id)
    if not Lane.objects.prove(claim.company_id, claim.token):
        raise StaleClaim
    return company


def record(claim: Claim, look: Look, *, now: datetime) -> Company:
    """Store a look and give the lane back, all or nothing. Raises StaleClaim when it was lost."""
    with transaction.atomic():
        company = hold(claim)
        if look.company is not None:
            _record_company(company, look.company, now)
            Lane.objects.filter(company=company).update(look_at_connections=False)
        if look.company_is_missing:
            record_missing_company(company, confirmed=look.is_our_account, now=now)
        for gone in company.connections.present().filter(codat_id__in=look.gone_connections):
            record_gone_connection(company, gone, now=now)
        if look.operations is not None:
            company.reads_listed_at = now
            company.save(update_fields=["reads_listed_at"])
            _record_operations(company, look.operations, now)
        if look.data_status is not None:
            _record_data_status(company, look.data_status)
        _record_identities(company, look, now)
        assessment = restage(company, now=now, holding_lane=True)
        due_at = next_due(company, assessment, look, now)
        if not Lane.objects.finish(
            company.pk,
            claim.token,
            due_at=due_at,
            urgent=timedelta(seconds=settings.HINT_DEBOUNCE_SECONDS),
            # With no read open, what a `read.completed` would tell was seen in this look.
            other=AFTER_A_READ if assessment.read_open or not look.was_taken else None,
            still_owed=look.retry_after is not None,
        ):
            raise StaleClaim
    return company


def next_due(
    company: Company, assessment: stages.Assessment, look: Look, now: datetime
) -> datetime | None:
    """The earliest of the next write, the next look and the next change by time alone."""
    moments = [
        *_next_writes(company, now),
        assessment.changes_at,
        None if look.must_wait else next_look(company, now=now),
    ]
    if look.retry_after is not None:
        moments.append(now + timedelta(seconds=look.retry_after))
    return min((moment for moment in moments if moment is not None), default=None)


def _next_writes(company: Company, now: datetime) -> Iterator[datetime]:
    """When each open write can next be sent; what cannot be sent now must not keep the lane due."""
    paused = set(Pause.objects.values_list("scope", flat=True))
    for kind, due_at in company.writes.open().in_turn().values_list("kind", "due_at"):
        if Pause.CODAT in paused or kind in paused:
            yield max(due_at, now + WHILE_PAUSED)
        elif company.codat_id is not None or kind == CodatWrite.Kind.CREATE_COMPANY:
            yield due_at


def _record_company(company: Company, seen: codat.Company, now: datetime) -> None:
    company.observed_at = now
    company.name_at_codat = seen.name[:200]
    company.missing_since = None
    company.save(update_fields=["observed_at", "name_at_codat", "missing_since"])
    known = set(company.connections.values_list("codat_id", flat=True))
    for connection in seen.connections:
        record_connection(company, connection, now)
        if connection.id not in known:
            _settle_doubt(company, connection, now)
    absent = company.connections.present().exclude(codat_id__in=[c.id for c in seen.connections])
    absent.filter(missing_since__isnull=True).update(missing_since=now)


def _settle_doubt(company: Company, seen: codat.Connection, now: datetime) -> None:
    """What is new here was made by the write for that software whose answer was lost.

    The customer goes on with it at once. Repeated when it has been deleted since, and its key is
    too old, that write would make another. Nobody sends it meanwhile: this look holds the lane.
    """
    making = company.writes.open().filter(kind=CodatWrite.Kind.CREATE_CONNECTION, doubtful=True)
    making.filter(target=seen.integration_key).update(
        result_id=seen.id,
        done_at=now,
        outcome=CodatWrite.Outcome.ADOPTED,
        doubtful=False,
        reason="",
    )


def record_connection(company: Company, seen: codat.Connection, now: datetime) -> Connection:
    """Mirror one connection as Codat answered it; a change of status becomes history."""
    mirror = company.connections.filter(codat_id=seen.id).first()
    before = mirror.status if mirror else ""
    mirror = mirror or Connection(company=company, codat_id=seen.id)
    # Cut to their columns: PostgreSQL refuses a longer word, and a new one must never raise.
    mirror.platform_key = seen.integration_key[:16] or mirror.platform_key
    mirror.integration_id = seen.integration_id[:64]
    mirror.source_id = seen.source_id[:64]
    mirror.source_type = seen.source_type[:32]
    mirror.platform_name = seen.platform_name[:120]
    mirror.status = seen.status[:32]
    mirror.errors = [error.to_json() for error in seen.errors]
    mirror.troubles = [[name[:100], words[:500]] for name, words in seen.troubles[:MOST_TROUBLES]]
    mirror.missing_since = None
    if seen.source_type == "Expense":
        mirror.role = Connection.Role.EXPENSE
    if before != seen.status:
        mirror.status_changed_at = now
    if seen.last_sync and (mirror.last_read_at is None or seen.last_sync > mirror.last_read_at):
        mirror.last_read_at = seen.last_sync
    if seen.status == stages.LINKED:
        mirror.deleted_at = None  # what Codat calls linked is there, whatever we thought
    if seen.status == stages.LINKED and before != stages.LINKED:
        mirror.linked_first_at = mirror.linked_first_at or now
        mirror.one_time = Platform.objects.filter(key=mirror.platform_key, one_time=True).exists()
        mirror.linked_last_at = now
    elif seen.status == stages.LINKED:
        mirror.linked_last_at = _signed_in_again_at(mirror, now) or mirror.linked_last_at
    if mirror.pk is None:
        mirror.save(force_insert=True)
    else:
        mirror.save(update_fields=_MIRRORED)
    if before != mirror.status:
        HistoryEntry.objects.create(
            company=company,
            connection=mirror,
            kind=HistoryEntry.Kind.STATUS,
            at=now,
            source=HistoryEntry.Source.READ,
            subject="connection",
            before=before,
            after=mirror.status,
        )
        if mirror.status not in _KNOWN_STATUSES:
            logger.warning("connection_status_unknown %r", mirror.status)
    return mirror


def _signed_in_again_at(mirror: Connection, now: datetime) -> datetime | None:
    """When a customer was back who went to sign in to what was linked all the time.

    That is a linking of its own: another business may have been chosen, and no status tells of it.
    Who never came back is taken to have signed in all the same.
    """
    if mirror.linked_last_at is None:
        return None
    hops = mirror.attempts.filter(was_linked=True, sent_at__gt=mirror.linked_last_at)
    back = Q(returned_at__isnull=False) | Q(sent_at__lt=now - LONGEST_SIGN_IN)
    hop = hops.filter(back).first()
    return hop and (hop.returned_at or now)


LONGEST_SIGN_IN = timedelta(hours=1)
MOST_TROUBLES = 10
"""A connector complains of one thing or two; the form of what Codat passes on is not published."""

_KNOWN_STATUSES = {stages.PENDING_AUTH, stages.LINKED, stages.UNLINKED, stages.DEAUTHORIZED}
_MIRRORED = [
    *("platform_key", "integration_id", "source_id", "source_type", "platform_name", "status"),
    *("errors", "troubles", "missing_since", "role", "linked_first_at", "linked_last_at"),
    *("status_changed_at", "last_read_at", "one_time", "deleted_at"),
]


NEVER_FINISHED = "never finished"


def record_deleted(company: Company, codat_id: str, now: datetime) -> None:
    """We deleted at Codat what was begun and never linked. Not a loss: nothing was held by it."""
    connection = company.connections.present().filter(codat_id=codat_id).first()
    if connection is None:
        return
    connection.deleted_at = now
    connection.save(update_fields=["deleted_at"])
    HistoryEntry.objects.create(
        company=company,
        connection=connection,
        kind=HistoryEntry.Kind.STATUS,
        at=now,
        source=HistoryEntry.Source.READ,
        subject="connection",
        before=connection.status,
        after=NEVER_FINISHED,
    )


def _record_operations(company: Company, seen: list[codat.PullOperation], now: datetime) -> None:
    connections = {c.codat_id: c for c in company.connections.all()}
    known = {
        operation.codat_id: operation
        for operation in PullOperation.objects.filter(connection__company=company)
    }
    for operation in seen:
        connection = connections.get(operation.connection_id)
        if connection is None:
            continue
        mirror = known.get(operation.id) or PullOperation(
            connection=connection, codat_id=operation.id
        )
        status = operation.status[:32]
        if mirror.pk is None or mirror.status != status:
            mirror.changed_at = now
        elif (mirror.completed, mirror.description) == (
            operation.completed,
            operation.status_description[:200],
        ):
            continue
        mirror.data_type = operation.data_type[:64]
        mirror.status = status
        mirror.requested = operation.requested
        mirror.completed = operation.completed
        mirror.error = operation.error_message[:300]
        mirror.description = operation.status_description[:200]
        if mirror.pk is None:
            mirror.save(force_insert=True)
        else:
            mirror.save(update_fields=_OPERATION_FIELDS)
    for connection in connections.values():
        _note_last_read(connection)


_OPERATION_FIELDS = [
    "data_type",
    "status",
    "requested",
    "completed",
    "error",
    "changed_at",
    "description",
]


def _note_last_read(connection: Connection) -> None:
    done = connection.operations.filter(status="Complete", completed__isnull=False)
    latest = done.order_by("-completed").values_list("completed", flat=True).first()
    if latest and (connection.last_read_at is None or latest > connection.last_read_at):
        connection.last_read_at = latest
        connection.save(update_fields=["last_read_at"])


def _record_data_status(company: Company, seen: dict[str, codat.DatasetStatus]) -> None:
    DataStatus.objects.bulk_create(
        [
            DataStatus(
                company=company,
                data_type=status.data_type[:64],
                status=status.current_status[:32],
                last_successful_sync=status.last_successful_sync,
                latest_sync_id=status.latest_sync_id[:64],
                latest_successful_sync_id=status.latest_successful_sync_id[:64],
            )
            for status in seen.values()
        ],
        update_conflicts=True,
        unique_fields=["company", "data_type"],
        update_fields=[
            *("status", "last_successful_sync", "latest_sync_id", "latest_successful_sync_id"),
        ],
    )


def _record_identities(company: Company, look: Look, now: datetime) -> None:
    """Append what the software says about the business, once for each linking."""
    for connection in company.connections.filter(codat_id__in=look.identities):
        info = look.identities[connection.codat_id] or codat.CompanyInfo()
        town = next((address.city for address in info.addresses if address.city), "")
        identity = CompanyIdentity(
            connection=connection,
            name=info.company_name[:300],
            legal_name=info.company_legal_name[:300],
            platform_ref=info.platform_ref[:200],
            registration_number=info.registration_number[:100],
            tax_number=info.tax_number[:100],
            town=town[:200],
            web_address=next(filter(None, info.web_addresses), "")[:300],
            currency=info.base_currency[:8],
            linked_at=connection.linked_last_at,
            read_after_link=True,
            read_at=now,
        )
        recognise(company, identity, now=now)


def differences(*, now: datetime) -> Iterator[tuple[Company, str, str, str]]:
    """Every stored word that the facts no longer give: company, what, stored, worked out.

    Companies whose lane is due or held are passed over: their next turn brings them up to date.
    """
    settled = Lane.objects.filter(claim_token__isnull=True).exclude(due_at__lte=now)
    for company in Company.objects.filter(lane__in=settled).iterator(chunk_size=500):
        assessment = assess_company(company, now=now)
        yield from ((company, *found) for found in store(company, assessment, now, dry_run=True))
