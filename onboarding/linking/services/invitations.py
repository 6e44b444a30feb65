"""Mailed links, and the sessions they open."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from onboarding.linking.invitation_links import read_token
from onboarding.linking.models import Company, Connection, Contact, CustomerSession, Invitation
from onboarding.linking.models.invitation import Purpose

from .errors import LinkEnded, NotAllowed, SessionEnded
from .mail_planning import plan_email, plan_link_email
from .onboarding import add_act
from .recording import lock_company
from .restaging import restage

AGAIN_AFTER = timedelta(seconds=60)
"""Two links for the same thing are never mailed closer together than this."""

OPEN_AFTER_LINK = timedelta(hours=24)
"""For this long after the last hop to Link, the pages a customer comes back to stay open."""


def key_hash(key: str) -> str:
    """What is stored of a browser's key or a hop's state: both are random, so no salt is needed."""
    return hashlib.sha256(key.encode()).hexdigest()


def invite(
    *,
    company: Company,
    purpose: str,
    now: datetime,
    by=None,
    recipient=None,
    connection: Connection | None = None,
    platform_key: str = "",
    note: str = "",
    mail: str = "",
) -> Invitation:
    """Send one link by mail. A live one for the same purpose and connection is replaced.

    A link made less than a minute ago is returned instead: a second press sends nothing more.
    `platform_key` has it lead straight to one software; `mail` is its kind, else the purpose.
    """
    with transaction.atomic():
        company = lock_company(company.pk)
        recipient = recipient or company.primary_contact
        if recipient is None or company.closed_at:
            raise NotAllowed("closed, or without a contact")
        live = company.invitations.filter(
            purpose=purpose, connection=connection, ended_at__isnull=True
        )
        if connection is None and platform_key:
            live = live.about(platform_key, is_start=mail == Invitation.START)
        elif connection is None:
            live = live.filter(platform_key="")
        recent = (
            live.filter(recipient=recipient, created_at__gt=now - AGAIN_AFTER)
            # A link planned for later (after a loss) must not stand in the way of one wanted now.
            # Later than a minute: whoever waited for the lock has a `now` before the other's mail.
            .exclude(emails__sent_at__isnull=True, emails__due_at__gt=now + AGAIN_AFTER)
            .first()
        )
        if recent:
            return recent
        live.update(ended_at=now, ended_why=Invitation.EndedWhy.REPLACED)
        invitation = Invitation.objects.create(
            company=company,
            connection=connection,
            platform_key=connection.platform_key if connection else platform_key,
            recipient=recipient,
            purpose=purpose,
            language=recipient.language or company.language,
            note=note,
            sent_by=by,
            expires_at=now + _lifetime(purpose),
        )
        plan_email(
            kind=mail or purpose,
            dedupe_key=f"{purpose}:{invitation.public_id}:1",
            company=company,
            contact=recipient,
            invitation=invitation,
            connection=connection,
            expires_at=invitation.expires_at,
        )
        add_act(company, f"link_sent_{purpose}", by=by, now=now, connection=connection)
        restage(company, by=by, now=now)
    return invitation


def _lifetime(purpose: str) -> timedelta:
    if purpose == Purpose.SIGN_IN:
        return timedelta(minutes=settings.SIGN_IN_LINK_MINUTES)
    return timedelta(days=settings.INVITATION_DAYS)


def send_new_link(
    *, now: datetime, invitation: Invitation | None = None, company: Company | None = None
) -> Invitation | None:
    """“Send me a new link”: to the address on file, never to one that was typed.

    Of the same purpose as the old link; without one, a link to sign in, or to carry on. Returns
    the link that works now, as `invite` does; None where there may be none.
    """
    company = invitation.company if invitation else company
    if company is None or company.closed_at:
        return None
    if invitation and invitation.ended_why in Invitation.SHUT:
        return None
    if invitation and invitation.purpose == Purpose.DELEGATE:
        return None  # only who asked for help sends it: a helper gets no link of another kind
    purpose = invitation.purpose if invitation else Purpose.ONBOARD
    if invitation is None or invitation.ended_why == Invitation.EndedWhy.FINISHED:
        purpose = purpose_to_carry_on(company)
    is_start = invitation is not None and invitation.proves_a_start
    return invite(
        company=company,
        purpose=purpose,
        recipient=invitation.recipient if invitation else None,
        connection=invitation.connection if invitation else None,
        platform_key=invitation.platform_key if invitation else "",
        mail=Invitation.START if is_start else "new_link",
        now=now,
    )


def purpose_to_carry_on(company: Company) -> Purpose:
    """Of a link for who comes back: to the connections, once there is one to see."""
    began = company.connections.present().filter(linked_first_at__isnull=False).exists()
    return Purpose.SIGN_IN if began else Purpose.ONBOARD


MOST_BUSINESSES = 10
"""An accountant may be the contact of several businesses; one typed address mails no more."""


def send_sign_in_links(*, email: str, now: datetime) -> None:
    """For whoever has lost all our mails: a link to sign in for each business with that contact.

    Only main contacts count: people who help with one connection have no way in of their own.
    """
    known = Company.objects.open().filter(contacts__email__iexact=email, contacts__is_primary=True)
    for company in known.order_by("-pk")[:MOST_BUSINESSES]:
        invite(company=company, purpose=Purpose.SIGN_IN, now=now)


def revoke(*, invitation: Invitation, by, now: datetime) -> None:
    with transaction.atomic():
        company = lock_company(invitation.company_id)
        _end(invitation, Invitation.EndedWhy.REVOKED, now=now, by=by)
        add_act(company, "link_revoked", by=by, now=now)
        restage(company, by=by, now=now)


def decline(*, invitation: Invitation, now: datetime) -> None:
    """“This is not for me”: the link ends, and whoever asked hears of it.

    Staff by their list, a customer who asked for help by mail; of an address that somebody typed
    at the start nobody needs to hear.
    """
    with transaction.atomic():
        company = lock_company(invitation.company_id)
        invitation.refresh_from_db()
        if invitation.ended_at:
            return
        _end(invitation, Invitation.EndedWhy.DECLINED, now=now)
        add_act(company, "link_declined", now=now, connection=invitation.connection)
        asker = invitation.asked_by or company.primary_contact
        if invitation.purpose == Purpose.DELEGATE and asker:
            plan_link_email(
                kind="delegate_declined",
                dedupe_key=f"delegate_declined:{invitation.public_id}",
                company=company,
                contact=asker,
                now=now,
            )
        restage(company, now=now)


def _end(invitation, why, *, now, by=None) -> None:
    invitation.ended_at, invitation.ended_why, invitation.ended_by = now, why, by
    invitation.save(update_fields=["ended_at", "ended_why", "ended_by"])


def find_invitation(*, token: str, now: datetime) -> Invitation:
    """The live invitation a token belongs to. Raises LinkEnded with the reason otherwise."""
    invitation = read_token(token)
    if invitation is None:
        raise LinkEnded("unreadable")
    why = why_ended(invitation, now=now)
    if why:
        raise LinkEnded(why, invitation)
    return invitation


def why_ended(invitation: Invitation, *, now: datetime) -> str:
    """Empty while the link works, else one of LinkEnded's reasons."""
    if invitation.company.closed_at:
        return "closed"
    if invitation.ended_at:
        return invitation.ended_why
    return "expired" if invitation.expires_at <= now else ""


