"""Gathering the facts of one company, for the judgement of its stage."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from django.db.models import F, QuerySet

from onboarding.linking import stages
from onboarding.linking.models import (
    Category,
    CodatWrite,
    Company,
    CompanyIdentity,
    Connection,
    Invitation,
    LinkAttempt,
    Platform,
    PullOperation,
)
from onboarding.linking.models.invitation import Purpose, Way, way_of_linking
from onboarding.linking.reads_that_count import read_facts, refused_spans

from .mail_planning import reminder_facts


def category_of(source_type: str, categories: Iterable[Category]) -> str:
    """The slug of the category a source type belongs to; the type itself when none claims it."""
    return next((c.slug for c in categories if source_type in c.source_types), source_type.lower())


def gather(company: Company) -> stages.Facts:
    """All facts the assessment needs, read anew; a fixed number of queries."""
    categories = list(Category.objects.all())
    sessions = company.sessions.order_by("created_at").values_list("created_at", "used_at")
    attempts = [
        moment
        for pair in company.sessions.values_list("attempts__sent_at", "attempts__returned_at")
        for moment in pair
        if moment
    ]
    used = [used_at for _, used_at in sessions]
    begun_at = sessions[0][0] if sessions else None
    invitation = company.invitations.filter(purpose=Purpose.ONBOARD).first()
    # Anybody may type any address: until it is proved there is nothing for staff to do about it.
    unproved = company.origin == Company.Origin.SELF_SERVICE and begun_at is None
    return stages.Facts(
        required=tuple(c.slug for c in categories if c.required and c.offered),
        one_only=tuple(c.slug for c in categories if not c.allows_many),
        connections=tuple(_connection_facts(company, categories)),
        closed=company.closed_at is not None,
        begun_at=begun_at,
        active_at=max([*used, *attempts], default=None),
        invitation=None
        if unproved
        else invitation
        and stages.InvitationFacts(
            expires_at=invitation.expires_at,
            opened=invitation.opened_at is not None,
            ended=invitation.ended_at is not None,
            declined=invitation.ended_why == Invitation.EndedWhy.DECLINED,
        ),
        reads_listed_at=company.reads_listed_at,
        observed_at=company.observed_at,
        refused=_is_refused(company),
        doubled_at_codat=bool(company.history.other_records()),
        mail_not_delivered=not unproved and _has_mail_set_aside(company),
        waits_for_helper=bool(handed_over(company)),
        not_listed=company.history.not_listed() is not None,
        files_waiting=company.files.waiting().exists(),
        deletion_asked=company.history.deletion_asked_at() is not None,
        **reminder_facts(company),
    )


def _has_mail_set_aside(company: Company) -> bool:
    """A mail was set aside, and nothing has taken its place: no newer link, no other address."""
    aside = company.emails.filter(cancelled_at__isnull=True).exclude(parked_reason="")
    return aside.exclude(invitation__ended_at__isnull=False).exists()


def _is_refused(company: Company) -> bool:
    """Codat refused the newest write of some kind, or holds an open one up with a reason."""
    newest: dict[tuple[str, str], CodatWrite] = {}
    for write in company.writes.order_by("pk"):
        newest[(write.kind, write.body.get("connection_id", ""))] = write
    return any(
        write.outcome == CodatWrite.Outcome.REFUSED or (write.done_at is None and write.reason)
        for write in newest.values()
    )


def _connection_facts(
    company: Company, categories: list[Category]
) -> Iterator[stages.ConnectionFacts]:
    operations: dict[int, list[PullOperation]] = {}
    for operation in PullOperation.objects.filter(connection__company=company):
        operations.setdefault(operation.connection_id, []).append(operation)
    identities: dict[int, list[CompanyIdentity]] = {}
    for identity in CompanyIdentity.objects.filter(connection__company=company):
        identities.setdefault(identity.connection_id, []).append(identity)
    platforms = {p.key: p for p in _platforms_of(company)}
    needed = {c.slug: tuple(c.needed_data_types) for c in categories}
    late = _made_late(company)
    with_helpers = handed_over(company)
    hops_of = _hops(company)
    ends = company.history.ends()
    name_later = company.history.name_later()
    wanted = company.history.word_wanted()
    unlinked = company.history.unlinked_by_customer()
    asked_to_unlink = _asked_to_unlink(company)
    switched = company.history.switched()
    rows = list(company.connections.all())
    for connection in rows:
        known, hops = identities.get(connection.pk, []), hops_of.get(connection.pk, [])
        hop = hops[-1] if hops else None
        platform = platforms.get(connection.platform_key) or Platform()
        category = category_of(connection.source_type, categories)
        yield stages.ConnectionFacts(
            id=connection.pk,
            codat_id=connection.codat_id,
            category=category,
            source_type=connection.source_type,
            status=connection.status,
            linked_first_at=connection.linked_first_at,
            linked_last_at=connection.linked_last_at,
            one_time=connection.one_time,
            is_offline=platform.is_offline,
            read_window=platform.read_window,
            needed=needed.get(category, ()),
            offered=frozenset(platform.data_types),
            gone=connection.deleted_at is not None,
            status_changed_at=connection.status_changed_at,
            last_read_at=connection.last_read_at,
            idle_after=platform.idle_after,
            made_late=connection.codat_id in late,
            tried=hop is not None,
            linked_elsewhere=_is_elsewhere(connection, hops, ends.get(connection.pk, [])),
            name_later=_is_since(name_later.get(connection.pk), connection.linked_last_at),
            left_at=hop.sent_at if hop else None,
            unlinked_by_us=stages.linking_episode(connection.codat_id, connection.linked_last_at)
            in asked_to_unlink,
            replaced=_is_since(switched.get(connection.pk), connection.linked_last_at)
            or _stands_back(connection, rows, categories),
            returned_at=hop.returned_at if hop else None,
            word_wanted_at=_unless_left_since(wanted.get(connection.platform_key), hop),
            by_helper=hop is not None
            and hop.session.purpose == Purpose.DELEGATE
            and connection.platform_key in with_helpers,
            disconnected_by_customer=_is_since(
                unlinked.get(connection.pk), connection.linked_last_at
            ),
            was_confirmed=any(i.confirmed_at and not i.rejected_at for i in known),
            identity=_identity_facts(connection, known),
            last_error_code=_last_error_code(connection),
            operations=tuple(
                read_facts(operations.get(connection.pk, ()), refused_spans(known, hops))
            ),
        )


def _platforms_of(company: Company) -> QuerySet[Platform]:
    keys = company.connections.values("platform_key")
    return Platform.objects.filter(key__in=keys).without_pictures()


def _asked_to_unlink(company: Company) -> set[str]:
    """The linkings that we asked Codat to end, whoever wanted it."""
    writes = company.writes.filter(kind=CodatWrite.Kind.UNLINK_CONNECTION)
    return set(writes.exclude(outcome=CodatWrite.Outcome.REFUSED).values_list("target", flat=True))


def _stands_back(
    connection: Connection, rows: list[Connection], categories: list[Category]
) -> bool:
    """Another one does its part now, where only one is read at a time."""
    slug = category_of(connection.source_type, categories)
    one_only = any(c.slug == slug and not c.allows_many for c in categories)
    return one_only and any(
        other.pk != connection.pk
        and other.status == stages.LINKED
        and other.deleted_at is None
        and category_of(other.source_type, categories) == slug
        for other in rows
    )


def _is_elsewhere(connection: Connection, hops: list[LinkAttempt], ends: list[datetime]) -> bool:
    way = way_of_linking(hops, linked_at=connection.linked_last_at, ends=ends)
    return way == Way.ELSEWHERE


LATE = timedelta(minutes=10)
"""A connection made this long after it was asked for has lost its customer meanwhile."""


def handed_over(company: Company) -> set[str]:
    """The software for which somebody else holds a link that still works."""
    live = company.invitations.filter(purpose=Purpose.DELEGATE, ended_at__isnull=True)
    return set(live.values_list("platform_key", flat=True))


def _hops(company: Company) -> dict[int, list[LinkAttempt]]:
    """The hops to each connection's sign-in page, the newest last, by connection."""
    hops = LinkAttempt.objects.filter(session__company=company).select_related("session")
    found: dict[int, list[LinkAttempt]] = {}
    for hop in hops.order_by("sent_at", "pk"):
        found.setdefault(hop.connection_id, []).append(hop)
    return found


