"""What a company's page and its row in the list show, gathered in a fixed number of queries."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Prefetch
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from onboarding.linking import permissions, stages
from onboarding.linking.data_types import customer_words
from onboarding.linking.models import (
    CodatWrite,
    Company,
    CompanyIdentity,
    Connection,
    HistoryEntry,
    Invitation,
    OutgoingEmail,
    Problem,
    labels,
)
from onboarding.linking.models.invitation import Purpose
from onboarding.linking.services import refreshing
from onboarding.linking.stages import ConnectionStage, Stage

from . import wording
from .wording import Act, ReasonWords, Text, Words
from .worklist import Step, next_step, page_url

_RECONNECTABLE = {ConnectionStage.LOST, ConnectionStage.ENDED}
_ON_THE_CARD = {Act.ASK_CUSTOMER, Act.RELINK, Act.SEND_STEPS}
_NEEDS_LINK = {Stage.DRAFT, Stage.INVITED, Stage.STARTED, Stage.AUTHORIZING}


@dataclass(frozen=True)
class CompanyRow:
    company: Company
    stage: Words
    link_status: tuple[Text, str]
    problems: list[ReasonWords]


@dataclass(frozen=True)
class ProblemNote:
    """A problem, and the steps of the worklist that have no other place on the page."""

    words: ReasonWords
    steps: list[Step]


@dataclass(frozen=True)
class ConnectionCard:
    connection: Connection
    status: tuple[Text, str]
    words: Words
    identity: CompanyIdentity | None
    problems: list[ProblemNote]
    can_reconnect: bool
    may_unlink: bool
    may_delete: bool
    refreshable: list[tuple[str, str]]
    """The data types that its reader may have read again, with their words."""
    asked: Text
    """What Codat was asked to do with it and has not answered yet."""


@dataclass(frozen=True)
class SentLink:
    """`word` says how it stands, with `tone` for its tag; a live one can be taken back."""

    link: Invitation
    word: Text
    tone: str
    is_live: bool
    email: OutgoingEmail | None
    email_planned_at: datetime | None
    went_elsewhere: bool
    """Its mail went out before the contact's address was changed to the present one."""


@dataclass(frozen=True)
class Entry:
    entry: HistoryEntry
    text: Text
    source: Text


def row(company: Any) -> CompanyRow:
    """`company.open_problems` must be prefetched."""
    return CompanyRow(
        company=company,
        stage=wording.stage_words(company.stage),
        link_status=wording.link_status_words(company.link_status),
        problems=[wording.reason_words(problem.reason) for problem in company.open_problems],
    )


def context(company: Company, user: Any, *, now: datetime) -> dict[str, Any]:
    problems = list(company.problems.open())
    cards = connection_cards(company, problems, user)
    may_invite = user.has_perm(permissions.INVITE) and company.closed_at is None
    links = sent_links(company, now)
    files = list(company.files.kept())
    has_live_link = any(sent.is_live and sent.link.purpose == Purpose.ONBOARD for sent in links)
    lost = next((card for card in cards if card.connection.stage == ConnectionStage.LOST), None)
    return {
        "section": "customers",
        "company": company,
        "stage": wording.stage_words(company.stage),
        "problems": [_note(p, user) for p in problems if not p.connection_id],
        "cards": cards,
        "links": links,
        "contacts": list(company.contacts.order_by("-is_primary", "pk")),
        "files": files,
        "files_wait": any(file.seen_at is None for file in files),
        "may_invite": may_invite,
        "may": {
            "change": user.has_perm(permissions.CHANGE),
            "reassign": user.has_perm(permissions.REASSIGN),
            "close": user.has_perm(permissions.CLOSE),
            "note": user.has_perm(permissions.INVITE),
        },
        "reconnect_first": lost if may_invite else None,
        "send_is_next": company.stage in _NEEDS_LINK and not (lost or has_live_link),
    }


def _note(problem: Problem, user: Any) -> ProblemNote:
    """Of the customer as a whole: the page that answers it, where there is one."""
    words = wording.reason_words(problem.reason)
    url = page_url(problem, words, user)
    return ProblemNote(words, [Step(words.button, url, posts=False)] if url else [])


def _note_of_connection(
    problem: Problem, connection: Connection, user: Any, acts: set[Act]
) -> ProblemNote:
    """`connection` is the problem's, with its identities read."""
    problem.connection = connection
    words = wording.reason_words(problem.reason)
    offered = [(words.act, words.button), *([words.also] if words.also else [])]
    steps = [
        next_step(problem, replace(words, act=act, button=button), user)
        for act, button in offered
        if act in acts
    ]
    return ProblemNote(words, steps)


_ASKED: dict[str, Text] = {
    CodatWrite.Kind.UNLINK_CONNECTION: gettext_lazy("Codat is asked to unlink it."),
    CodatWrite.Kind.DELETE_WITH_DATA: gettext_lazy("Codat is asked to delete it."),
}


