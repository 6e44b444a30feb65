"""Reading anew because somebody asked: everything Codat reads, or one data type."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from onboarding.linking import stages
from onboarding.linking.models import CodatWrite, Connection, Lane, Platform, PullOperation

from .errors import NotAllowed
from .onboarding import add_act
from .recording import lock_company
from .restaging import plan_write

AGAIN_AFTER = timedelta(minutes=10)
"""Asked for again within this time, the same is not queued again: a read takes its minutes."""


def data_types_of(connections: Sequence[Connection]) -> dict[int, list[str]]:
    """What can be asked for, by connection: what its software offers, and what was ever read."""
    offered = Platform.objects.filter(key__in={each.platform_key for each in connections})
    of_platform = {each.key: each.data_types for each in offered.without_pictures()}
    found = {each.pk: {*of_platform.get(each.platform_key, ())} for each in connections}
    reads = PullOperation.objects.filter(connection__in=connections)
    for pk, data_type in reads.values_list("connection_id", "data_type").distinct():
        found[pk].add(data_type)
    return {pk: sorted(names) for pk, names in found.items()}


def can_be_read(connection: Connection) -> bool:
    return connection.status == stages.LINKED and connection.deleted_at is None


def refresh(*, connection: Connection, by, now: datetime, data_type: str = "") -> bool:
    """Have Codat read anew (refresh-all-data-types, or refresh-data-type); False if it was just
    asked. Raises NotAllowed where nothing can be read.
    """
    with transaction.atomic():
        company = lock_company(connection.company_id)
        connection.refresh_from_db(fields=["status", "deleted_at"])
        if company.closed_at or not company.codat_id or not can_be_read(connection):
            raise NotAllowed
        if data_type and data_type not in data_types_of([connection])[connection.pk]:
            raise NotAllowed
        kind = CodatWrite.Kind.REFRESH_DATA_TYPE if data_type else CodatWrite.Kind.REFRESH_ALL
        target = f"{connection.codat_id}:asked:{data_type}"
        asked = company.writes.filter(kind=kind, target=target)
        if asked.filter(created_at__gt=now - AGAIN_AFTER).exists():
            return False
        body = {"connection_id": connection.codat_id, "again": True}
        if data_type:
            body["data_type"] = data_type
        _write, is_new = plan_write(company, kind, target, body, now=now)
        if is_new:
            subject = "reading_asked_of" if data_type else "reading_asked"
            add_act(company, subject, by=by, now=now, connection=connection, text=data_type)
            Lane.objects.filter(company=company).wake()
        return is_new
