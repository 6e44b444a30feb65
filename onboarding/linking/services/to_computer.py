"""Desktop software, begun elsewhere: the steps, mailed for the computer that has it."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from onboarding.linking.models import Company, Contact, CustomerSession, Invitation, Platform
from onboarding.linking.models.invitation import Purpose

from .errors import NotAllowed
from .invitations import AGAIN_AFTER
from .mail_planning import plan_email
from .onboarding import add_act
from .recording import lock_company
from .restaging import restage


def latest(*, company: Company, platform_key: str) -> Invitation | None:
    """The newest link with the steps for this software, whatever has become of it."""
    sent = company.invitations.about(platform_key, is_start=False)
    return sent.filter(purpose=Purpose.ONBOARD).first()


def send_steps(*, session: CustomerSession, platform: Platform, now: datetime) -> Invitation:
    """Mail the same journey's link to the person on file; never to an address that was typed.

    A second press within a minute sends nothing more. Raises NotAllowed.
    """
    recipient = session.invitation.recipient if session.invitation else None
    return _send(session.company_id, recipient, platform, now, session=session)


def send_steps_by_staff(*, company: Company, platform: Platform, by, now: datetime) -> Invitation:
    """The same, at the wish of staff; where it is connected, what that computer must do to go on.

    Raises NotAllowed.
    """
    return _send(company.pk, None, platform, now, by=by)


def _send(
    company_id: int,
    recipient: Contact | None,
    platform: Platform,
    now: datetime,
    *,
    session: CustomerSession | None = None,
    by=None,
) -> Invitation:
    with transaction.atomic():
        company = lock_company(company_id)
        recipient = recipient or company.primary_contact
        if recipient is None or company.closed_at:
            raise NotAllowed("closed, or without a contact")
        sent = company.invitations.about(platform.key, is_start=False)
        live = sent.filter(purpose=Purpose.ONBOARD, ended_at__isnull=True)
        recent = live.filter(recipient=recipient, created_at__gt=now - AGAIN_AFTER).first()
        if recent:
            return recent
        live.update(ended_at=now, ended_why=Invitation.EndedWhy.REPLACED)
        invitation = Invitation.objects.create(
            company=company,
            platform_key=platform.key,
            recipient=recipient,
            purpose=Purpose.ONBOARD,
            language=recipient.language or company.language,
            sent_by=by,
            expires_at=now + timedelta(days=settings.INVITATION_DAYS),
        )
        plan_email(
            kind="to_computer",
            dedupe_key=f"to_computer:{invitation.public_id}",
            company=company,
            contact=recipient,
            invitation=invitation,
            expires_at=invitation.expires_at,
        )
        text = platform.name
        add_act(company, "steps_sent_to_computer", session=session, by=by, now=now, text=text)
        restage(company, now=now, by=by)
    return invitation
