"""Mails leave at most once, and only if they are still true."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from onboarding.linking import emails
from onboarding.linking.models import Company, Contact, Lane, OutgoingEmail, Pause
from onboarding.linking.services import invitations, onboarding
from onboarding.linking.services.mail_planning import plan_email
from tests import factories
from tests.conftest import free_port

from .mail_server import MailServer
from .written_mails import come_due, make_row, send

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def row():
    factories.make_invitation(factories.make_company(contact_name="Ada Brook"))
    come_due()
    return OutgoingEmail.objects.get()


@pytest.fixture
def mail_server(settings):
    """`mail_server(data="554 no")`: Django's mail goes there."""
    started = []

    def start(**answers):
        server = MailServer(**answers)
        started.append(server)
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        return server

    yield start
    for server in started:
        server.shutdown()
        server.server_close()


def test_a_mail_leaves_once(row):
    assert send(row)
    come_due()
    assert not send(row)

    assert len(mail.outbox) == 1
    assert row.sent_at
    assert row.claim_token is None


def test_a_mail_in_other_hands_is_left_alone(row):
    OutgoingEmail.objects.claim(row.pk, lease=timedelta(seconds=30))

    assert not send(row)
    assert mail.outbox == []


def test_the_same_mail_planned_twice_is_one(row):
    values = OutgoingEmail.objects.values("kind", "dedupe_key").get()
    emails_before = OutgoingEmail.objects.count()
    plan_email(company=row.company, contact=row.contact, **values)

    assert OutgoingEmail.objects.count() == emails_before


def test_it_goes_through_a_real_mail_server(row, mail_server):
    server = mail_server()

    assert send(row)
    (body,) = server.taken
    assert row.provider_id.encode() in body


def test_a_cut_in_the_middle_is_set_aside_as_perhaps_sent(row, mail_server):
    mail_server(end="hang up")
    Lane.objects.update(due_at=None)

    assert not send(row)

    assert "May have been sent" in row.parked_reason
    assert row.sent_at is None
    assert Lane.objects.due().filter(company=row.company).exists(), "its company is told"


@pytest.mark.parametrize(
    "answers",
    [{"rcpt": "550 nobody"}, {"mail": "550 not you"}, {"end": "554 spam"}, {"data": "554 no"}],
    ids=["recipient", "sender", "content", "data"],
)
def test_a_refusal_is_set_aside_as_refused(row, mail_server, answers):
    mail_server(**answers)

    assert not send(row)

    assert "refused" in row.parked_reason


@pytest.mark.parametrize("answers", [{"rcpt": "450 later"}, {"end": "451 busy"}])
def test_a_server_that_asks_for_later_is_asked_later(row, mail_server, answers):
    mail_server(**answers)

    assert not send(row)

    assert row.parked_reason == ""
    assert row.due_at > timezone.now()


def test_a_server_that_cannot_be_reached_is_tried_again_and_then_given_up(row, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()

    for _ in range(emails.MAX_TRIES):
        assert row.parked_reason == ""
        assert not send(row)
        come_due()

    row.refresh_from_db()
    assert "could not be reached" in row.parked_reason


def test_a_mail_that_cannot_be_written_is_not_called_perhaps_sent(row):
    OutgoingEmail.objects.update(kind="no such kind")

    with pytest.raises(KeyError):
        send(row)

    row.refresh_from_db()
    assert row.claim_token is None
    assert row.due_at > timezone.now()


def test_a_mail_set_aside_is_a_problem_of_its_company(row, mail_server, take_turn, simulator):
    mail_server(rcpt="550 nobody")
    send(row)
    take_turn(row.company, hint=False)

    assert row.company.problems.open().get().reason == "mail_not_delivered"
    OutgoingEmail.objects.filter(pk=row.pk).release()
    take_turn(row.company, hint=False)
    assert not row.company.problems.open().exists()


def test_a_mail_that_lost_its_point_is_cancelled(row, alice, now):
    invitations.revoke(invitation=row.invitation, by=alice, now=now)

    assert not send(row)
    assert row.cancelled_at
    assert mail.outbox == []


@pytest.mark.parametrize("change", ["closed", "expired"])
def test_nothing_is_mailed_for_a_closed_company_or_an_expired_link(row, alice, now, change):
    if change == "closed":
        onboarding.close(company=row.company, by=alice, now=now)
    else:
        OutgoingEmail.objects.update(expires_at=now - timedelta(seconds=1))

    assert not send(row)
    assert row.cancelled_at


def test_it_goes_to_the_address_on_file_when_it_leaves(row):
    Contact.objects.update(email="corrected@brook.example")

    send(row)

    assert mail.outbox[0].to == ["corrected@brook.example"]


def test_a_mail_about_a_loss_waits_while_many_are_lost_at_once():
    row = make_row("access_lost")
    pause = Pause.objects.create(scope=Pause.REMOVALS, reason="many lost", since=timezone.now())
    assert not send(row)
    assert mail.outbox == []

    pause.delete()
    come_due()
    assert send(row)


def test_a_mail_about_a_loss_waits_for_a_second_look():
    row = make_row("access_lost")
    Company.objects.update(observed_at=timezone.now() - timedelta(hours=1))

    assert not send(row)

    row.refresh_from_db()
    assert (row.sent_at, row.cancelled_at) == (None, None)
    assert row.due_at > timezone.now()
