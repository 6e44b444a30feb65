"""The steps for desktop software, mailed to where it is."""

from datetime import time, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from onboarding.linking import emails
from onboarding.linking.models import Invitation, OutgoingEmail
from onboarding.linking.models.platform import is_time_zone
from onboarding.linking.platform_notes import starting_values
from onboarding.linking.services import invitations, onboarding, self_service, to_computer
from onboarding.linking.services.errors import NotAllowed
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def sage_50():
    return factories.make_platform("hbql", "Sage 50", is_offline=True, set_up_by="key")


@pytest.fixture
def session():
    return factories.make_session(factories.make_company(codat_id="licence-key"))[0]


def send(session, platform, **later):
    now = timezone.now() + timedelta(**later)
    return to_computer.send_steps(session=session, platform=platform, now=now)


def test_the_steps_go_to_the_address_on_file(session, sage_50):
    link = send(session, sage_50)

    mail = OutgoingEmail.objects.get()
    assert (mail.kind, mail.contact.email) == ("to_computer", "owner@brook.example")
    assert (mail.invitation, link.platform_key, link.purpose) == (link, "hbql", "onboard")


def test_a_second_press_sends_nothing_more(session, sage_50):
    assert send(session, sage_50) == send(session, sage_50)
    assert OutgoingEmail.objects.count() == 1


def test_steps_sent_again_later_replace_those_before(session, sage_50):
    first, second = send(session, sage_50), send(session, sage_50, minutes=2)

    first.refresh_from_db()
    assert first.ended_why == "replaced"
    assert second.ended_at is None


def test_the_customers_own_link_keeps_working(session, sage_50):
    own = factories.make_invitation(session.company)
    send(session, sage_50)

    own.refresh_from_db()
    assert own.ended_at is None


def test_steps_sent_a_moment_ago_do_not_stand_in_for_a_new_link_to_begin(session, sage_50):
    steps = send(session, sage_50)

    link = invitations.invite(company=session.company, purpose="onboard", now=timezone.now())

    assert link != steps
    steps.refresh_from_db()
    assert steps.ended_at is None


def test_a_link_to_begin_with_this_software_is_another_mail_than_its_steps(sage_50):
    answers = {"true_name": "Brook", "email": "owner@brook.example", "now": timezone.now()}
    self_service.begin(**answers, platform_key="hbql")
    own = Invitation.objects.get()
    session, _key = factories.make_session(own.company, invitation=own)
    steps = send(session, sage_50)

    assert steps != own
    assert to_computer.latest(company=own.company, platform_key="hbql") == steps
    assert [own.proves_a_start, steps.proves_a_start] == [True, False]
    own.refresh_from_db()
    assert own.ended_at is None
    assert list(own.company.emails.values_list("kind", flat=True)) == ["start", "to_computer"]
    self_service.begin(**answers, platform_key="hbql")
    steps.refresh_from_db()
    assert steps.ended_at is None


def test_nothing_is_sent_for_a_request_that_was_closed(session, sage_50, alice):
    onboarding.close(company=session.company, by=alice, now=timezone.now())

    with pytest.raises(NotAllowed):
        send(session, sage_50)


# ── what we know of it ourselves ─────────────────────────────────────────────────────────────────
def test_software_met_for_the_first_time_brings_how_it_is_set_up_and_when_it_is_read():
    assert starting_values("hbql", "Sage 50") | {"order": 0} == {
        "shown": True,
        "order": 0,
        "device_class": "desktop",
        "set_up_by": "key",
    }
    quickbooks = starting_values("pqsw", "QuickBooks Desktop")
    assert quickbooks["set_up_by"] == "password"
    assert (quickbooks["read_from"], quickbooks["read_until"]) == (time(19), time(7))
    assert "read_from" not in starting_values("gbol", "Xero")


def test_a_time_zone_nobody_knows_is_refused():
    is_time_zone("Europe/London")
    with pytest.raises(ValidationError):
        is_time_zone("Atlantis/Capital")


@pytest.mark.parametrize("set_up_by", ["key", "password", ""])
def test_the_mail_says_the_steps_in_short_and_holds_no_licence_key(session, sage_50, set_up_by):
    type(sage_50).objects.update(set_up_by=set_up_by)
    row = send(session, sage_50).emails.get()

    message = emails.render(row)

    html = message.alternatives[0][0]
    for body in (message.body, html):
        assert "Sage 50" in body
        assert "/i/" in body
        assert "licence-key" not in body
        assert ("password that setup shows" in body) == (set_up_by == "password")
    assert "\n4. " in message.body
    assert html.count("<li>") == 4


@pytest.mark.parametrize(
    ("stage", "asked"),
    [("verifying", "Check the name of the business now"), ("reading", "We are reading")],
)
def test_the_mail_that_it_is_connected_says_what_comes_next(session, sage_50, stage, asked):
    connection = factories.make_connection(
        session.company, "hbql", "Linked", platform_name="Sage 50"
    )
    factories.restage(session.company)
    row = OutgoingEmail.objects.get(kind="connected")
    row.connection.stage = stage

    message = emails.render(row)

    assert message.subject == "Sage 50 is connected to Northbank"
    assert asked in message.body
    assert "Was this not you?" in message.body
    assert row.connection == connection
