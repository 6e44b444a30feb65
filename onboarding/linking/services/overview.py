"""How far customers come, week by week, and whether the engine keeps up: read from the tables.

Every number is of companies whose customer first came in the time that is looked at.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from statistics import median
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from onboarding.linking.models import (
    CodatWrite,
    Company,
    CompanyIdentity,
    Connection,
    Consent,
    CustomerSession,
    HistoryEntry,
    Invitation,
    Lane,
    LinkAttempt,
    OutgoingEmail,
    Pause,
    Problem,
    WebhookEvent,
)
from onboarding.linking.models.invitation import Purpose
from onboarding.linking.stages import Stage

STEPS: dict[str, Promise] = {
    "began": _("Began"),
    "chosen": _("Software chosen"),
    "permission": _("Permission given"),
    "sent": _("Sent to the software"),
    "returned": _("Came back"),
    "linked": _("Linked"),
    "confirmed": _("Name confirmed"),
    "first_read": _("First read done"),
}


class Channel(StrEnum):
    """How customers came; who asked somebody else to connect came in one of the other ways too."""

    INVITED = "invited"
    SELF_SERVICE = "self_service"
    HAND_OVER = "hand_over"


def of_channel(companies: Any, channel: Channel) -> Any:
    if channel == Channel.HAND_OVER:
        asked = Invitation.objects.filter(company=OuterRef("pk"), purpose=Purpose.DELEGATE)
        return companies.filter(Exists(asked))
    alone = Q(origin=Company.Origin.SELF_SERVICE)
    return companies.filter(alone if channel == Channel.SELF_SERVICE else ~alone)


def of_software(companies: Any, platform_keys: Collection[str]) -> Any:
    """Those that chose any of it, connected or not."""
    chosen = CodatWrite.objects.filter(
        company=OuterRef("pk"),
        kind=CodatWrite.Kind.CREATE_CONNECTION,
        target__in=platform_keys,
    )
    made = Connection.objects.filter(company=OuterRef("pk"), platform_key__in=platform_keys)
    return companies.filter(Exists(chosen) | Exists(made))


@dataclass(frozen=True)
class StepReached:
    """`share` in per cent of the step before, never rounded up; None for the first, or of nobody.

    `middle` is the median time from the step before; `left_with` the commonest open problem of
    those who came no further, and of how many.
    """

    name: str
    label: Promise
    count: int
    share: int | None
    middle: timedelta | None
    left_with: tuple[str, int] | None


@dataclass(frozen=True)
class Week:
    """Who began in the week from that Monday, and whose first read was done in the same week."""

    monday: date
    began: int
    completed: int

    @property
    def share(self) -> int | None:
        return 100 * self.completed // self.began if self.began else None


def funnel(
    *, companies: Any, since: datetime, platform_keys: Collection[str] | None = None
) -> tuple[list[StepReached], list[Week]]:
    """The steps, and the weeks from the oldest on, for those of `companies` that began `since`.

    With `platform_keys` only who chose such software, and how far they came with it. The first
    and the last step are of the whole customer: nobody begins, or is done, with one software.
    """
    if platform_keys is not None:
        companies = of_software(companies, platform_keys)
    times = _times(companies, since, platform_keys)
    furthest = {
        company: max(n for n, at in enumerate(found) if at) for company, found in times.items()
    }
    counts = [sum(last >= n for last in furthest.values()) for n in range(len(STEPS))]
    reasons = _reasons(companies, platform_keys)
    steps = []
    for n, (name, label) in enumerate(STEPS.items()):
        left = Counter(
            reason
            for company, last in furthest.items()
            if last == n
            for reason in reasons.get(company, ())
        )
        steps.append(
            StepReached(
                name=name,
                label=label,
                count=counts[n],
                share=100 * counts[n] // counts[n - 1] if n and counts[n - 1] else None,
                middle=_middle(times.values(), n) if n else None,
                left_with=left.most_common(1)[0] if left else None,
            )
        )
    return steps, _weeks(times.values(), since)


def _times(
    companies: Any, since: datetime, platform_keys: Collection[str] | None
) -> dict[int, list[datetime | None]]:
    """When each company first reached each step; a fixed number of queries."""

    def of_it(model: Any, path: str, **more: Any) -> Any:
        found = model.objects.filter(**more)
        return found if platform_keys is None else found.filter(**{f"{path}__in": platform_keys})

    began = CustomerSession.objects.filter(company__in=companies)
    first = began.values_list("company").annotate(at=Min("created_at")).filter(at__gte=since)
    times: dict[int, list[datetime | None]] = {
        company: [at] + [None] * (len(STEPS) - 1) for company, at in first
    }
    writes = of_it(CodatWrite, "target", kind=CodatWrite.Kind.CREATE_CONNECTION)
    attempts = of_it(LinkAttempt, "connection__platform_key")
    identities = of_it(CompanyIdentity, "connection__platform_key")
    ready = HistoryEntry.objects.filter(subject="stage", after=Stage.READY.value)
    reached: list[Iterable[tuple[int, datetime]]] = [
        _first(writes, since, "created_at"),
        _first(of_it(Consent, "platform_key"), since, "at"),
        _first(attempts, since, "sent_at", "session__company"),
        _first(attempts, since, "returned_at", "session__company"),
        _first(of_it(Connection, "platform_key"), since, "linked_first_at"),
        _first(identities, since, "confirmed_at", "connection__company"),
        _first(ready, since, "at"),
    ]
    for n, rows in enumerate(reached, 1):
        for company, at in rows:
            if company in times:
                times[company][n] = at
    return times


def _first(rows: Any, since: datetime, moment: str, company: str = "company") -> Any:
    """Nobody who began `since` reached a step before: older rows need not be read."""
    found = rows.filter(**{f"{moment}__gte": since})
    return found.order_by().values_list(company).annotate(at=Min(moment))


def _middle(times: Iterable[list[datetime | None]], n: int) -> timedelta | None:
    """The median of those for whom both moments are known, and in this order."""
    seconds = []
    for found in times:
        before, at = found[n - 1], found[n]
        if before and at and at >= before:
            seconds.append((at - before).total_seconds())
    return timedelta(seconds=round(median(seconds))) if seconds else None


def _reasons(companies: Any, platform_keys: Collection[str] | None) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    rows = Problem.objects.open().filter(company__in=companies)
    if platform_keys is not None:
        of_another = Q(connection__isnull=False) & ~Q(connection__platform_key__in=platform_keys)
        rows = rows.exclude(of_another)
    for company, reason in rows.values_list("company", "reason"):
        found.setdefault(company, set()).add(reason)
    return found


def _weeks(times: Iterable[list[datetime | None]], since: datetime) -> list[Week]:
    began: Counter[date] = Counter()
    completed: Counter[date] = Counter()
    for found in times:
        first, last = found[0], found[-1]
        if first is None:
            continue
        began[_monday(first)] += 1
        completed[_monday(first)] += last is not None and _monday(last) == _monday(first)
    return [Week(monday, began[monday], completed[monday]) for monday in sorted(began)]


def _monday(moment: datetime) -> date:
    day = moment.astimezone(UTC).date()
    return day - timedelta(days=day.weekday())


def connections_by_status(*, companies: Any) -> list[tuple[str, int]]:
    """Codat's word for each, and how many are there; the commonest first."""
    present = Connection.objects.present().filter(company__in=companies).order_by()
    rows = present.values_list("status").annotate(n=Count("pk"))
    return sorted(rows, key=lambda row: (-row[1], row[0]))


@dataclass(frozen=True)
class Health:
    """Whether the engine keeps up, for all companies. Times are None where there is nothing."""

    waiting: int
    oldest_since: datetime | None
    set_aside: int
    paused: list[Pause]
    last_event_at: datetime | None


def health(*, now: datetime) -> Health:
    due = Lane.objects.filter(due_at__lte=now, claim_token__isnull=True, parked_reason="")
    mails = OutgoingEmail.objects.filter(cancelled_at__isnull=True)
    aside = [rows.exclude(parked_reason="").count() for rows in (Lane.objects.all(), mails)]
    event = WebhookEvent.objects.order_by("-received_at").first()
    return Health(
        waiting=due.count(),
        oldest_since=due.aggregate(at=Min("due_at"))["at"],
        set_aside=sum(aside),
        paused=list(Pause.objects.order_by("scope")),
        last_event_at=event.received_at if event else None,
    )


def companies_of(user: Any) -> Any:
    """Those whose numbers this member of staff sees: the same as on their lists."""
    return Company.objects.visible_to(user).order_by()
