"""Making a connection and sending the customer to the software's sign-in."""

import logging
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from onboarding import codat
from onboarding.linking import stages
from onboarding.linking.codat_client import for_web
from onboarding.linking.invitation_links import is_allowed_destination, with_parameter
from onboarding.linking.models import (
    Category,
    CodatWrite,
    Company,
    Connection,
    CustomerSession,
    HistoryEntry,
    Lane,
    LinkAttempt,
    Pause,
    Platform,
)
from onboarding.linking.on_offer import on_offer

from .errors import AlreadyConnected, NotOnOffer, NotReady, ServiceTrouble
from .gathering import category_of, handed_over
from .invitations import key_hash
from .looking import hint_now
from .offering import nearest, platform_on_offer
from .onboarding import add_act
from .pauses import is_paused
from .recording import lock_company
from .restaging import being_deleted, being_disconnected, plan_write, restage
from .turns import take_turn

logger = logging.getLogger(__name__)

RETURN_CODES = {"200", "201", "403", "500", "501"}
FIRST_LOOK_AFTER_LEAVING = timedelta(seconds=60)
WAITED_FOR_SECONDS = 3600
"""Longer than this nobody waits before a page: they are told to come back another day."""


def connection_for(*, company: Company, platform_key: str) -> Connection | None:
    """The connection of that platform to carry on with: one to be signed in to comes first.

    Where several are allowed, one that is linked leaves room for the next once it is confirmed, or
    as soon as another was asked for: going back and pressing again is no wish for a second one.
    """
    present = list(company.connections.present().filter(platform_key=platform_key))
    if any(c.status == stages.LINKED for c in present) and _allows_many(present[0].source_type):
        being_made = company.writes.open().filter(
            kind=CodatWrite.Kind.CREATE_CONNECTION, target=platform_key
        )
        is_more_wanted = being_made.exists()
        present = [
            c
            for c in present
            if not (_is_settled(c) or (is_more_wanted and c.status == stages.LINKED))
        ]
    if any(connection.status == stages.PENDING_AUTH for connection in present):
        doomed = being_deleted(company)
        present = [connection for connection in present if connection.codat_id not in doomed]
    return nearest(present, linked_first=False)


def _is_settled(connection: Connection) -> bool:
    confirmed = connection.stage != stages.ConnectionStage.VERIFYING
    return connection.status == stages.LINKED and confirmed


def _allows_many(source_type: str) -> bool:
    categories = Category.objects.filter(allows_many=True)
    return any(source_type in category.source_types for category in categories)


def add_another(*, session: CustomerSession, platform: Platform, now: datetime) -> None:
    """One more of a software of which there may be several, whatever became of the others.

    One not signed in to yet is used. Raises NotOnOffer and AlreadyConnected.
    """
    with transaction.atomic():
        company = lock_company(session.company_id)
        begin_connection(session=session, platform=platform, now=now)
        known = connection_for(company=company, platform_key=platform.key)
        is_pending = known is not None and known.status == stages.PENDING_AUTH
        if not is_pending and _allows_many(platform.source_type):
            _plan_connection(company, platform, now)
            Lane.objects.filter(company=company).wake()


def _plan_connection(company: Company, platform: Platform, now: datetime) -> None:
    kind, body = CodatWrite.Kind.CREATE_CONNECTION, {"platform_key": platform.key}
    plan_write(company, kind, platform.key, body, now=now)


def in_the_way(*, company: Company, source_type: str, leaving: bool = False) -> Connection | None:
    """What is linked where only one is read at a time; None leaves the way free.

    What is being unlinked counts only for `leaving`: until Codat has done it, nobody may sign in
    to a second one. Raises NotOnOffer for a kind of software that is not offered.
    """
    categories = on_offer().all_categories
    slug = category_of(source_type, categories)
    category = next((c for c in categories if c.slug == slug and c.offered), None)
    if category is None:
        raise NotOnOffer
    if category.allows_many:
        return None
    linked = [
        connection
        for connection in company.connections.present().filter(status=stages.LINKED)
        if category_of(connection.source_type, categories) == slug
    ]
    ending = being_disconnected(company) if linked and not leaving else set()
    return next((each for each in linked if each.codat_id not in ending), None)


def is_prepared(*, company: Company, platform_key: str) -> bool:
    """Whether there is a connection to sign in to, and nothing else is still being unlinked."""
    connection = connection_for(company=company, platform_key=platform_key)
    if connection is None or connection.codat_id in being_disconnected(company):
        return False
    try:
        source_type = connection.source_type
        return in_the_way(company=company, source_type=source_type, leaving=True) is None
    except NotOnOffer:
        return True


