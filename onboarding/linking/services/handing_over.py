"""Someone else has the login: a link for one software, and nothing else of the business."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from onboarding.linking.models import Company, Contact, CustomerSession, Invitation
from onboarding.linking.models.invitation import Purpose

from .connecting import connection_for
from .errors import NotAllowed
from .invitations import AGAIN_AFTER, revoke
from .mail_planning import plan_email
from .onboarding import add_act
from .recording import lock_company
from .restaging import restage

REMIND_AFTER = timedelta(hours=24)
"""A helper hears from us at most once a day."""


def latest(*, company: Company, platform_key: str) -> Invitation | None:
    """The newest link that was handed over for this software, whatever has become of it."""
    asked = company.invitations.filter(purpose=Purpose.DELEGATE, platform_key=platform_key)
    return asked.select_related("recipient", "connection").first()


def ask(
    *,
    session: CustomerSession,
    platform_key: str,
    name: str,
    now: datetime,
    email: str = "",
    note: str = "",
) -> Invitation:
    """Mail one link for this software to who can sign in there; it replaces the one before.

    Without an address nothing is mailed: the customer passes the link on, in words of their own.
    A second press within a minute gets the first one's link back. Raises NotAllowed.
    """
    with transaction.atomic():
        company = lock_company(session.company_id)
        if company.closed_at:
            raise NotAllowed("closed")
        live = company.invitations.filter(
            purpose=Purpose.DELEGATE, platform_key=platform_key, ended_at__isnull=True
        )
        same = live.filter(recipient__email__iexact=email, created_at__gt=now - AGAIN_AFTER).first()
        if same:
            return same
        live.update(ended_at=now, ended_why=Invitation.EndedWhy.REPLACED)
        helper = _helper(company, name, email)
        asker = session.invitation.recipient if session.invitation else company.primary_contact
        invitation = Invitation.objects.create(
            company=company,
            connection=connection_for(company=company, platform_key=platform_key),
            platform_key=platform_key,
            recipient=helper,
            purpose=Purpose.DELEGATE,
            language=company.language,
            note=note,
            asked_by=asker,
            expires_at=now + timedelta(days=settings.INVITATION_DAYS),
        )
        if email:
            _mail(invitation, 1)
        add_act(company, "link_sent_delegate", session=session, now=now)
        restage(company, now=now)
    return invitation


def _helper(company: Company, name: str, email: str) -> Contact:
    """Never the main contact's row: what helps with one connection must open nothing else."""
    known = company.contacts.filter(is_primary=False, email__iexact=email)
    helper = known.first() if email else None
    if helper is None:
        return Contact.objects.create(company=company, name=name, email=email)
    helper.name = name
    helper.save(update_fields=["name"])
    return helper


def _mail(invitation: Invitation, number: int) -> None:
    plan_email(
        kind="delegate",
        dedupe_key=f"delegate:{invitation.public_id}:{number}",
        company=invitation.company,
        contact=invitation.recipient,
        invitation=invitation,
        connection=invitation.connection,
        expires_at=invitation.expires_at,
    )


def remind_from(invitation: Invitation) -> datetime:
    """The first moment at which the helper may be mailed again."""
    last = invitation.emails.order_by("-pk").first()
    return ((last and last.sent_at) or invitation.created_at) + REMIND_AFTER


def remind(*, invitation: Invitation, now: datetime) -> bool:
    """Mail the same link once more. False: it ended, or it is too soon, and nothing is sent."""
    with transaction.atomic():
        company = lock_company(invitation.company_id)
        invitation.refresh_from_db()
        ended = company.closed_at or invitation.ended_at or invitation.expires_at <= now
        mails = invitation.emails
        if (
            ended
            or not invitation.recipient.email
            or now < remind_from(invitation)
            or mails.filter(sent_at=None).exists()
        ):
            return False
        _mail(invitation, mails.count() + 1)
        add_act(company, "delegate_reminded", now=now)
    return True


def take_back(*, invitation: Invitation, now: datetime) -> None:
    """The link and every session it opened stop working at once."""
    if invitation.ended_at is None:
        revoke(invitation=invitation, by=None, now=now)
