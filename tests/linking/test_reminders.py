"""Reminders: at most three, each after the customer's last step, and none that nobody wants."""

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from onboarding.linking import emails
from onboarding.linking.invitation_links import make_token, read_token
from onboarding.linking.models import Connection, Contact, Invitation, OutgoingEmail
from onboarding.linking.models.work import moment
from onboarding.linking.services import gathering, invitations, mail_planning, restaging
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(alice):
    """Brook & Sons, sent a link by Alice that nobody has opened."""
    company = factories.make_company(owner=alice)
    invitations.invite(company=company, purpose="onboard", by=alice, now=timezone.now())
    return company


def after(company, **later):
    """What is planned by then, as a turn would find it."""
    restaging.restage(company, now=timezone.now() + timedelta(**later))
    company.refresh_from_db()
    return reminders(company)


def reminders(company):
    return [row.dedupe_key[-1] for row in company.emails.filter(kind="reminder").order_by("pk")]


def send(company, *, days=0):
    """Send the newest reminder, as of so many days from now."""
    row = company.emails.filter(kind="reminder").latest("pk")
    OutgoingEmail.objects.filter(pk=row.pk).update(due_at=moment(timedelta(seconds=-1)))
    return emails.send(row.pk, now=timezone.now() + timedelta(days=days))


def test_they_come_after_two_five_and_ten_days_and_then_never_again(asked):
    assert after(asked, days=1.9) == []
    assert after(asked, days=2.1) == ["1"]
    assert send(asked, days=2.1)
    assert after(asked, days=4.9) == ["1"]
    assert after(asked, days=5.2) == ["1", "2"]
    assert send(asked, days=5.2)
    assert after(asked, days=10.3) == ["1", "2", "3"]
    assert send(asked, days=10.3)
    assert after(asked, days=300) == ["1", "2", "3"]


def test_after_days_without_a_worker_they_do_not_come_all_at_once(asked):
    assert after(asked, days=9) == ["1"]
    assert send(asked, days=9)
    assert after(asked, days=9.1) == ["1"]
    assert after(asked, days=11.9) == ["1"]
    assert after(asked, days=12.1) == ["1", "2"]


def test_the_lane_wakes_for_the_next_one(asked):
    now = timezone.now()
    facts = gathering.gather(asked)
    changes_at = restaging.assess_company(asked, now=now).changes_at

    assert facts.asked_at + timedelta(days=2) == changes_at


def test_a_step_of_the_customer_puts_the_next_one_off(asked):
    later = timezone.now() + timedelta(days=1.5)
    factories.make_session(asked, now=later)

    assert after(asked, days=3) == []
    assert after(asked, days=3.6) == ["1"]


def test_it_repeats_the_link_that_the_customer_has(asked):
    after(asked, days=2.1)

    assert asked.invitations.count() == 1
    assert asked.emails.get(kind="reminder").invitation == asked.invitations.get()


def test_a_link_that_is_about_to_end_is_not_repeated(asked):
    Invitation.objects.update(expires_at=timezone.now() + timedelta(days=4))
    after(asked, days=2.1)

    fresh = asked.emails.get(kind="reminder").invitation
    assert fresh.expires_at > timezone.now() + timedelta(days=10)


def test_a_new_link_from_staff_begins_a_new_series(asked, alice):
    for days in (2.1, 5.2, 10.3):
        after(asked, days=days)
        send(asked, days=days)
    invitations.invite(
        company=asked, purpose="onboard", by=alice, now=timezone.now() + timedelta(days=20)
    )

    assert after(asked, days=23)[:4] == ["1", "2", "3", "1"]


# ── when none is wanted ──────────────────────────────────────────────────────────────────────────
def test_who_has_finished_is_not_reminded(asked):
    connection = factories.make_connection(asked, status="Linked")
    factories.make_identity(connection, confirmed_at=timezone.now())
    factories.make_operation(connection, "company")

    assert after(asked, days=30) == []


def test_one_planned_before_the_step_was_done_is_not_sent(asked):
    after(asked, days=2.1)
    connection = factories.make_connection(asked, status="Linked")
    factories.make_identity(connection, confirmed_at=timezone.now())
    factories.restage(asked)

    assert not send(asked)
    assert mail.outbox == []


@pytest.mark.parametrize("act", ["software_not_listed", "deletion_asked"])
def test_who_waits_for_us_is_not_reminded(asked, act):
    from onboarding.linking.services.onboarding import add_act  # noqa: PLC0415

    add_act(asked, act, now=timezone.now(), text="Ledger Pro")

    assert after(asked, days=30) == []


def test_who_has_asked_an_accountant_is_not_reminded(asked):
    Invitation.objects.create(
        company=asked,
        recipient=asked.primary_contact,
        purpose="delegate",
        platform_key="gbol",
        expires_at=timezone.now() + timedelta(days=14),
    )

    assert after(asked, days=30) == []