def begin_connection(*, session: CustomerSession, platform: Platform, now: datetime) -> None:
    """Plan what must be made at Codat for this platform; what exists is used again.

    Raises NotOnOffer and AlreadyConnected.
    """
    with transaction.atomic():
        company = lock_company(session.company_id)
        # Asked anew: what pages show may be some seconds old.
        if not Platform.objects.on_offer().filter(pk=platform.pk).exists():
            raise NotOnOffer
        _refuse_second(company, platform.source_type)
        _give_up_unfinished(company, platform, now)
        session.platform_key = platform.key
        session.save(update_fields=["platform_key"])
        if company.codat_id is None or company.gone_at:
            plan_write(
                company,
                CodatWrite.Kind.CREATE_COMPANY,
                "",
                {
                    "name": company.name_at_codat,
                    "tags": {"uid": str(company.public_id), "env": settings.CODAT_ENV},
                },
                now=now,
            )
        if connection_for(company=company, platform_key=platform.key) is None:
            _plan_connection(company, platform, now)
        restage(company, now=now)
        Lane.objects.filter(company=company).wake()


def _refuse_second(company: Company, source_type: str) -> None:
    connection = in_the_way(company=company, source_type=source_type)
    if connection is not None:
        raise AlreadyConnected(connection)


def _give_up_unfinished(company: Company, platform: Platform, now: datetime) -> None:
    """What was begun with other software is deleted: its old link must not make it a second one.

    It was never linked, so nothing was read by it. What somebody else was asked to sign in to
    stays until something is linked.
    """
    categories = list(Category.objects.all())
    slug = category_of(platform.source_type, categories)
    if any(c.slug == slug and c.allows_many for c in categories):
        return
    begun = company.connections.present().filter(
        status=stages.PENDING_AUTH, linked_first_at=None, role=Connection.Role.SOURCE
    )
    asked_of_others = handed_over(company)
    for connection in begun.exclude(platform_key=platform.key):
        if category_of(connection.source_type, categories) != slug:
            continue
        if connection.platform_key not in asked_of_others:
            target = connection.codat_id
            body = {"connection_id": target}
            kind = CodatWrite.Kind.DELETE_CONNECTION
            plan_write(company, kind, target, body, now=now, once=True)


def leave_for_link(
    *,
    session: CustomerSession,
    platform_key: str,
    now: datetime,
    connection: Connection | None = None,
) -> str:
    """Where to send the browser: a fresh one-time `linkUrl`, checked, with our `state` in it.

    What must still be made at Codat is made by taking the lane's turn here. Raises NotReady while
    it is not there, AlreadyConnected when there is nothing to sign in to, ServiceTrouble and
    NotOnOffer.
    """
    company = session.company
    connection = connection or prepare(session=session, platform_key=platform_key, now=now)
    if connection.codat_id in being_disconnected(company):
        raise NotReady
    is_linked = connection.status == stages.LINKED
    if is_linked and not needs_customer(connection=connection):
        raise AlreadyConnected(connection)
    # Another press or tab may have made it, or overtaken it, since the company was loaded.
    company.refresh_from_db()
    if not is_linked:
        _refuse_second(company, connection.source_type)
        if in_the_way(company=company, source_type=connection.source_type, leaving=True):
            raise NotReady
    url = _fresh_link(company, connection, now)
    state = secrets.token_urlsafe(24)
    _record_attempt(session, connection, state, now, was_linked=is_linked)
    return with_parameter(url, "state", state)


def prepare(*, session: CustomerSession, platform_key: str, now: datetime) -> Connection:
    """The connection to carry on with, made at Codat now if there is none.

    Raises NotReady while it is not there, AlreadyConnected, ServiceTrouble and NotOnOffer.
    """
    company = session.company
    connection = connection_for(company=company, platform_key=platform_key)
    if connection is None:
        begin_connection(session=session, platform=platform_on_offer(key=platform_key), now=now)
        _make_now(company, now)
        connection = connection_for(company=company, platform_key=platform_key)
    if connection is None:
        raise NotReady
    return connection


def needs_customer(*, connection: Connection) -> bool:
    """It is linked, but reads end for want of permission: only a new sign-in can mend that."""
    reason = stages.Reason.READ_NEEDS_CUSTOMER
    return connection.problems.open().filter(reason=reason).exists()


def is_about_to_end(*, connection: Connection) -> bool:
    """It works, but was not read for so long that the software may end the permission.

    Codat's documents name no way to prolong it but to disconnect and to sign in again.
    """
    reason = stages.Reason.ABOUT_TO_LAPSE
    return connection.problems.open().filter(reason=reason).exists()


def reconnects(*, connection: Connection) -> bool:
    """There is a business of before to choose again; where it was another's, there is none."""
    if connection.linked_first_at is None:
        return False
    answers = list(connection.identities.values_list("rejected_at", flat=True))
    return not answers or None in answers


def _make_now(company: Company, now: datetime) -> None:
    """Take the turn for the customer who waits; a doubtful answer is left to the workers."""
    error = take_turn(company, for_web(), now=now, read=False)
    company.refresh_from_db()
    if error is None:
        scopes = (CodatWrite.Kind.CREATE_COMPANY.value, CodatWrite.Kind.CREATE_CONNECTION.value)
        if is_paused(Pause.CODAT) or any(is_paused(scope) for scope in scopes):
            raise ServiceTrouble("refused")
    elif isinstance(error, codat.RateLimitError):
        raise _allowance_used_up(error)
    elif isinstance(error, codat.UnreachableError) and not error.maybe_processed:
        raise ServiceTrouble("down")
    elif not error.is_transient and not isinstance(error, codat.UnexpectedResponseError):
        raise ServiceTrouble("refused")


