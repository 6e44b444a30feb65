import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from onboarding.linking.invitation_links import make_token
from onboarding.linking.models import (
    Company,
    CompanyIdentity,
    HistoryEntry,
    Invitation,
    OutgoingEmail,
    Problem,
)
from onboarding.linking.services import invitations, onboarding
from tests.journey import seen

from .cast import connect, make_user, register


def url(company):
    return f"/desk/companies/{company.public_id}/"


@pytest.fixture
def lost(company):
    """A company whose Xero was taken back after its name was confirmed."""
    now = timezone.now()
    xero = connect(company, status="Deauthorized", stage="lost", last_read_at=now)
    CompanyIdentity.objects.create(
        connection=xero, name="Brook and Sons", read_at=now, confirmed_at=now
    )
    Problem.objects.create(company=company, connection=xero, reason="access_lost", since=now)
    Company.objects.filter(pk=company.pk).update(stage="lost", codat_id="codat-company-1")
    return xero


def test_everything_about_a_customer_is_on_one_page(desk, company, lost):
    page = desk.get(url(company)).content.decode()
    for words in (
        "Brook &amp; Sons Ltd",
        "Lost",
        "Deauthorised",
        "Brook and Sons",
        "Permission ended at the software",
        company.reference,
        "codat-company-1",
        lost.codat_id,
        company.primary_contact.email,
        "Customer added",
    ):
        assert words in page


def test_the_one_primary_button_is_the_next_step(desk, company):
    page = desk.get(url(company)).content.decode()
    assert page.count('data-kind="primary"') == 1
    assert page.index("Send link") > page.index('data-kind="primary"')


def test_while_a_link_is_live_sending_another_is_not_the_next_step(desk, company, alice):
    invitations.invite(company=company, purpose="onboard", by=alice, now=timezone.now())
    page = desk.get(url(company)).content.decode()
    assert 'data-kind="primary"' not in page
    assert "Send link" in page


def test_a_lost_connection_offers_a_reconnect_link_first(desk, company, lost):
    page = desk.get(url(company)).content.decode()
    assert page.count("Send reconnect link</button>") == 1
    assert page.count('data-kind="primary"') == 1


def test_links_say_whether_they_were_opened_and_when_they_end(desk, company, alice):
    link = invitations.invite(company=company, purpose="onboard", by=alice, now=timezone.now())
    page = desk.get(url(company)).content.decode()
    assert "Not opened yet" in page
    assert "The mail is on its way." in page
    assert f"/links/{link.public_id}/revoke/" in page
    Invitation.objects.update(opened_at=timezone.now())
    opened = re.search(r"Opened <time[^>]*>([^<]+)", desk.get(url(company)).content.decode())
    assert opened
    assert opened[1].endswith("UTC"), "staff see the zone"
    Invitation.objects.update(expires_at=timezone.now() - timedelta(hours=1))
    page = desk.get(url(company)).content.decode()
    assert "Ended" in page
    assert "/revoke/" not in page


def test_a_replaced_link_does_not_promise_a_mail(desk, company, alice):
    invitations.invite(company=company, purpose="onboard", by=alice, now=timezone.now())
    Invitation.objects.update(ended_at=timezone.now(), ended_why="replaced")
    page = desk.get(url(company)).content.decode()
    assert "Replaced" in page
    assert "The mail is on its way." not in page


def test_a_mail_that_was_set_aside_says_why(desk, company, alice):
    invitations.invite(company=company, purpose="onboard", by=alice, now=timezone.now())
    OutgoingEmail.objects.update(parked_reason="May have been sent")
    assert "Mail set aside: May have been sent" in desk.get(url(company)).content.decode()


def test_no_token_of_a_mailed_link_is_on_the_page(desk, company, alice):
    link = invitations.invite(company=company, purpose="onboard", by=alice, now=timezone.now())
    assert make_token(link) not in desk.get(url(company)).content.decode()


def test_history_is_told_in_words_newest_first(desk, company, lost):
    now = timezone.now()
    for minutes, before, after in ((5, "PendingAuth", "Linked"), (1, "Linked", "Deauthorized")):
        HistoryEntry.objects.create(
            company=company,
            connection=lost,
            kind="status",
            at=now - timedelta(minutes=minutes),
            source="webhook",
            subject="connection",
            before=before,
            after=after,
        )
    page = desk.get(url(company)).content.decode()
    assert page.index("Xero: Linked → Deauthorised") < page.index("Xero: Pending → Linked")


