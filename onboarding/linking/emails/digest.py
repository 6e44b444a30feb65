"""The daily mail to an account manager: which of their customers lost their connection."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db.models import F, QuerySet
from django.urls import reverse

from onboarding.linking.invitation_links import absolute_url
from onboarding.linking.models import OutgoingEmail, Problem
from onboarding.linking.stages import Reason

SHOWN = 25
"""Customers in the table; the worklist has them all."""


@dataclass(frozen=True)
class Row:
    """One loss; of the mails to the customer about it the last that left, or the next."""

    business: str
    software: str
    since: datetime
    reminded_at: datetime | None
    reminder_at: datetime | None


def key_of(user: Any, day: date) -> str:
    """One mail a day and user, however many processes plan it."""
    return f"{OutgoingEmail.DIGEST}:{user.pk}:{day.isoformat()}"


def due_at(user: Any, day: date) -> datetime:
    """The hour of the mail on that day, by the user's own clock."""
    return datetime.combine(day, time(settings.DIGEST_HOUR), tzinfo=user.zone)


def losses(user: Any, day: date) -> QuerySet[Problem]:
    """What the mail of that day tells: of the user's own customers, seen in the day before it.

    As with the mail to the customer, a loss must be half an hour old and seen by a second look.
    """
    waits = timedelta(seconds=settings.LOSS_MAIL_SECONDS)
    begin, end = due_at(user, day - timedelta(days=1)) - waits, due_at(user, day) - waits
    mine = Problem.objects.visible_to(user).open().filter(company__owner=user)
    return mine.filter(
        reason=Reason.ACCESS_LOST,
        since__gte=begin,
        since__lt=end,
        company__closed_at__isnull=True,
        company__observed_at__gt=F("connection__status_changed_at"),
    )


def is_wanted(user: Any) -> bool:
    return bool(user.is_active and user.is_staff and user.daily_digest and user.email)


def is_still_true(row: OutgoingEmail) -> bool:
    return is_wanted(row.user) and losses(row.user, _day(row)).exists()


def context(row: OutgoingEmail) -> dict[str, Any]:
    found = losses(row.user, _day(row)).select_related("company", "connection")
    problems = list(found.order_by("since", "pk"))
    names = list(dict.fromkeys(each.company.true_name for each in problems))
    count = len({each.company_id for each in problems})
    return {
        "url": absolute_url(reverse("desk:worklist")),
        "zone": problems[0].since.astimezone(row.user.zone).tzname(),
        "count": count,
        "first": names[0],
        "second": names[1] if len(names) > 1 else "",
        "others": max(0, count - 2),
        "rows": [_row(problem) for problem in problems[:SHOWN]],
        "not_shown": max(0, len(problems) - SHOWN),
    }


def _row(problem: Any) -> Row:
    company, connection = problem.company, problem.connection
    about = company.emails.filter(connection=connection, kind__in=("access_lost", "reminder"))
    since = connection.status_changed_at
    sent = about.filter(sent_at__gte=since).order_by("-sent_at").first()
    waits = about.filter(sent_at=None, cancelled_at=None, parked_reason="", due_at__isnull=False)
    planned = waits.order_by("due_at").first()
    return Row(
        business=company.true_name,
        software=connection.platform_name,
        since=since,
        reminded_at=sent.sent_at if sent else None,
        reminder_at=planned.due_at if planned else None,
    )


def _day(row: OutgoingEmail) -> date:
    return date.fromisoformat(row.dedupe_key.rpartition(":")[2])