def connection_cards(company: Company, problems: list[Problem], user: Any) -> list[ConnectionCard]:
    cards = []
    writes = company.writes.open().filter(kind__in=_ASKED).order_by("pk")
    asked = {write.body.get("connection_id"): write.kind for write in writes}
    may_act = user.has_perm(permissions.INVITE) and company.closed_at is None
    connections = list(company.connections.prefetch_related("identities"))
    data_types = refreshing.data_types_of(connections) if may_act else {}
    may_unlink, may_delete = user.has_perm(permissions.UNLINK), user.has_perm(permissions.DELETE)
    for connection in connections:
        identities = list(connection.identities.all())
        can_reconnect = connection.stage in _RECONNECTABLE and connection.status in (
            stages.UNLINKED,
            stages.DEAUTHORIZED,
        )
        acts = _ON_THE_CARD - ({Act.RELINK} if can_reconnect else set()) if may_act else set()
        cards.append(
            ConnectionCard(
                connection=connection,
                status=wording.DELETED
                if connection.deleted_at
                else wording.status_words(connection.status),
                words=wording.connection_words(connection.stage),
                identity=identities[0] if identities else None,
                problems=[
                    _note_of_connection(problem, connection, user, acts)
                    for problem in problems
                    if problem.connection_id == connection.pk
                ],
                can_reconnect=can_reconnect,
                may_unlink=may_unlink
                and connection.status == stages.LINKED
                and not connection.deleted_at
                and connection.codat_id not in asked,
                may_delete=may_delete
                and not connection.deleted_at
                and asked.get(connection.codat_id) != CodatWrite.Kind.DELETE_WITH_DATA,
                refreshable=[
                    (name, customer_words(name)) for name in data_types.get(connection.pk, [])
                ]
                if refreshing.can_be_read(connection)
                else [],
                asked=_ASKED.get(asked.get(connection.codat_id, ""), ""),
            )
        )
    return cards


def sent_links(company: Company, now: datetime) -> list[SentLink]:
    """The links of this company, newest first, at most twenty."""
    mails = Prefetch("emails", queryset=OutgoingEmail.objects.order_by("-pk"), to_attr="mails")
    links = company.invitations.select_related("recipient", "connection").prefetch_related(mails)
    moved = company.history.filter(subject=HistoryEntry.ADDRESS_CHANGED).first()
    moved_at, closed = moved.at if moved else None, company.closed_at is not None
    return [_sent_link(link, now, moved_at, closed=closed) for link in links[:20]]


def _sent_link(link: Any, now: datetime, moved_at: datetime | None, *, closed: bool) -> SentLink:
    word, tone = _state(link, now)
    is_live = link.ended_at is None and link.expires_at > now
    if is_live and closed:
        word, tone = _("Closed"), "disconnected"
    email = link.mails[0] if link.mails else None
    return SentLink(
        link=link,
        word=word,
        tone=tone,
        is_live=is_live and not closed,
        email=email,
        email_planned_at=email.due_at if email and is_planned(email, now) else None,
        went_elsewhere=_went_elsewhere(link, email, moved_at),
    )


def _went_elsewhere(
    link: Invitation, email: OutgoingEmail | None, moved_at: datetime | None
) -> bool:
    if moved_at is None or not link.recipient.is_primary:
        return False
    if email and email.sent_at is None and link.ended_at is None:
        return False  # it waits, and goes to the present address
    return ((email and email.sent_at) or link.created_at) < moved_at


def is_planned(email: OutgoingEmail, now: datetime) -> bool:
    """It waits for its time: a mail about a loss goes out half an hour after it, if still true."""
    open_ = email.sent_at is None and email.cancelled_at is None and email.claim_token is None
    return open_ and email.due_at is not None and email.due_at > now + timedelta(seconds=30)


_ENDED: dict[Any, tuple[Text, str]] = {
    Invitation.EndedWhy.FINISHED: (gettext_lazy("Done"), "linked"),
    Invitation.EndedWhy.REPLACED: (gettext_lazy("Replaced"), "disconnected"),
    Invitation.EndedWhy.REVOKED: (gettext_lazy("Taken back"), "disconnected"),
    Invitation.EndedWhy.DECLINED: (gettext_lazy("Not for them"), "problem"),
}


def _state(link: Invitation, now: datetime) -> tuple[Text, str]:
    if link.ended_at is not None:
        return _ENDED.get(link.ended_why, (_("Ended"), "disconnected"))
    if link.expires_at <= now:
        return _("Ended"), "disconnected"
    return (_("Opened"), "pending") if link.opened_at else (_("Not opened yet"), "info")


def entry(found: HistoryEntry) -> Entry:
    return Entry(entry=found, text=_happened(found), source=found.get_source_display())


def _happened(found: HistoryEntry) -> Text:
    """What a person did, or what changed, in the words of the desk."""
    name = found.connection.platform_name if found.connection else ""
    if found.kind != HistoryEntry.Kind.STATUS:
        done = labels.act(found.subject, found.text)
        return f"{name}: {done}" if name else done
    before, after = _word(found.subject, found.before), _word(found.subject, found.after)
    what = name or _SUBJECTS.get(found.subject, found.subject)
    values = {"what": what, "before": before, "after": after}
    if before:
        return _("%(what)s: %(before)s → %(after)s") % values
    return _("%(what)s: %(after)s") % values


_STAGE_NAMES = {stage.value for stage in Stage}
_SUBJECTS: dict[str, Text] = {"stage": gettext_lazy("Stage")}


def _word(subject: str, value: str) -> Text:
    """A stage or a status in our words; anything else as it stands."""
    if subject == "stage" and value in _STAGE_NAMES:
        return wording.stage_words(value).label
    if value in wording.STATUSES:
        return wording.status_words(value)[0]
    return wording.HISTORY_WORDS.get(value, value)
