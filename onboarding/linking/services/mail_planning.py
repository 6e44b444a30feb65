"""Planning mails as rows; `onboarding.linking.emails` renders them when they are sent."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from onboarding.linking import stages
from onboarding.linking.models import Company, Contact, HistoryEntry, Invitation, OutgoingEmail
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
    "checked": Purpose.SIGN_IN,
    "name_to_confirm": Purpose.SIGN_IN,
    "about_to_end": Purpose.SIGN_IN,
}

STILL_WORKS_FOR = timedelta(days=3)
"""A reminder repeats the link that the customer has, if it works for so long yet."""


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
    """Commit one mail with a link, which works as long as an invitation does."""
    purpose = _PURPOSE_OF_EMAIL.get(kind) or (Purpose.RELINK if connection_id else Purpose.ONBOARD)
    about = {"purpose": purpose, "recipient": contact}
    about["connection_id"] = connection_id if purpose == Purpose.RELINK else None
    invitation = _live_link(company, about, now) if kind == "reminder" else None
    if invitation is None:
        invitation = Invitation.objects.create(
            company=company,
            language=contact.language,
            expires_at=now + timedelta(days=settings.INVITATION_DAYS),
            **about,
        )
    plan_email(
        kind=kind,
        company=company,
        contact=contact,
        invitation=invitation,
        connection_id=connection_id,
        **fields,
    )


def _live_link(company: Company, about: dict[str, Any], now: datetime) -> Invitation | None:
    live = company.invitations.filter(ended_at__isnull=True, **about)
    return live.filter(expires_at__gt=now + STILL_WORKS_FOR).first()


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


def reminder_facts(company: Company) -> dict[str, Any]:
    """What the assessment needs to know to remind a customer, by the names of `stages.Facts`."""
    contact = company.primary_contact
    kinds = ("onboard", "works_again", "new_link")
    links = company.invitations.filter(purpose=Purpose.ONBOARD, emails__kind__in=kinds)
    by_staff = company.history.filter(
        subject="link_sent_onboard", source=HistoryEntry.Source.STAFF
    ).count()
    reminded: dict[str, tuple[int, datetime | None]] = {}
    mails = company.emails.filter(kind="reminder").order_by("pk")
    for key, *moments in mails.values_list("dedupe_key", "sent_at", "cancelled_at", "due_at"):
        series = key.removeprefix("reminder:").rpartition(":")[0]
        count, last_at = reminded.get(series, (0, None))
        reminded[series] = count + 1, next((at for at in moments if at), last_at)
    return {
        "may_remind": contact is not None and contact.stopped_at is None,
        "asked_at": links.values_list("created_at", flat=True).first(),
        "reminder_series": f"{company.public_id}:{by_staff}",
        "reminded": reminded,
    }


def stop_reminders(*, contact: Contact, now: datetime) -> None:
    """No more reminders to this person; what they ask for, and news, still reach them."""
    stopped = Contact.objects.filter(pk=contact.pk, stopped_at__isnull=True).update(stopped_at=now)
    if stopped:
        HistoryEntry.objects.create(
            company=contact.company,
            kind=HistoryEntry.Kind.ACT,
            at=now,
            source=HistoryEntry.Source.CUSTOMER,
            actor=contact.name,
            subject="reminders_stopped",
        )
