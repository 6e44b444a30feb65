"""Whether a hint would tell a lane anything: asked first, since most tell nothing new."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Q

from onboarding.linking.models import Lane
from onboarding.linking.models.work import moment


@dataclass(frozen=True)
class Wish:
    """A hint that may be given: how soon, and how widely to look."""

    debounce: timedelta
    connections: bool
    urgent: bool


@dataclass(frozen=True)
class LaneState:
    """What decides whether a hint would change anything; by the database's clock."""

    company_id: int
    stage: str
    hinted: bool
    hinted_urgently: bool
    hinted_connections: bool
    is_held: bool
    is_due: bool
    is_due_soon: bool
    """Within the debounce that was asked with."""
    was_just_looked_at: bool
    """Less than that debounce ago."""

    def knows(self, wish: Wish) -> bool:
        """It was asked for as much already, and the look is yet to begin, no later than wished.

        Whoever holds the lane sees the marks at the end; whoever claims it next looks after this.
        """
        if not self.hinted or wish.urgent > self.hinted_urgently:
            return False
        if wish.connections > self.hinted_connections:
            return False
        return self.is_held or (self.is_due_soon if wish.debounce else self.is_due)

    def hint(self, wish: Wish) -> bool:
        """Give the hint. Whether a look became due by it: a nudge of any other finds nothing."""
        Lane.objects.filter(company=self.company_id).hint(
            debounce=wish.debounce, connections=wish.connections, urgent=wish.urgent
        )
        is_for_now = not wish.debounce or not self.was_just_looked_at
        return is_for_now and not self.is_held and not self.is_due


_ANY = "id of a company"


@cache
def _question(debounce: timedelta) -> tuple[str, tuple[Any, ...]]:
    """The statement of `lane_of`: building it anew would cost ten times what running it does."""
    lanes = Lane.objects.filter(company__codat_id=_ANY).values_list(
        *("company_id", "company__stage", "hinted", "hinted_urgently", "hinted_connections"),
        Q(claim_token__isnull=False),
        Q(due_at__isnull=False, due_at__lte=moment(timedelta(0))),
        Q(due_at__isnull=False, due_at__lte=moment(debounce)),
        Q(looked_at__isnull=False, looked_at__gt=moment(-debounce)),
    )
    return lanes.query.sql_with_params()


def lane_of(company_codat_id: str, *, debounce: timedelta) -> LaneState | None:
    """The lane of a company at Codat; None for one we do not know."""
    statement, values = _question(debounce)
    with connection.cursor() as cursor:
        cursor.execute(statement, [company_codat_id if v == _ANY else v for v in values])
        found = cursor.fetchone()
    return LaneState(*found) if found else None
