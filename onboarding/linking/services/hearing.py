"""What a delivery of Codat's webhooks leaves behind: its row, and a hint if it may tell news.

Codat sends far more events than a company needs looks. Most meet a lane that was told already and
is due as soon: those cost one question and one row, in statements that are built once.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q

from onboarding import codat
from onboarding.linking import stages
from onboarding.linking.models import CodatWrite, Connection, Lane, WebhookEvent
from onboarding.linking.models.work import moment

from .looking import CUSTOMER_MAY_WAIT


@dataclass(frozen=True)
class _Wish:
    """The hint an event gives: how soon, and how widely to look."""

    debounce: timedelta
    connections: bool
    urgent: bool


@dataclass(frozen=True)
class _Lane:
    """What decides whether a hint would change anything; by the database's clock."""

    company_id: int
    stage: str
    hinted: bool
    hinted_urgently: bool
    hinted_connections: bool
    is_held: bool
    is_due: bool
    is_due_soon: bool

    def knows(self, wish: _Wish) -> bool:
        """It was asked for as much already, and the look is yet to begin, no later than wished.

        Whoever holds the lane sees the marks at the end; whoever claims it next looks after this.
        """
        if not self.hinted or wish.urgent > self.hinted_urgently:
            return False
        if wish.connections > self.hinted_connections:
            return False
        return self.is_held or (self.is_due_soon if wish.debounce else self.is_due)


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
    lane = _lane_of(event.company_id) if event.company_id else None
    wish = _wish_of(event, lane) if lane else None
    if lane is None or wish is None or lane.knows(wish):
        WebhookEvent.objects.note(**row)
        return None
    with transaction.atomic():
        WebhookEvent.objects.note(**row)
        became_due = Lane.objects.filter(company=lane.company_id).hint(
            debounce=wish.debounce, connections=wish.connections, urgent=wish.urgent
        )
    return lane.company_id if became_due else None


def _idle_debounce() -> timedelta:
    return timedelta(seconds=settings.HINT_DEBOUNCE_IDLE_SECONDS)


def _wish_of(event: codat.Event, lane: _Lane) -> _Wish | None:
    """What the event says only decides how soon and how widely to look; None: it tells nothing.

    A first read alone sends many `read.completed`: only those a waiting customer gains by are not
    debounced.
    """
    if _tells_of_what_we_made(event, lane):
        return None
    if not event.event_type.startswith("read."):
        return _Wish(timedelta(0), connections=True, urgent=True)
    names_business = not set(stages.IDENTITY_DATA_TYPE.values()).isdisjoint(event.data_types)
    waits = names_business and lane.stage in CUSTOMER_MAY_WAIT
    if event.event_type == "read.completed.initial" or waits:
        return _Wish(timedelta(0), connections=False, urgent=True)
    return _Wish(_idle_debounce(), connections=False, urgent=False)


def _tells_of_what_we_made(event: codat.Event, lane: _Lane) -> bool:
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


_ANY = "id of a company"


@cache
def _question(idle_debounce: timedelta) -> tuple[str, tuple[Any, ...]]:
    """The statement of `_lane_of`: building it anew would cost ten times what running it does."""
    lanes = Lane.objects.filter(company__codat_id=_ANY).values_list(
        *("company_id", "company__stage", "hinted", "hinted_urgently", "hinted_connections"),
        Q(claim_token__isnull=False),
        Q(due_at__isnull=False, due_at__lte=moment(timedelta(0))),
        Q(due_at__isnull=False, due_at__lte=moment(idle_debounce)),
    )
    return lanes.query.sql_with_params()


def _lane_of(company_codat_id: str) -> _Lane | None:
    """The lane of a company at Codat; None for one we do not know."""
    statement, values = _question(_idle_debounce())
    with connection.cursor() as cursor:
        cursor.execute(statement, [company_codat_id if v == _ANY else v for v in values])
        found = cursor.fetchone()
    return _Lane(*found) if found else None
