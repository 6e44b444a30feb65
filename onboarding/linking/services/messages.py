"""“Write to us”: what somebody wrote, kept and mailed to the firm's support address."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from onboarding.linking.models import CustomerMessage, CustomerSession, HistoryEntry, OutgoingEmail

from .mail_planning import plan_email
from .onboarding import add_act


def write(
    *,
    text: str,
    key: UUID,
    now: datetime,
    session: CustomerSession | None = None,
    email: str = "",
) -> None:
    """Keep one message and plan its mail. The same `key` (one rendered form) sends it once.

    `email` is where to answer; with a session it is the address on file.
    """
    company = session.company if session else None
    person = _who(session) if session else None
    with transaction.atomic():
        message, is_new = CustomerMessage.objects.get_or_create(
            key=key,
            defaults={
                "company": company,
                "contact": person,
                "email": person.email if person else email,
                "text": text,
                "at": now,
            },
        )
        if not is_new:
            return
        plan_email(
            kind=OutgoingEmail.MESSAGE,
            dedupe_key=f"{OutgoingEmail.MESSAGE}:{key}",
            company=company,
            contact=person,
            message=message,
            language=settings.LANGUAGE_CODE,
        )
        if company:
            add_act(company, HistoryEntry.WROTE, session=session, now=now, text=text[:500])


def _who(session: CustomerSession):
    invitation = session.invitation
    return invitation.recipient if invitation else session.company.primary_contact
