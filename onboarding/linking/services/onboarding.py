"""Our own record of a customer: made, renamed, handed on, closed, reopened."""

from datetime import datetime, timedelta

from django.db import transaction

from onboarding.linking.models import CodatWrite, Company, Contact, HistoryEntry, Lane

from .naming import name_for_codat
from .recording import lock_company
from .renaming import plan_rename
from .restaging import restage


def register_company(
    *,
    true_name: str,
    email: str,
    origin: str,
    now: datetime,
    contact_name: str = "",
    language: str = "",
    owner=None,
    by=None,
    start_key=None,
) -> Company:
    """A new customer: a local row, its contact and its lane. Codat hears nothing yet.

    Without a name (a host may give none) it is called by its reference until its software tells.
    The same `start_key` (one rendered form) gives the same company, however often it is sent.
    """
    with transaction.atomic():
        fields = {
            "true_name": true_name.strip(),
            "origin": origin,
            "language": language,
            "owner": owner,
            "created_by": by,
        }
        if start_key is None:
            company, created = Company.objects.create(**fields), True
        else:
            company, created = Company.objects.get_or_create(start_key=start_key, defaults=fields)
        if created:
            company.true_name = company.true_name or Company.placeholder_for(company.reference)
            company.name_at_codat, company.name_is_placeholder = name_for_codat(
                "" if company.has_no_name else company.true_name, company.reference
            )
            company.save(update_fields=["true_name", "name_at_codat", "name_is_placeholder"])
            Contact.objects.create(
                company=company, email=email, name=contact_name, language=language, is_primary=True
            )
            Lane.objects.create(company=company)
            add_act(company, "registered", by=by, now=now)
    return company


def add_act(company, subject, *, now, by=None, session=None, connection=None, text="") -> None:
    """One line of the timeline for something a person did."""
    HistoryEntry.objects.create(
        company=company,
        connection=connection,
        kind=HistoryEntry.Kind.ACT,
        at=now,
        source=HistoryEntry.Source.STAFF if by else HistoryEntry.Source.CUSTOMER,
        actor=by.get_full_name() if by else _name_of_customer(session),
        subject=subject,
        text=text,
    )


def _name_of_customer(session) -> str:
    """Whose mailed link let this browser in, as far as we know a name."""
    invitation = session.invitation if session else None
    return invitation.recipient.name[:200] if invitation else ""


def rename(*, company: Company, true_name: str, by, now: datetime) -> Company:
    """Change the name on our side, and at Codat too if the company exists there."""
    with transaction.atomic():
        company = lock_company(company.pk)
        before, company.true_name = company.true_name, true_name.strip()
        name, company.name_is_placeholder = name_for_codat(company.true_name, company.reference)
        add_act(company, "renamed", by=by, now=now, text=before)
        being_made = company.writes.open().filter(kind=CodatWrite.Kind.CREATE_COMPANY).exists()
        if company.codat_id is None and not being_made:
            company.name_at_codat = name
        else:
            plan_rename(company, name, now=now)
        company.save(update_fields=["true_name", "name_is_placeholder", "name_at_codat"])
    return company


def reassign(*, company: Company, owner, by, now: datetime) -> Company:
    """Give the company to another account manager, or to nobody. The same one changes nothing."""
    with transaction.atomic():
        company = lock_company(company.pk)
        if company.owner_id == (owner.pk if owner else None):
            return company
        company.owner = owner
        company.save(update_fields=["owner"])
        add_act(company, "reassigned", by=by, now=now, text=owner.get_full_name() if owner else "")
    return company


NOTE_AGAIN_AFTER = timedelta(minutes=1)
"""The same words of the same person within this time are one note, sent twice."""


def add_note(*, company: Company, text: str, by, now: datetime) -> None:
    """Words of staff for the timeline; at most 500 characters."""
    with transaction.atomic():
        company = lock_company(company.pk)
        note = {
            "kind": HistoryEntry.Kind.NOTE,
            "source": HistoryEntry.Source.STAFF,
            "actor": by.get_full_name(),
            "subject": "note",
            "text": text,
        }
        if not company.history.filter(**note, at__gt=now - NOTE_AGAIN_AFTER).exists():
            HistoryEntry.objects.create(company=company, at=now, **note)


def close(*, company: Company, by, now: datetime) -> Company:
    """Stop working on a customer. Nothing is undone at Codat; links and sessions stop working."""
    return _set_closed(company, now, "closed", by=by, now=now)


def reopen(*, company: Company, by, now: datetime) -> Company:
    return _set_closed(company, None, "reopened", by=by, now=now)


def _set_closed(company, closed_at, subject, *, by, now) -> Company:
    with transaction.atomic():
        company = lock_company(company.pk)
        if (company.closed_at is None) == (closed_at is None):
            return company  # pressed twice
        company.closed_at = closed_at
        company.save(update_fields=["closed_at"])
        add_act(company, subject, by=by, now=now)
        restage(company, by=by, now=now)
    return company