def open_session(
    *,
    company: Company,
    purpose: str,
    channel: str,
    now: datetime,
    invitation: Invitation | None = None,
    device_class: str = "",
) -> tuple[CustomerSession, str]:
    """Let a browser in for one company; returns the session and the browser's new key."""
    key = secrets.token_urlsafe(32)
    with transaction.atomic():
        company = lock_company(company.pk)
        session = CustomerSession.objects.create(
            company=company,
            invitation=invitation,
            key_hash=key_hash(key),
            purpose=purpose,
            channel=channel,
            device_class=device_class,
            created_at=now,
            used_at=now,
        )
        if invitation:
            _note_opened(invitation, now)
        add_act(company, "session_opened", now=now)
        restage(company, now=now)
    return session, key


def _note_opened(invitation: Invitation, now: datetime) -> None:
    """Who holds the link can read the mail, so the address is theirs."""
    if invitation.opened_at is None:
        invitation.opened_at = now
        invitation.save(update_fields=["opened_at"])
    unproved = Contact.objects.filter(pk=invitation.recipient_id, verified_at__isnull=True)
    unproved.exclude(email="").update(verified_at=now)


def check_session(
    *,
    keys: Sequence[str],
    company_public_id,
    now: datetime,
    after_link: bool = False,
    touch: bool = True,
    idle: timedelta | None = None,
    purposes: Sequence[str] = tuple(Purpose.values),
) -> CustomerSession:
    """The session of this browser for that company, checked anew on every request.

    Raises LookupError when this browser never had one (the address is then unknown to it), and
    SessionEnded when it had. `after_link` keeps a page open for a day after the last hop to Link;
    `touch=False` is for polls, which must not keep a session alive. `idle` is how long nothing may
    have been done in it, if not as long as everywhere. Sessions of other purposes
    than `purposes` count as never had.
    """
    known = list(
        CustomerSession.objects.select_related("company", "invitation__company")
        .filter(key_hash__in=[key_hash(key) for key in keys], company__public_id=company_public_id)
        .filter(purpose__in=purposes)
        .order_by("-created_at")
    )
    if not known:
        raise LookupError
    # One browser may hold several, of different links: any that still works lets it in.
    session = next((each for each in known if not _has_ended(each, now, after_link, idle)), None)
    if session is None:
        raise SessionEnded(known[0].company, known[0].invitation)
    # A page that only the hop to Link keeps open does not open the others again.
    if touch and not _is_idle(session, now) and now - session.used_at > timedelta(seconds=10):
        session.used_at = now
        session.save(update_fields=["used_at"])
    return session


