"""Sending the customer to the software's sign-in, and their coming back."""

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
    CodatWrite,
    Company,
    Connection,
    CustomerSession,
    Lane,
    LinkAttempt,
    Pause,
)

from .connecting import (
    begin_connection,
    connection_for,
    in_the_way,
    needs_customer,
    refuse_second,
)
from .errors import AlreadyConnected, NotReady, ServiceTrouble
from .invitations import key_hash
from .looking import hint_now
from .offering import platform_on_offer
from .onboarding import add_act
from .pauses import is_paused
from .recording import lock_company
from .restaging import being_disconnected, restage
from .turns import take_turn

logger = logging.getLogger(__name__)

RETURN_CODES = {"200", "201", "403", "500", "501"}
FIRST_LOOK_AFTER_LEAVING = timedelta(seconds=60)
WAITED_FOR_SECONDS = 3600
"""Longer than this nobody waits before a page: they are told to come back another day."""


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
        refuse_second(company, connection.source_type)
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