def test_with_no_days_set_nobody_is_reminded(asked, settings):
    settings.REMINDER_DAYS = []

    assert after(asked, days=30) == []


def test_who_disconnected_is_not_reminded_and_who_lost_access_is(asked):
    connection = factories.make_connection(asked, status="Deauthorized")
    factories.make_identity(connection, confirmed_at=timezone.now())
    Connection.objects.update(status_changed_at=timezone.now())
    assert after(asked, days=2.1) == ["1"]
    row = asked.emails.get(kind="reminder")
    assert row.connection == connection
    assert row.invitation.purpose == "relink"

    OutgoingEmail.objects.all().delete()
    asked.writes.create(
        kind="unlink_connection",
        target=f"{connection.codat_id}:{connection.linked_last_at.isoformat()}",
        key_made_at=timezone.now(),
        due_at=timezone.now(),
    )
    assert after(asked, days=30) == []


def test_a_question_left_unanswered_is_reminded_of(asked):
    connection = factories.make_connection(asked, status="Linked")
    factories.make_identity(connection)

    assert after(asked, days=2.1) == ["1"]
    assert send(asked)
    assert mail.outbox[-1].subject == "Still to do: check the name of Brook & Sons Ltd"


def test_what_was_lost_is_told_in_subject_and_text_though_another_name_waits(asked):
    connection = factories.make_connection(asked, status="Deauthorized")
    factories.make_identity(connection, confirmed_at=timezone.now())
    Connection.objects.update(status_changed_at=timezone.now())
    after(asked, days=2.1)
    asked.stage = "confirming"  # for a shop, say
    asked.save(update_fields=["stage"])

    message = emails.render(asked.emails.get(kind="reminder"))

    assert message.subject == "Still to do: reconnect Xero"
    assert "still cannot read from Xero" in message.body


# ── stopping them ────────────────────────────────────────────────────────────────────────────────
def test_who_stops_them_gets_no_more(asked):
    after(asked, days=2.1)
    mail_planning.stop_reminders(contact=asked.primary_contact, now=timezone.now())

    assert not send(asked)
    assert after(asked, days=30) == ["1"]
    assert mail.outbox == []
    assert asked.history.filter(subject="reminders_stopped").count() == 1


def test_the_mail_says_how_to_stop_them_in_words_and_in_its_header(asked):
    after(asked, days=2.1)
    send(asked)

    (message,) = mail.outbox
    url = message.extra_headers["List-Unsubscribe"].strip("<>")
    assert url in message.body
    assert f'href="{url}"' in message.alternatives[0][0]
    assert read_token(url.rstrip("/").split("/")[-2]) == asked.invitations.get()


def test_only_reminders_can_be_stopped(asked):
    row = asked.emails.get(kind="onboard")
    OutgoingEmail.objects.filter(pk=row.pk).update(due_at=moment(timedelta(seconds=-1)))
    emails.send(row.pk, now=timezone.now())

    (message,) = mail.outbox
    assert "List-Unsubscribe" not in message.extra_headers
    assert "Stop these reminders" not in message.body


def test_opening_the_page_stops_nothing_and_its_button_does(asked, client):
    url = reverse("journey:stop_reminders", args=[make_token(asked.invitations.get())])

    assert "Stop these reminders?" in client.get(url).content.decode()
    assert Contact.objects.get().stopped_at is None
    assert client.post(url)["Location"] == url
    assert Contact.objects.get().stopped_at
    assert "We will not remind you again" in client.get(url).content.decode()


def test_the_page_works_after_its_link_has_ended_and_for_nobody_else(asked, client):
    link = asked.invitations.get()
    url = reverse("journey:stop_reminders", args=[make_token(link)])
    Invitation.objects.update(ended_at=timezone.now(), ended_why="finished")

    assert client.get(url).status_code == 200
    assert client.get(url.replace(make_token(link), "forged.token")).status_code == 404
    assert "owner@brook.example" not in client.get(url).content.decode()


# ── the three of them ────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("days", "subject", "last"),
    [
        ((2.1,), "Still to do: connect Brook & Sons Ltd", False),
        ((2.1, 5.2), "Your link works until", False),
        ((2.1, 5.2, 10.3), "Last reminder: connect Brook & Sons Ltd", True),
    ],
    ids=["first", "second", "third"],
)
def test_each_has_its_own_subject_and_the_last_says_so(asked, days, subject, last):
    for each in days:
        after(asked, days=each)
        send(asked, days=each)

    message = mail.outbox[-1]
    assert message.subject.startswith(subject)
    assert ("We will not remind you again." in message.body) == last
    assert message.from_email.startswith("Alice at")