def _unless_left_since(wanted_at: datetime | None, hop: LinkAttempt | None) -> datetime | None:
    """Whoever found the way open needs no mail that says so."""
    return wanted_at if wanted_at and (hop is None or hop.sent_at < wanted_at) else None


def _is_since(moment: datetime | None, linked_at: datetime | None) -> bool:
    """Whether it happened during the present linking: an earlier one was undone by the customer."""
    return moment is not None and (linked_at is None or moment >= linked_at)


def _made_late(company: Company) -> set[str]:
    writes = company.writes.filter(
        kind=CodatWrite.Kind.CREATE_CONNECTION, done_at__gt=F("created_at") + LATE
    )
    return set(writes.values_list("result_id", flat=True))


def _identity_facts(
    connection: Connection, known: list[CompanyIdentity]
) -> stages.IdentityFacts | None:
    if not known:
        return None
    latest = known[0]
    return stages.IdentityFacts(
        read_after_link=latest.read_after_link and latest.linked_at == connection.linked_last_at,
        confirmed=latest.confirmed_at is not None,
        rejected=latest.rejected_at is not None,
        is_another=latest.compared == CompanyIdentity.Compared.DIFFERENT,
        doubled=latest.is_doubled,
    )


def _last_error_code(connection: Connection) -> str:
    """The status code of the newest failure that Codat does not call resolved."""
    failures = [error for error in connection.errors if error.get("status") != "Resolved"]
    if not failures:
        return ""
    newest = max(failures, key=lambda error: error.get("erroredOnUtc") or "")
    return newest.get("statusCode") or ""
