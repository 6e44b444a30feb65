"""The worklist: open problems, grouped by reason, each with its facts in words and a next step."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.conf import settings
from django.db.models import Case, Count, IntegerField, Max, Prefetch, Q, QuerySet, Value, When
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from onboarding.linking import permissions
from onboarding.linking.models import (
    Company,
    CompanyIdentity,
    Connection,
    HistoryEntry,
    Invitation,
    Problem,
)
from onboarding.linking.models.invitation import Purpose

from . import wording
from .wording import Act, ReasonWords, Text

_ACTS_THAT_SEND = {Act.SEND_LINK, Act.SEND_NEW_LINK, Act.RELINK, Act.ASK_CUSTOMER, Act.SEND_STEPS}
_FOR_WHO_MAY_INVITE = {*_ACTS_THAT_SEND, Act.REFRESH}
_ABOUT_A_CONNECTION = {
    Act.ASK_CUSTOMER: "desk:ask_customer",
    Act.REFRESH: "desk:refresh",
    Act.RELINK: "desk:relink",
    Act.SEND_STEPS: "desk:send_steps",
}
_PAGES = {
    Act.ANSWER_DELETION: "desk:deletion",
    Act.ANSWER_NOT_LISTED: "desk:not_listed",
    Act.CHANGE_ADDRESS: "desk:address",
}


@dataclass(frozen=True)
class Step:
    """What the row's button does: a POST to `url`, or a link when `posts` is false."""

    text: Text
    url: str
    posts: bool


@dataclass(frozen=True)
class Ago:
    """A moment, and how long ago it was in its largest unit: “3 days ago”."""

    moment: datetime

    @property
    def text(self) -> str:
        if timezone.now() - self.moment < timedelta(minutes=1):
            return _("just now")
        return _("%(time)s ago") % {"time": timesince(self.moment, depth=1)}


@dataclass(frozen=True)
class Row:
    company: Company
    connection: Connection | None
    stage: wording.Words
    sentence: Text
    since: Ago
    last_link: Ago | None
    steps: list[Step]
    """The next step first."""


@dataclass(frozen=True)
class Group:
    reason: str
    words: ReasonWords
    count: int
    rows: list[Row]


def open_problems(user: Any, now: datetime) -> QuerySet[Problem]:
    """What this member of staff should look at; closing a company clears what is open of it."""
    awake = Q(snoozed_until__isnull=True) | Q(snoozed_until__lte=now)
    return Problem.objects.visible_to(user).open().filter(awake)


class Worklist:
    """Open problems in order, the worst reason first and of each the oldest, for a Paginator.

    The counts say which reasons a page shows: only those are read, from their index.
    """

    ordered = True

    def __init__(self, problems: QuerySet[Problem]) -> None:
        self._problems = problems.order_by()
        rows = self._problems.values("reason").annotate(n=Count("pk"))
        counts = {row["reason"]: row["n"] for row in rows}
        known = [reason for reason in wording.REASON_ORDER if reason in counts]
        self.counts = {reason: counts[reason] for reason in (*known, *sorted({*counts} - {*known}))}

    def __len__(self) -> int:
        return sum(self.counts.values())

    def __getitem__(self, part: slice) -> QuerySet[Problem]:
        before, shown = 0, 0
        reasons: list[str] = []
        for reason, count in self.counts.items():
            if not reasons and before + count <= part.start:
                before += count
            elif before + shown < part.stop:
                shown += count
                reasons.append(reason)
        rank = Case(
            *(When(reason=reason, then=Value(n)) for n, reason in enumerate(reasons)),
            default=Value(len(reasons)),
            output_field=IntegerField(),
        )
        found = self._problems.filter(reason__in=reasons)
        order = ("since", "pk") if len(reasons) < 2 else (rank, "since", "pk")
        return found.order_by(*order)[part.start - before : part.stop - before]

    def customers(self) -> int:
        """How many of them there are, each counted once."""
        return self._problems.values("company").distinct().count() if self.counts else 0


def with_facts(problems: QuerySet[Problem]) -> QuerySet[Problem]:
    """Everything a row shows, in a number of queries that does not grow with the rows."""
    links = Invitation.objects.filter(purpose__in=[Purpose.ONBOARD, Purpose.RELINK])
    # A link whose mail still waits to go out was not sent yet.
    links = links.annotate(mailed_at=Max("emails__sent_at")).filter(mailed_at__isnull=False)
    told = HistoryEntry.objects.filter(subject=HistoryEntry.NOT_LISTED)
    files = Count("files", filter=Q(files__removed_at__isnull=True))
    # Joined, the first 25 would be cut from a list of all.
    return problems.prefetch_related(
        Prefetch("company", queryset=Company.objects.annotate(files_kept=files)),
        "connection",
        Prefetch("company__history", queryset=told, to_attr="told"),
        Prefetch("company__invitations", queryset=links, to_attr="links"),
        "connection__identities__same_number_as__connection__company",
    )


