"""Mails that name what is still to do, or a day: true when they are sent."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone
from django.utils.formats import date_format

from onboarding.linking import emails
from onboarding.linking.models import Category, OutgoingEmail, Platform
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def read(xero):
    """A company whose accounting software has been read."""
    company = factories.make_company()
    connection = factories.make_connection(company, status="Linked")
    factories.make_identity(connection, confirmed_at=timezone.now())
    factories.make_operation(connection)
    return company


def send(company, kind):
    """The mail of this kind that was planned for the company; what arrived of it, if anything."""
    mail.outbox.clear()
    row = company.emails.get(kind=kind)
    OutgoingEmail.objects.filter(pk=row.pk).update(due_at=timezone.now() - timedelta(seconds=1))
    emails.send(row.pk, now=timezone.now())
    return next(iter(mail.outbox), None)


# ── what was read ────────────────────────────────────────────────────────────────────────────────
def test_when_all_is_read_the_mail_says_that_nothing_more_is_to_do(read):
    message = send(factories.restage(read), "first_read_done")

    assert message.subject == "We have read everything we need"
    assert "There is nothing more to do." in message.body
    assert "Still to connect" not in message.body


def test_while_another_kind_is_missing_the_mail_names_it_and_does_not_say_all_is_done(read):
    Category.objects.filter(slug="banking").update(required=True, offered=True)
    message = send(factories.restage(read), "first_read_done")

    name = Category.objects.get(slug="banking").name
    for text in (message.body, message.alternatives[0][0]):
        assert "nothing more to do" not in text
        assert "Still to connect:" in text
        assert name in text
    assert message.subject == "We have read Xero"


def test_while_another_connection_is_still_to_be_confirmed_the_mail_does_not_say_all_is_done(read):
    Category.objects.filter(slug="banking").update(required=True, offered=True)
    factories.make_connection(read, "bank", "Linked", source_type="Banking")
    message = send(factories.restage(read), "first_read_done")

    assert "nothing more to do" not in message.body
    assert "Still to connect" not in message.body
    assert "says what is still to do" in message.body


@pytest.mark.parametrize("status", ["Deauthorized", "Unlinked"])
def test_after_the_connection_is_lost_nothing_is_mailed_about_what_was_read(read, status):
    factories.restage(read)
    read.connections.update(status=status, status_changed_at=timezone.now())
    factories.restage(read)

    assert send(read, "first_read_done") is None
    assert read.emails.get(kind="first_read_done").cancelled_at


# ── a permission that is about to end ────────────────────────────────────────────────────────────
def idle(company, days):
    company.connections.update(last_read_at=timezone.now() - timedelta(days=days))
    return factories.restage(company)


@pytest.mark.parametrize(
    ("idle_days", "unread", "left"), [(None, 49, 11), (90, 94, 11), (20, 24, 11)]
)
def test_the_day_on_which_a_permission_ends_follows_from_the_softwares_own_rule(
    read, idle_days, unread, left
):
    Platform.objects.update(idle_days=idle_days)
    message = send(idle(read, unread), "about_to_end")

    day = date_format(timezone.localtime(timezone.now() + timedelta(days=left)), "j F Y")
    assert message.subject == f"Xero needs your permission again by {day}"
    assert f"reading stops on {day}" in " ".join(message.body.split())
    assert f"not used for {unread + left} days" in " ".join(message.body.split())


def test_no_mail_names_a_day_that_has_passed(read):
    """Mails were paused for weeks, or nobody had looked for so long."""
    message = send(idle(read, 61), "about_to_end")

    assert message.subject == "Xero needs your permission again"
    for part in (message.body, message.alternatives[0][0]):
        text = " ".join(part.split())
        assert "reading stops on" not in text
        assert "so reading may stop any day" in text