def session_of_same_start(
    *, keys: Sequence[str], true_name: str, email: str, now: datetime
) -> CustomerSession | None:
    """This browser's live session for a business it began itself with the very same answers.

    A browser that goes Back keeps what was typed but not always the form's hidden key.
    """
    found = CustomerSession.objects.select_related("company", "invitation").filter(
        key_hash__in=[key_hash(key) for key in keys],
        channel=CustomerSession.Channel.SELF_SERVICE,
        company__true_name=true_name.strip(),
        company__contacts__email__iexact=email,
    )
    return next((each for each in found if not _has_ended(each, now, after_link=False)), None)


def newest_session(*, keys: Sequence[str], now: datetime) -> CustomerSession | None:
    """The session that this browser began last, of those that still work."""
    mine = CustomerSession.objects.select_related("company", "invitation")
    found = mine.filter(key_hash__in=[key_hash(key) for key in keys]).order_by("-created_at")
    return next((each for each in found if not _has_ended(each, now, after_link=False)), None)


def _has_ended(
    session: CustomerSession, now: datetime, after_link: bool, idle: timedelta | None = None
) -> bool:
    invitation = session.invitation
    if session.ended_at or session.company.closed_at:
        return True
    if invitation and invitation.ended_why in Invitation.SHUT:
        return True
    if not _is_idle(session, now) or (idle and now - session.used_at <= idle):
        return False
    if after_link:
        last_hop = session.attempts.first()
        return last_hop is None or now - last_hop.sent_at > OPEN_AFTER_LINK
    return True


def _is_idle(session: CustomerSession, now: datetime) -> bool:
    return now - session.used_at > timedelta(minutes=settings.SESSION_IDLE_MINUTES)


def is_resting(*, session: CustomerSession, now: datetime) -> bool:
    """Whether only a page that waits for days is still open in it."""
    return _has_ended(session, now, after_link=True)


def may_manage(*, session: CustomerSession, now: datetime) -> bool:
    """Whether this browser may disconnect and ask to delete: its person was proved just now.

    By a link to sign in that was no older than such links live when it was opened (those in other
    mails live for days), or by a session that itself began so short a time ago.
    """
    fresh = timedelta(minutes=settings.SIGN_IN_LINK_MINUTES)
    invitation = session.invitation
    if session.purpose == Purpose.SIGN_IN:
        return invitation is not None and session.created_at - invitation.created_at <= fresh
    return session.purpose == Purpose.ONBOARD and now - session.created_at <= fresh


def end_session(*, session: CustomerSession, now: datetime) -> None:
    session.ended_at = now
    session.save(update_fields=["ended_at"])