def groups(problems: Iterable[Problem], counts: dict[str, int], user: Any) -> Iterator[Group]:
    for reason, found in groupby(problems, key=lambda problem: problem.reason):
        words = wording.reason_words(reason)
        rows = [_row(problem, words, user) for problem in found]
        yield Group(reason=reason, words=words, count=counts[reason], rows=rows)


def _row(problem: Problem, words: ReasonWords, user: Any) -> Row:
    company: Any = problem.company
    return Row(
        company=company,
        connection=problem.connection,
        stage=wording.stage_words(company.stage),
        sentence=wording.sentence(problem.reason, facts_of(problem, user)),
        since=Ago(problem.since),
        last_link=Ago(company.links[0].mailed_at) if company.links else None,
        steps=_steps(problem, words, user),
    )


def _steps(problem: Problem, words: ReasonWords, user: Any) -> list[Step]:
    first = next_step(problem, words, user)
    if words.also is None or not first.posts:
        return [first]
    act, button = words.also
    second = next_step(problem, replace(words, act=act, button=button), user)
    return [first, second] if second.posts else [first]


def facts_of(problem: Problem, user: Any) -> dict[str, Any]:
    """The facts that `wording.sentence` may need; an empty one counts as not known."""
    company: Any = problem.company
    links: list[Any] = company.links
    sent = next((link for link in links if link.purpose == Purpose.ONBOARD), None)
    identities = list(problem.connection.identities.all()) if problem.connection else []
    errors = problem.connection.errors if problem.connection else []
    return {
        "expected": _isolated(_expected(company, identities)),
        "found": _isolated(identities[0].display_name) if identities else "",
        "other": _other_customer(identities[0], user) if identities else "",
        "ids": " · ".join(
            [company.codat_id or "", *sorted(company.history.other_records())]
            if problem.reason == "doubled_at_codat"
            else []
        ),
        "sent": _day(sent.mailed_at) if sent else "",
        "ended": _day(sent.expires_at) if sent else "",
        "code": errors[-1].get("statusCode", "") if errors else "",
        "typed": _isolated(company.told[0].text) if company.told and not errors else "",
        "files": company.files_kept,
        "due": _day(problem.since + timedelta(days=settings.DELETION_ANSWER_DAYS)),
    }


def _expected(company: Company, identities: list[Any]) -> str:
    """The business that was connected before, else the one that the customer told us."""
    before = identities[0].compared_with_id if identities else None
    known = next((each for each in identities if before and each.pk == before), None)
    return (known.display_name if known else "") or company.true_name


def _other_customer(identity: CompanyIdentity, user: Any) -> str:
    """Who has the same number, by name only for those who may see that customer."""
    if identity.same_number_as is None:
        return ""
    other = identity.same_number_as.connection.company
    return _isolated(other.true_name) if other.is_visible_to(user) else _("another customer")


def next_step(problem: Problem, words: ReasonWords, user: Any) -> Step:
    company, connection = problem.company, problem.connection
    if url := page_url(problem, words, user):
        return Step(words.button, url, posts=False)
    may_send = words.act not in _FOR_WHO_MAY_INVITE or user.has_perm(permissions.INVITE)
    if words.act is Act.OPEN or words.act in _PAGES or not may_send:
        see = words.button if words.act is Act.OPEN else wording.SEE_CUSTOMER
        return Step(see, reverse("desk:company", args=[company.public_id]), posts=False)
    if words.act is Act.LOOK_AGAIN:
        url = reverse("desk:look_again", args=[company.public_id])
    elif words.act in _ABOUT_A_CONNECTION and connection is not None:
        name = _ABOUT_A_CONNECTION[words.act]
        url = reverse(name, args=[company.public_id, connection.public_id])
    else:
        url = reverse("desk:send_link", args=[company.public_id])
    return Step(words.button, url, posts=True)


def page_url(problem: Problem, words: ReasonWords, user: Any) -> str:
    """The page on which this problem is solved; empty where there is none for this reader."""
    if problem.connection:
        args = [problem.company.public_id, problem.connection.public_id]
        if words.act is Act.COMPARE:
            return reverse("desk:compare", args=args)
        if _is_about_names(problem, words):
            return reverse("desk:names", args=args)
    if words.act is Act.SEE_BOTH:
        return reverse("desk:records", args=[problem.company.public_id])
    if words.act not in _PAGES or problem.connection_id or not user.has_perm(permissions.CHANGE):
        return ""
    return reverse(_PAGES[words.act], args=[problem.company.public_id])


def _is_about_names(problem: Problem, words: ReasonWords) -> bool:
    """Without a name the customer cannot be asked, but staff may know whose it is."""
    is_named = words.act is Act.ASK_CUSTOMER and problem.connection.identities.all()
    return words.act is Act.SEE_NAMES or (words.act is Act.ASK_CUSTOMER and not is_named)


def _isolated(name: str) -> str:
    """A name from outside inside our sentence: Unicode isolates keep its direction to itself."""
    return f"\u2068{name}\u2069" if name else ""


def _day(moment: datetime) -> str:
    return formats.date_format(timezone.localtime(moment), "j F")
