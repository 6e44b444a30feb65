"""Planning mails as rows; `onboarding.linking.emails` renders them when they are sent."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from onboarding.linking import stages
from onboarding.linking.models import Company, Invitation, OutgoingEmail
from onboarding.linking.models.invitation import Purpose

_PURPOSE_OF_EMAIL = {
    "first_read_done": Purpose.SIGN_IN,
    "access_lost": Purpose.RELINK,
    "works_again": Purpose.ONBOARD,
    "connected": Purpose.SIGN_IN,
    "disconnected": Purpose.RELINK,
    "deletion_asked": Purpose.SIGN_IN,
    "deletion_answered": Purpose.SIGN_IN,
    "delegate_done": Purpose.SIGN_IN,
    "delegate_declined": Purpose.ONBOARD,
    "other_business": Purpose.RELINK,
    "name_confirmed": Purpose.SIGN_IN,
    "name_to_confirm": Purpose.SIGN_IN,
}


def plan_emails(company: Company, assessment: stages.Assessment, now: datetime) -> None:
    contact = company.primary_contact
    for wanted in assessment.emails:
        if contact is None or OutgoingEmail.objects.filter(dedupe_key=wanted.dedupe_key).exists():
            continue
        plan_link_email(
            kind=wanted.kind,
            dedupe_key=wanted.dedupe_key,
            company=company,
            contact=contact,
            connection_id=wanted.connection_id,
            now=now,
            due_at=wanted.due_at or timezone.now(),
        )


def plan_link_email(*, kind, company, contact, now: datetime, connection_id=None, **fields) -> None:
    """Commit one mail with a link of its own, which works as long as an invitation does."""
    purpose = _PURPOSE_OF_EMAIL[kind]
    invitation = Invitation.objects.create(
        company=company,
        recipient=contact,
        purpose=purpose,
        connection_id=connection_id if purpose == Purpose.RELINK else None,
        language=contact.language,
        expires_at=now + timedelta(days=settings.INVITATION_DAYS),
    )
    plan_email(
        kind=kind,
        company=company,
        contact=contact,
        invitation=invitation,
        connection_id=connection_id,
        **fields,
    )


def plan_email(*, kind, dedupe_key, company, contact, **fields) -> None:
    """Commit one mail, due at once. The same key twice is one mail."""
    OutgoingEmail.objects.bulk_create(
        [
            OutgoingEmail(
                kind=kind,
                dedupe_key=dedupe_key,
                company=company,
                contact=contact,
                **{
                    "language": contact.language or company.language if contact else "",
                    "due_at": timezone.now(),
                    **fields,
                },
            )
        ],
        ignore_conflicts=True,
    )
