"""Mails as they are planned, sent and read in tests."""

import re
from datetime import timedelta

from django.core import mail
from django.utils import timezone

from onboarding.linking import emails
from onboarding.linking.models import Company, Connection, OutgoingEmail
from onboarding.linking.models.invitation import Purpose
from onboarding.linking.models.work import moment
from onboarding.linking.services import onboarding
from tests import factories


def come_due():
    OutgoingEmail.objects.update(due_at=moment(timedelta(seconds=-1)))


def send(row):
    sent = emails.send(row.pk, now=timezone.now())
    row.refresh_from_db()
    return sent


def every_kind():
    return sorted(emails.CONTEXT)


def make_row(kind, **company):
    """A mail of each kind as it would have been planned, with names that must be escaped."""
    company = factories.make_company("Brook <&> Sons", contact_name="Ada & Co", **company)
    status = {
        "works_again": "PendingAuth",
        "access_lost": "Deauthorized",
        "disconnected": "Unlinked",
        "other_business": "Unlinked",
        "reminder": "Deauthorized",
    }.get(kind, "Linked")
    if kind == "delegate_done":
        factories.make_invitation(company, Purpose.DELEGATE, platform_key="gbol")
        OutgoingEmail.objects.all().delete()
    stages = {"works_again": "authorizing", "access_lost": "lost", "reminder": "lost"}
    stage = stages.get(kind, "ready")
    connection = factories.make_connection(company, status=status)
    factories.make_operation(connection, "invoices")
    if kind == "connected":
        company.consents.create(
            platform_key="gbol",
            version=3,
            text="Why we ask\nBecause <&>",
            data_types=["invoices", "bills"],
            at=timezone.now(),
        )
    if kind == "deletion_asked":
        onboarding.add_act(company, kind, now=timezone.now())
    if kind == "deletion_answered":
        onboarding.add_act(
            company, "deletion_refused", now=timezone.now(), text="The law <says> so"
        )
    purpose = kind if kind in Purpose.values else Purpose.SIGN_IN
    link = factories.make_invitation(company, purpose, note="Ring <me> & ask")
    if kind in ("other_business", "name_confirmed", "name_to_confirm"):
        answer = {"other_business": "rejected_at", "name_confirmed": "confirmed_at"}.get(kind)
        now = timezone.now()
        factories.make_identity(connection, "Harbour <&>", **({answer: now} if answer else {}))
    Connection.objects.update(stage=stage, status_changed_at=timezone.now())
    Company.objects.update(observed_at=timezone.now())  # a look since the change
    if kind == "already_with_us":
        Company.objects.update(closed_at=timezone.now())
    if kind == "about_to_end":
        Connection.objects.update(last_read_at=timezone.now() - timedelta(days=50))
        connection.problems.create(company=company, reason="about_to_lapse", since=timezone.now())
    OutgoingEmail.objects.exclude(invitation=link).delete()
    OutgoingEmail.objects.update(kind=kind, connection=connection)
    come_due()
    return OutgoingEmail.objects.get()


def words(text):
    return re.sub(r"\s+", " ", text).strip()


def html_of(message):
    html = message.alternatives[0][0]
    return re.sub(r"<(head|title).*?</\1>", "", html, flags=re.DOTALL)


def sent(kind="access_lost", **company):
    assert send(make_row(kind, **company))
    return mail.outbox[0]