def test_times_are_in_the_readers_own_zone_and_say_so(desk, company, alice):
    alice.time_zone = "Europe/Helsinki"
    alice.save(update_fields=["time_zone"])
    at = timezone.now().replace(month=1, day=5, hour=12, minute=34)
    HistoryEntry.objects.create(
        company=company, kind="note", at=at, source="staff", subject="note", text="Called"
    )
    assert "14:34 Europe/Helsinki" in desk.get(url(company)).content.decode() or (
        "14:34 EET" in desk.get(url(company)).content.decode()
    )


def test_a_closed_customer_offers_no_links(desk, company, lost, alice):
    onboarding.close(company=company, by=alice, now=timezone.now())
    page = desk.get(url(company)).content.decode()
    assert "Send link" not in page
    assert "Send reconnect link" not in page


def test_the_number_of_queries_does_not_grow_with_what_happened(
    desk, company, alice, django_assert_num_queries
):
    for rows in (1, 8):
        for n in range(rows):
            connection = connect(company, status="Unlinked", stage="lost")
            CompanyIdentity.objects.create(connection=connection, read_at=timezone.now())
            later = timezone.now() + timedelta(minutes=2 * n * rows)
            invitations.invite(
                company=company, purpose="relink", connection=connection, by=alice, now=later
            )
        with django_assert_num_queries(19):
            desk.get(url(company))


def test_a_colleagues_customer_does_not_exist(bobs_desk, company):
    page = bobs_desk.get(url(company))
    assert page.status_code == 404
    assert seen.primary_buttons(page) == ["Go to the worklist"]
    assert company.true_name not in page.content.decode()


def test_a_senior_sees_it(sams_desk, company):
    assert sams_desk.get(url(company)).status_code == 200


def test_post_is_refused_and_anonymous_asked_to_sign_in(desk, client, company):
    assert desk.post(url(company)).status_code == 405
    assert client.get(url(company)).headers["Location"].startswith("/accounts/login/")


def test_what_the_connector_complains_of_is_shown_in_its_words_with_codats_name_for_it(
    desk, company
):
    connect(company, troubles=[["webConnectorError", "Another <file> is open."]])

    page = desk.get(f"/desk/companies/{company.public_id}/").content.decode()

    assert "Its connector says" in page
    assert "<bdi>Another &lt;file&gt; is open.</bdi>" in page
    assert '<code dir="ltr">webConnectorError</code>' in page


@pytest.mark.parametrize(
    ("reason", "address", "words"),
    [
        ("linked_elsewhere", "ask_customer", "Confirm with customer"),
        ("machine_off", "send_steps", "Send the steps"),
        ("read_needs_customer", "relink", "Send reconnect link"),
        ("about_to_lapse", "relink", "Send renew link"),
    ],
)
def test_a_problem_of_a_connection_has_its_button_of_the_worklist(
    desk, company, reason, address, words
):
    now = timezone.now()
    xero = connect(company, stage="verifying")
    CompanyIdentity.objects.create(connection=xero, name="Harbour Cafe", read_at=now)
    Problem.objects.create(company=company, connection=xero, reason=reason, since=now)
    page = desk.get(url(company)).content.decode()
    action = reverse(f"desk:{address}", args=[company.public_id, xero.public_id])
    assert page.count(f'action="{action}"') == 1
    assert words in page


def test_who_may_not_invite_sees_the_problem_without_a_button(db):
    vera = make_user("Vera")
    company = register(vera)
    xero = connect(company)
    Problem.objects.create(
        company=company, connection=xero, reason="machine_off", since=timezone.now()
    )
    client = Client()
    client.force_login(vera)
    page = client.get(url(company)).content.decode()
    assert "Desktop computer not heard from" in page
    assert "Send the steps" not in page


def test_a_link_of_a_closed_customer_is_not_shown_as_one_that_works(desk, company, alice):
    now = timezone.now()
    invitations.invite(company=company, purpose="onboard", by=alice, now=now)
    onboarding.close(company=company, by=alice, now=now)
    page = desk.get(url(company)).content.decode()
    assert "No links work." in page
    assert not any(
        words in page for words in ("Not opened yet", "Works until", "The mail is on its way")
    )
    onboarding.reopen(company=company, by=alice, now=now)
    assert "Not opened yet" in desk.get(url(company)).content.decode()
