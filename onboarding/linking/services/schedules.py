"""When Codat reads again by itself: its settings for all companies, remembered now and then."""

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from onboarding import codat
from onboarding.linking import stages
from onboarding.linking.models import CodatInstance, Connection, PullOperation

logger = logging.getLogger(__name__)


def remember_schedule(client: codat.Client) -> None:
    """Note after how many hours each data type is read again. One call (get-profile-syncSettings).

    What staff set for a single company at Codat is not known here.
    """
    try:
        seen = client.get_profile_sync_settings()
    except codat.CodatError as error:
        logger.warning("schedule_not_read %s", error)
        return
    hours = {each.data_type: each.sync_schedule for each in seen.settings if each.sync_schedule > 0}
    CodatInstance.objects.filter(client_id=seen.client_id).update(read_every=hours)


def read_every() -> dict[str, timedelta]:
    """After how long each data type is read again, as far as it is known."""
    known = CodatInstance.objects.values_list("read_every", flat=True).first() or {}
    return {data_type: timedelta(hours=hours) for data_type, hours in known.items()}


def next_read_at(
    connection: Connection,
    operations: Iterable[PullOperation],
    every: Mapping[str, timedelta],
    *,
    now: datetime,
) -> datetime | None:
    """The next read of a connection that works; None rather than a guess.

    Codat counts from the last success of each data type. A moment that has passed says nothing:
    that read is late, or under way.
    """
    is_steady = connection.status == stages.LINKED and not connection.one_time
    if not is_steady or connection.stage != stages.ConnectionStage.READY:
        return None
    newest: dict[str, datetime] = {}
    for each in operations:
        if each.completed and stages.reading_of(each.status) is stages.Reading.DONE:
            newest[each.data_type] = max(each.completed, newest.get(each.data_type, each.completed))
    moments = [at + every[name] for name, at in newest.items() if name in every]
    earliest = min(moments, default=None)
    return earliest if earliest and earliest > now else None