def _allowance_used_up(error: codat.RateLimitError) -> ServiceTrouble:
    """Of this minute, which passes while a customer waits; or of the day, which does not."""
    is_for_today = (error.retry_after or 0) > WAITED_FOR_SECONDS
    return ServiceTrouble("refused" if is_for_today else "busy", error.retry_after)


def _fresh_link(company: Company, connection: Connection, now: datetime) -> str:
    if is_paused(Pause.CODAT):
        raise ServiceTrouble("refused")
    try:
        url = for_web().get_authorization_url(company.codat_id or "", connection.codat_id)
    except codat.RateLimitError as error:
        raise _allowance_used_up(error) from error
    except codat.NotFoundError as error:
        hint_now(company=company)
        raise ServiceTrouble("down") from error
    except codat.CodatError as error:
        logger.warning("link_not_opened company=%s %s", company.public_id, error)
        kind = "down" if error.is_transient else "refused"
        raise ServiceTrouble(kind) from error
    if not is_allowed_destination(url, settings.CODAT_LINK_HOSTS):
        logger.error("link_host_not_allowed host=%s", urlsplit(url).hostname)
        raise ServiceTrouble("down")
    return url


def _record_attempt(session, connection, state, now, *, was_linked) -> None:
    with transaction.atomic():
        company = lock_company(session.company_id)
        LinkAttempt.objects.create(
            session=session,
            connection=connection,
            state_hash=key_hash(state),
            sent_at=now,
            was_linked=was_linked,
        )
        session.platform_key, session.used_at = connection.platform_key, now
        session.save(update_fields=["platform_key", "used_at"])
        add_act(company, "left_for_sign_in", now=now, connection=connection)
        restage(company, now=now)
        Lane.objects.filter(company=company).wake_by(now + FIRST_LOOK_AFTER_LEAVING)


def note_return(
    *, state: str, status_code: str, keys: Sequence[str], now: datetime
) -> CustomerSession | None:
    """The browser is back from Link. Nothing it says is believed but a `state` that we gave it.

    Returns the session of this browser that left, or None. A hint is all that follows; the status
    code is kept for wording only, from the first return with its state.
    """
    hashes = [key_hash(key) for key in keys]
    mine = LinkAttempt.objects.filter(session__key_hash__in=hashes)
    attempt = mine.filter(state_hash=key_hash(state)).first()  # the same work for any input
    if attempt is None:
        status_code = ""
        attempt = mine.filter(returned_at=None, sent_at__gt=now - timedelta(days=1)).first()
    if attempt is None:
        return None
    if attempt.returned_at is None:
        attempt.returned_at, attempt.same_browser = now, True
        attempt.return_hint = status_code if status_code in RETURN_CODES else ""
        attempt.save(update_fields=["returned_at", "same_browser", "return_hint"])
    session = CustomerSession.objects.select_related("company").get(pk=attempt.session_id)
    connection = attempt.connection
    if connection.status != stages.LINKED or needs_customer(connection=connection):
        hint_now(company=session.company)
    else:
        with transaction.atomic():
            # What was seen as linked before its browser was back is not from elsewhere any more.
            restage(lock_company(session.company_id), now=now)
    return session


def latest_attempt(*, company: Company) -> LinkAttempt | None:
    """The newest hop to a sign-in page of any of this company's sessions."""
    return LinkAttempt.objects.filter(session__company=company).select_related("connection").first()


def unlink(*, connection: Connection, now: datetime, by=None, session=None) -> None:
    """Stop reading; a second press changes nothing.

    The record stays at Codat, and the same connection can be linked again.
    """
    with transaction.atomic():
        company = lock_company(connection.company_id)
        _write, is_new = plan_write(
            company,
            CodatWrite.Kind.UNLINK_CONNECTION,
            stages.linking_episode(connection.codat_id, connection.linked_last_at),
            {"connection_id": connection.codat_id},
            now=now,
        )
        if is_new:
            act = HistoryEntry.UNLINK_ASKED
            add_act(company, act, by=by, session=session, now=now, connection=connection)
            restage(company, by=by, now=now)
        Lane.objects.filter(company=company).wake()


def delete(*, connection: Connection, by, now: datetime) -> None:
    """Have Codat delete it with all that was read through it, for good. Not done before asked.

    A second press changes nothing; nor does a press on what is deleted already.
    """
    with transaction.atomic():
        company = lock_company(connection.company_id)
        connection.refresh_from_db(fields=["deleted_at"])
        if connection.deleted_at:
            return
        _write, is_new = plan_write(
            company,
            CodatWrite.Kind.DELETE_WITH_DATA,
            connection.codat_id,
            {"connection_id": connection.codat_id},
            now=now,
        )
        if is_new:
            add_act(company, "delete_asked", by=by, now=now, connection=connection)
        hint_now(company=company)
