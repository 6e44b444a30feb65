"""What a delivery of Codat's webhooks leaves behind: its row, and a hint if it may tell news.

Codat sends far more events than a company needs looks. Most meet a lane that was told already and
is due as soon: those cost one question and one row, in statements that are built once.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from onboarding import codat
from onboarding.linking import stages
from onboarding.linking.models import CodatWrite, Connection, WebhookEvent

from .lanes import LaneState, Wish, lane_of
from .looking import CUSTOMER_MAY_WAIT


def hear(event: codat.Event, *, webhook_id: str, now: datetime) -> int | None:
    """Store a delivery and its hint, both or neither; a second delivery stores nothing new.

    Returns the key of the company whose look became due by it, to be nudged; else None.
    """
    row = {
        "webhook_id": webhook_id[:128],
        "event_id": event.id[:64],
        "event_type": event.event_type[:64],
        "company_codat_id": event.company_id[:64],
        "connection_codat_id": event.connection_id[:64],
        "generated_at": event.generated_date,
        "received_at": now,
    }
    # Asked before the event is stored: a look that begins after this one question sees its cause.
    lane = lane_of(event.company_id, debounce=_idle_debounce()) if event.company_id else None
    wish = _wish_of(event, lane) if lane else None
    if lane is None or wish is None or lane.knows(wish):
        WebhookEvent.objects.note(**row)
        return None
    with transaction.atomic():
        WebhookEvent.objects.note(**row)
        became_due = lane.hint(wish)
    return lane.company_id if became_due else None


def _idle_debounce() -> timedelta:
    return timedelta(seconds=settings.HINT_DEBOUNCE_IDLE_SECONDS)


def _wish_of(event: codat.Event, lane: LaneState) -> Wish | None:
    """What the event says only decides how soon and how widely to look; None: it tells nothing.

    A first read alone sends many `read.completed`: only those a waiting customer gains by are not
    debounced.
    """
    if _tells_of_what_we_made(event, lane):
        return None
    if not event.event_type.startswith("read."):
        return Wish(timedelta(0), connections=True, urgent=True)
    names_business = not set(stages.IDENTITY_DATA_TYPE.values()).isdisjoint(event.data_types)
    waits = names_business and lane.stage in CUSTOMER_MAY_WAIT
    if event.event_type == "read.completed.initial" or waits:
        return Wish(timedelta(0), connections=False, urgent=True)
    return Wish(_idle_debounce(), connections=False, urgent=False)


def _tells_of_what_we_made(event: codat.Event, lane: LaneState) -> bool:
    """That something exists which our own write made, or is making: its answer is recorded."""
    if event.event_type == "company.created":
        return True  # it carries an id that we know already
    if event.event_type != "connection.created" or not event.connection_ids:
        return False
    known = Connection.objects.filter(
        company=lane.company_id, codat_id__in=event.connection_ids, deleted_at__isnull=True
    )
    # The answer closes the write and stores the connection at once: one of the two is there.
    making = CodatWrite.objects.filter(
        company=lane.company_id, kind=CodatWrite.Kind.CREATE_CONNECTION
    )
    return making.open().exists() or known.exists()
