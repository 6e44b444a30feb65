"""The daily mail to account managers: once, true, and only about their own customers."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.utils import timezone

from onboarding.linking import emails
from onboarding.linking.models import Company, Connection, OutgoingEmail, Pause, Problem
from onboarding.linking.models.work import moment
from onboarding.linking.services.digests import plan_digests
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)

FOUR = datetime(2026, 11, 20, 16, 5, tzinfo=UTC)
"""A little after the hour of the mail, for who lives by UTC."""


def lose(owner, name="Brook & Sons Ltd", *, at=FOUR - timedelta(hours=2), reason="access_lost"):
    """A customer whose software took its permission back, seen by two looks."""
    company = factories.make_company(name, email=f"{len(name)}@x.example", owner=owner)
    lost = factories.make_connection(
        company, status="Deauthorized", stage="lost", status_changed_at=at
    )
    Company.objects.filter(pk=company.pk).update(observed_at=at + timedelta(minutes=1))
    Problem.objects.create(company=company, connection=lost, reason=reason, since=at)
    return company


def planned(now=FOUR):
    plan_digests(now=now)
    return list(OutgoingEmail.objects.filter(kind="digest").order_by("pk"))


def send(row, now=FOUR):
    OutgoingEmail.objects.filter(pk=row.pk).update(due_at=moment(timedelta(seconds=-1)))
    sent = emails.send(row.pk, now=now)
    row.refresh_from_db()
    return sent


def test_the_manager_is_told_who_lost_their_connection(alice):
    lose(alice)
    lose(alice, "Harbour Cafe <&>")
    lose(alice, "Mill Lane")
    (row,) = planned()

    assert send(row)
    (message,) = mail.outbox
    html = message.alternatives[0][0]
    assert message.to == [alice.email]
    assert message.subject == "3 customers lost their connection today"
    assert "Hello Alice," in message.body
    assert "- Harbour Cafe <&>: Xero, since 20 November 14:05 UTC. No reminder planned" in (
        message.body
    )
    assert "http://testserver/desk/" in message.body
    assert "<bdi>Harbour Cafe &lt;&amp;&gt;</bdi>" in html
    assert "and 1 more" in html, "the preheader"


def test_the_subject_speaks_of_one_customer_and_names_none(alice):
    lose(alice)

    send(planned()[0])

    assert mail.outbox[0].subject == "1 customer lost their connection today"
    assert "The software of one of your customers ended its permission." in mail.outbox[0].body


def test_the_mail_is_planned_once_a_day_however_often_it_is_asked_for(alice):
    lose(alice)

    planned()
    planned(FOUR + timedelta(minutes=5))
    assert len(planned(FOUR + timedelta(hours=3))) == 1
    assert len(planned(FOUR + timedelta(days=1))) == 1, "nothing new on the next day"

    lose(alice, "Mill Lane", at=FOUR + timedelta(hours=1))
    first, second = planned(FOUR + timedelta(days=1))
    assert first.dedupe_key != second.dedupe_key


@pytest.mark.parametrize(
    ("zone", "hour", "is_time"),
    [
        ("UTC", 15, False),
        ("UTC", 16, True),
        ("Australia/Sydney", 5, True),
        ("Australia/Sydney", 4, False),
        ("America/New_York", 20, False),
        ("America/New_York", 21, True),
        ("Nowhere/Town", 16, True),
    ],
)
def test_the_hour_is_by_the_managers_own_clock(alice, zone, hour, is_time):
    alice.time_zone = zone
    alice.save(update_fields=["time_zone"])
    now = datetime(2026, 11, 20, hour, 1, tzinfo=UTC)
    lose(alice, at=now - timedelta(hours=3))

    assert bool(planned(now)) is is_time


def test_the_hour_is_a_setting_and_a_negative_one_means_never(alice, settings):
    lose(alice, at=FOUR - timedelta(hours=10))
    settings.DIGEST_HOUR = -1
    assert planned() == []

    settings.DIGEST_HOUR = 8
    assert len(planned()) == 1


def test_a_colleagues_customers_are_not_told_of(alice, bob):
    lose(bob)
    lose(None, "Nobody's")

    (row,) = planned()

    assert row.user == bob


def test_who_sees_everybody_is_told_of_their_own_customers_only(alice):
    alice.is_superuser = True
    alice.save(update_fields=["is_superuser"])
    lose(None)

    assert planned() == []


@pytest.mark.parametrize("change", ["is_active", "is_staff", "daily_digest", "email"])
def test_who_left_wants_none_or_has_no_address_gets_none(alice, change):
    lose(alice)
    (row,) = planned()
    setattr(alice, change, "" if change == "email" else False)
    alice.save(update_fields=[change])

    assert not send(row), "planned before"
    OutgoingEmail.objects.all().delete()
    assert planned() == []


@pytest.mark.parametrize("hours", [-26, 0])
def test_what_was_told_yesterday_or_is_quite_new_is_left_for_its_own_day(alice, hours):
    lose(alice, at=FOUR + timedelta(hours=hours))

    assert planned() == []


def test_who_disconnected_by_themselves_has_lost_nothing(alice):
    lose(alice, reason="disconnected")

    assert planned() == []


def test_a_loss_that_no_second_look_confirmed_is_not_told(alice):
    company = lose(alice)
    Company.objects.filter(pk=company.pk).update(observed_at=FOUR - timedelta(hours=3))

    assert planned() == []


@pytest.mark.parametrize("change", ["mended", "closed", "reassigned"])
def test_a_digest_that_lost_its_point_is_cancelled(alice, bob, change):
    company = lose(alice)
    (row,) = planned()
    if change == "mended":
        Problem.objects.update(cleared_at=FOUR)
    elif change == "closed":
        Company.objects.update(closed_at=FOUR)
    else:
        Company.objects.filter(pk=company.pk).update(owner=bob)

    assert not send(row)
    assert row.cancelled_at
    assert mail.outbox == []


def test_a_digest_of_yesterday_is_not_sent_today(alice):
    lose(alice)
    (row,) = planned()

    assert not send(row, now=FOUR + timedelta(hours=9))
    assert row.cancelled_at


def test_a_digest_waits_while_many_were_lost_at_once(alice):
    lose(alice)
    (row,) = planned()
    Pause.objects.create(scope=Pause.REMOVALS, reason="many lost", since=timezone.now())

    assert not send(row)
    assert row.cancelled_at is None
    assert row.due_at > timezone.now()


def test_it_says_what_the_customer_was_mailed_and_will_be(alice):
    first, second = lose(alice), lose(alice, "Harbour Cafe")
    rows = [
        OutgoingEmail(
            kind="access_lost",
            dedupe_key=f"access_lost:{company.pk}",
            company=company,
            contact=company.primary_contact,
            connection=Connection.objects.get(company=company),
            **moments,
        )
        for company, moments in (
            (first, {"sent_at": FOUR - timedelta(hours=1)}),
            (second, {"due_at": FOUR + timedelta(days=2)}),
        )
    ]
    OutgoingEmail.objects.bulk_create(rows)

    send(planned()[0])

    body = mail.outbox[0].body
    assert (
        "Brook & Sons Ltd: Xero, since 20 November 14:05 UTC. Reminder sent 20 November 15:05"
        in (body)
    )
    assert "Reminder planned for 22 November 16:05" in body


def test_times_stand_in_the_managers_zone(alice):
    alice.time_zone = "Europe/Berlin"
    alice.save(update_fields=["time_zone"])
    lose(alice)

    send(planned()[0])

    assert "since 20 November 15:05 CET" in mail.outbox[0].body
    assert "Since (<bdi>CET</bdi>)" in mail.outbox[0].alternatives[0][0]


def test_a_long_list_is_cut_and_says_how_many_more_there_are(alice):
    for number in range(27):
        lose(alice, f"Shop {'x' * number}")

    send(planned()[0])

    assert mail.outbox[0].body.count("\n- ") == 25
    assert "2 more stand in the worklist." in mail.outbox[0].body
