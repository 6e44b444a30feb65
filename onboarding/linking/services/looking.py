"""Asking for a look, taking one, and comparing everybody with Codat's list."""

import logging
from datetime import timedelta

from django.conf import settings

from onboarding import codat
from onboarding.linking import stages
from onboarding.linking.models import (
    CodatWrite,
    Company,
    CompanyIdentity,
    Connection,
    Lane,
)

from .recording import Look

logger = logging.getLogger(__name__)

_CUSTOMER_MAY_WAIT = (
    *(stages.Stage.STARTED, stages.Stage.AUTHORIZING),
    *(stages.Stage.CONFIRMING, stages.Stage.READING),
)


def hint(*, company: Company) -> None:
    """Say “look again at this company”: one UPDATE that cannot break a look that is running."""
    quick = company.stage in _CUSTOMER_MAY_WAIT
    seconds = settings.HINT_DEBOUNCE_SECONDS if quick else settings.HINT_DEBOUNCE_IDLE_SECONDS
    Lane.objects.filter(company=company).hint(debounce=timedelta(seconds=seconds))


def hint_now(*, company: Company) -> None:
    """The same for somebody who pressed a button: not debounced."""
    Lane.objects.filter(company=company).hint(debounce=timedelta(0))


def hint_codat_company(*, codat_id: str) -> Company | None:
    """Hint the company that a webhook speaks of; None for one we do not know."""
    company = Company.objects.filter(codat_id=codat_id).first() if codat_id else None
    if company is not None:
        hint(company=company)
    return company


def read(company: Company, client: codat.Client) -> Look:
    """One look. What Codat refuses to answer now leaves its part None; see `Look.retry_after`.

    Raises AuthenticationError and ForbiddenError, which concern everybody.
    """
    look = Look()
    if company.codat_id is None:
        return look
    try:
        look.company = client.get_company(company.codat_id)
        reading = [c for c in look.company.connections if _is_being_read(company, c)]
        if reading:
            look.operations = list(client.list_pull_operations(company.codat_id))
            look.data_status = client.get_company_data_status(company.codat_id)
            for connection in reading:
                _read_identity(company, connection, look, client)
    except codat.RateLimitError as error:
        look.retry_after = error.retry_after or 60
    except codat.NotFoundError:
        # Deletion is never concluded from one answer; look again when it has had time to settle.
        logger.warning("company_not_found_at_codat company=%s", company.public_id)
        look.retry_after = 600
    except (codat.UnreachableError, codat.ServerError, codat.UnexpectedResponseError) as error:
        logger.warning("look_failed company=%s %s", company.public_id, error)
        look.retry_after = 30
    return look


def _is_being_read(company: Company, seen: codat.Connection) -> bool:
    if seen.status != stages.LINKED or seen.source_type == "Expense":
        return False
    mirror = company.connections.filter(codat_id=seen.id).first()
    if mirror is None or mirror.status != stages.LINKED or _needs_identity(mirror):
        return True
    return mirror.stage in (stages.ConnectionStage.VERIFYING, stages.ConnectionStage.READING)


def _needs_identity(mirror: Connection) -> bool:
    latest = CompanyIdentity.objects.filter(connection=mirror).first()
    return latest is None or latest.linked_at != mirror.linked_last_at


def _read_identity(
    company: Company, seen: codat.Connection, look: Look, client: codat.Client
) -> None:
    """Read whose business it is, once the answer can only belong to the present linking."""
    mirror = company.connections.filter(codat_id=seen.id).first()
    if mirror is not None and mirror.status == stages.LINKED and not _needs_identity(mirror):
        return
    data_type = stages.IDENTITY_DATA_TYPE.get(seen.source_type)
    if data_type != "company":
        if mirror is not None and mirror.status == stages.LINKED:
            look.identities[seen.id] = None
        return
    words = _operations_that_count(mirror, seen, look, data_type)
    if stages.Reading.NOT_OFFERED in words:
        look.identities[seen.id] = None
    elif stages.Reading.DONE in words:
        try:
            look.identities[seen.id] = client.get_company_info(company.codat_id or "")
        except codat.ConflictError:
            pass  # still being read: the normal state right after linking
        except codat.NotFoundError:
            look.identities[seen.id] = None


def _operations_that_count(
    mirror: Connection | None, seen: codat.Connection, look: Look, data_type: str
) -> set[stages.Reading]:
    """How the reads of the identity stand, without those an earlier linking may have asked for.

    After a relink only the read that we queued ourselves counts: old data may be answered until
    then, and comparing Codat's clock with ours would not tell them apart.
    """
    operations = [
        operation
        for operation in look.operations or []
        if operation.connection_id == seen.id and operation.data_type == data_type
    ]
    first_linking = mirror is None or mirror.linked_first_at is None
    if mirror is not None and not first_linking:
        if mirror.status != stages.LINKED:
            return set()
        if mirror.linked_last_at != mirror.linked_first_at:
            episode = stages.linking_episode(mirror.codat_id, mirror.linked_last_at)
            asked = CodatWrite.objects.filter(
                company=mirror.company_id, kind=CodatWrite.Kind.REFRESH_DATA_TYPE, target=episode
            ).values_list("result_id", flat=True)
            operations = [operation for operation in operations if operation.id in set(asked)]
    return {stages.reading_of(operation.status) for operation in operations}


def compare_pages(client: codat.Client) -> int:
    """Compare everybody with Codat's company list, and hint those that differ. Returns how many.

    Nothing is recorded from a list, so lists that lag or shift can do no harm.
    """
    differing = 0
    seen_ids: set[str] = set()
    batch: list[codat.Company] = []
    for seen in client.list_companies(order_by="created", page_size=settings.CODAT_PAGE_SIZE):
        seen_ids.add(seen.id)
        batch.append(seen)
        if len(batch) >= 500:
            differing += _hint_differing(batch)
            batch.clear()
    differing += _hint_differing(batch)
    absent = Company.objects.open().filter(codat_id__isnull=False, gone_at__isnull=True)
    for company in absent.iterator(chunk_size=500):
        if company.codat_id not in seen_ids:
            hint(company=company)
            differing += 1
    return differing


def _hint_differing(batch: list[codat.Company]) -> int:
    known = {
        company.codat_id: company
        for company in Company.objects.open()
        .filter(codat_id__in=[seen.id for seen in batch])
        .prefetch_related("connections")
    }
    differing = 0
    for seen in batch:
        company = known.get(seen.id)
        if company is None:
            continue
        ours = {c.codat_id: c.status for c in company.connections.all() if c.deleted_at is None}
        if ours != {c.id: c.status for c in seen.connections}:
            hint(company=company)
            differing += 1
    return differing
