"""The people our mails go to."""

from datetime import datetime

from django.db import transaction

from onboarding.linking.models import Company, Contact, CustomerSession, HistoryEntry, Invitation

from .onboarding import add_act
from .recording import lock_company
from .restaging import restage


def change_address(
    *, company: Company, email: str, by, now: datetime, name: str | None = None
) -> bool:
    """Mails of the main contact go to `email` from now on. False if they did already.

    Whoever reads the old mailbox gets in no more: links that may have arrived there end, with the
    sessions they opened. A mail that waits goes to the new address, one set aside is cancelled.
    """
    with transaction.atomic():
        company = lock_company(company.pk)
        # Never a helper's row: what helps with one connection must open nothing else.
        contact = company.contacts.filter(is_primary=True).first()
        if contact is None:
            contact = Contact.objects.create(
                company=company, email=email, language=company.language, is_primary=True
            )
            before = ""
        else:
            before = contact.email
        if name is not None and name != contact.name:
            contact.name = name
            contact.save(update_fields=["name"])
            add_act(company, "contact_changed", by=by, now=now, text=name)
        if before == email:
            return False
        _end_what_went_there(company, contact, by, now)
        contact.email, contact.verified_at = email, None
        contact.save(update_fields=["email", "verified_at"])
        told = f"{before} → {email}" if before else email
        add_act(company, HistoryEntry.ADDRESS_CHANGED, by=by, now=now, text=told[:500])
        restage(company, by=by, now=now)
    return True


def write_in(*, session: CustomerSession, language: str) -> None:
    """Mails to the person behind the session are in this language, those that wait included.

    Of a business's main contact also what the business itself is written in.
    """
    invitation = session.invitation
    person = invitation.recipient if invitation else session.company.primary_contact
    if person is None or person.is_primary:
        Company.objects.filter(pk=session.company_id).update(language=language)
    if person is not None:
        Contact.objects.filter(pk=person.pk).update(language=language)
        person.emails.filter(sent_at=None, cancelled_at=None, message=None).update(
            language=language
        )


def _end_what_went_there(company: Company, contact: Contact, by, now: datetime) -> None:
    unsent = contact.emails.filter(sent_at__isnull=True, cancelled_at__isnull=True)
    # Locked: who sends reads the address after its claim, which must then wait for the new one.
    waiting = unsent.filter(claim_token__isnull=True, parked_reason="").select_for_update()
    waiting_ids = [mail.pk for mail in waiting]
    gone_out = contact.emails.exclude(pk__in=waiting_ids)
    to_this_contact = company.invitations.filter(recipient=contact)
    unseen = to_this_contact.filter(emails__in=waiting_ids, opened_at__isnull=True)
    links = to_this_contact.exclude(
        pk__in=set(unseen.exclude(emails__in=gone_out).values_list("pk", flat=True))
    )
    company.sessions.filter(invitation__in=links, ended_at__isnull=True).update(ended_at=now)
    links.filter(ended_at__isnull=True).update(
        ended_at=now, ended_why=Invitation.EndedWhy.REVOKED, ended_by=by
    )
    unsent.filter(claim_token__isnull=True).exclude(parked_reason="").update(
        cancelled_at=now, due_at=None
    )
