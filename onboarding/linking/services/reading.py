"""Taking one look at Codat, with as few calls as the present question needs.

While a customer signs in the question is whether the connection is linked; then whose business it
is; then how far the first read has come. Each is one call. The whole is looked at when something
said that a connection may have changed, and now and then in between.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings

from onboarding import codat
from onboarding.linking import stages
from onboarding.linking.models import (
    CodatWrite,
    Company,
    CompanyIdentity,
    Connection,
    PullOperation,
)

from . import removals
from .pacing import JUST_LINKED, reads_heard_of
from .recording import Look

logger = logging.getLogger(__name__)

WHOLE_LOOK_EVERY = timedelta(minutes=5)
"""While reads are open: a permission that ends without a webhook is noticed within this time."""


def read(
    company: Company, client: codat.Client, *, now: datetime, at_connections: bool = True
) -> Look:
    """One look. What Codat refuses to answer now stays None; see `Look.retry_after`.

    `at_connections` asks for the connections themselves, not only for the progress of their reads.
    Raises AuthenticationError and ForbiddenError, which concern everybody.
    """
    look = Look()
    if company.codat_id is None:
        return look
    try:
        _read(company, client, look, now, at_connections)
    except codat.RateLimitError as error:
        look.retry_after, look.must_wait = error.retry_after or 60, True
    except (codat.UnreachableError, codat.ServerError, codat.UnexpectedResponseError) as error:
        logger.warning("look_failed company=%s %s", company.public_id, error)
        look.retry_after = 30
    except (codat.AuthenticationError, codat.ForbiddenError):
        raise
    except codat.CodatError as error:
        # Not what this question can be answered with; what was read before it still counts.
        logger.error("look_refused company=%s %s", company.public_id, error)
        look.retry_after, look.must_wait = 60, True
    return look


def _read(
    company: Company, client: codat.Client, look: Look, now: datetime, at_connections: bool
) -> None:
    known = list(company.connections.present().filter(role=Connection.Role.SOURCE))
    open_reads = [c for c in known if _is_open(c)]
    stale = company.observed_at is None or now - company.observed_at > WHOLE_LOOK_EVERY
    if open_reads and all(_was_just_linked(connection, now) for connection in open_reads):
        # The webhook and the browser tell of one linking: the second hint has been answered.
        if not reads_heard_of(company, open_reads):
            return
        at_connections = False
    if at_connections or stale or not open_reads:
        if not _read_company(company, client, look, now):
            return
        seen = look.company.connections if look.company else ()
        linked = {c.id for c in seen if c.status == stages.LINKED}
        # What it read before it disconnected itself can still be asked for.
        read_once = {c.codat_id for c in known if c.one_time}
        readable = linked | {c.id for c in seen if c.id in read_once and _has_ended(c)}
        just_linked = linked - {c.codat_id for c in known if c.status == stages.LINKED}
        open_reads = [c for c in open_reads if c.codat_id in readable]
        if just_linked or not open_reads:
            # Nothing of a linking seen only now can have been read yet; the next look asks.
            if at_connections and linked and not just_linked:
                look.data_status = client.get_company_data_status(company.codat_id or "")
            return
    _read_progress(company, open_reads, client, look, now)


def _was_just_linked(connection: Connection, now: datetime) -> bool:
    linked_at = connection.linked_last_at
    return linked_at is not None and now - linked_at < JUST_LINKED


def _read_company(company: Company, client: codat.Client, look: Look, now: datetime) -> bool:
    """The company with its connections. False when Codat does not know it."""
    codat_id = company.codat_id or ""
    try:
        look.company = client.get_company(codat_id)
    except codat.NotFoundError:
        logger.warning("company_not_found_at_codat company=%s", company.public_id)
        look.company_is_missing = True
        if removals.is_time_to_ask_again(company.missing_since, now):
            look.is_our_account = removals.is_our_account(client, now=now)
        return False
    listed = {connection.id for connection in look.company.connections}
    for connection in company.connections.present().exclude(codat_id__in=listed):
        if removals.is_time_to_ask_again(connection.missing_since, now):
            _ask_for_missing(codat_id, connection, client, look, now)
    return True


def _ask_for_missing(
    company_id: str, connection: Connection, client: codat.Client, look: Look, now: datetime
) -> None:
    try:
        client.get_connection(company_id, connection.codat_id)
    except codat.NotFoundError:
        if removals.is_our_account(client, now=now):
            look.gone_connections.append(connection.codat_id)


def _is_open(connection: Connection) -> bool:
    """Its first read is not over, or ended with it: then what has ended well decides."""
    if connection.one_time and connection.status == stages.DEAUTHORIZED:
        return connection.stage != stages.ConnectionStage.READY
    return connection.status == stages.LINKED and connection.stage in (
        stages.ConnectionStage.VERIFYING,
        stages.ConnectionStage.READING,
    )


def _has_ended(connection: codat.Connection) -> bool:
    return connection.status == stages.DEAUTHORIZED


def _read_progress(
    company: Company,
    open_reads: list[Connection],
    client: codat.Client,
    look: Look,
    now: datetime,
) -> None:
    unknown = [c for c in open_reads if needs_identity(c)]
    if not all(_can_ask_directly(company, c, now) for c in open_reads if c in unknown) or (
        len(unknown) < len(open_reads)
    ):
        look.operations = list(client.list_pull_operations(company.codat_id or ""))
        if look.company is None and _lost_permission(company, look.operations):
            _read_company(company, client, look, now)
    for connection in unknown:
        _read_identity(company, connection, look, client)


def _lost_permission(company: Company, seen: list[codat.PullOperation]) -> bool:
    """A read has just ended for want of permission: the connection may have ended with it."""
    ended = {operation.id for operation in seen if operation.status == "AuthError"}
    known = PullOperation.objects.filter(connection__company=company, status="AuthError")
    return bool(ended - set(known.values_list("codat_id", flat=True)))


def needs_identity(connection: Connection) -> bool:
    """Whose business was granted at the present linking is not known yet."""
    latest = CompanyIdentity.objects.filter(connection=connection).first()
    return latest is None or latest.linked_at != connection.linked_last_at


def _can_ask_directly(company: Company, connection: Connection, now: datetime) -> bool:
    """What is answered can only be of this linking: there never was an earlier one.

    After the time in which Codat begins reading by itself, the reads are listed all the same.
    """
    data_type = stages.IDENTITY_DATA_TYPE.get(connection.source_type)
    if data_type is None:
        return True
    grace = timedelta(seconds=settings.FIRST_READ_GRACE_SECONDS)
    linked_at = connection.linked_last_at
    if linked_at is None or now - linked_at >= grace or linked_at != connection.linked_first_at:
        return False
    if data_type != "company":
        return True  # asked of the connection, not of the company
    others = company.connections.exclude(pk=connection.pk).filter(source_type="Accounting")
    return not others.filter(linked_first_at__isnull=False).exists()


def _read_identity(
    company: Company, connection: Connection, look: Look, client: codat.Client
) -> None:
    data_type = stages.IDENTITY_DATA_TYPE.get(connection.source_type)
    if data_type is None:
        look.identities[connection.codat_id] = None
        return
    if look.operations is not None:
        words = _words_that_count(connection, look.operations)
        if stages.Reading.NOT_OFFERED in words:
            look.identities[connection.codat_id] = None
            return
        if stages.Reading.DONE not in words:
            return
    try:
        look.identities[connection.codat_id] = _ask_whose(company, connection, client)
    except codat.ConflictError:
        pass  # still being read: the normal state right after linking
    except codat.NotFoundError:
        look.identities[connection.codat_id] = None


def _ask_whose(company: Company, connection: Connection, client: codat.Client) -> codat.CompanyInfo:
    """Accounting software answers for the company, shops and payments for each connection."""
    codat_id = company.codat_id or ""
    if connection.source_type == "Commerce":
        return client.get_commerce_profile(codat_id, connection.codat_id)
    return client.get_company_info(codat_id)


def _words_that_count(
    connection: Connection, operations: list[codat.PullOperation]
) -> set[stages.Reading]:
    """How the reads of the business details stand, without those of an earlier linking.

    After a relink only the read that we queued ourselves counts: old data may be answered until
    then, and comparing Codat's clock with ours would not tell them apart.
    """
    found = [
        operation
        for operation in operations
        if operation.connection_id == connection.codat_id
        and operation.data_type == stages.IDENTITY_DATA_TYPE.get(connection.source_type)
    ]
    if connection.linked_last_at != connection.linked_first_at:
        episode = stages.linking_episode(connection.codat_id, connection.linked_last_at)
        asked = CodatWrite.objects.filter(
            company=connection.company_id,
            kind=CodatWrite.Kind.REFRESH_DATA_TYPE,
            target__startswith=episode,
        ).values_list("result_id", flat=True)
        found = [operation for operation in found if operation.id in set(asked)]
    return {stages.reading_of(operation.status) for operation in found}
