from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from onboarding.linking import emails
from onboarding.linking.models import Company, Invitation, Lane, OutgoingEmail
from onboarding.linking.services import invitations, onboarding
from tests.factories import make_platform

from .cast import connect, make_user, register


@pytest.fixture
def connection(company):
    return connect(company, status="Deauthorized", stage="lost")


@pytest.fixture
def link(company, alice):
    return invitations.invite(company=company, purpose="onboard", by=alice, now=timezone.now())


@pytest.fixture
def urls(company, connection, link):
    base = f"/desk/companies/{company.public_id}/"
    return {
        "send_link": f"{base}send-link/",
        "relink": f"{base}connections/{connection.public_id}/relink/",
        "look_again": f"{base}look-again/",
        "revoke": f"{base}links/{link.public_id}/revoke/",
    }


ALL = ["send_link", "relink", "look_again", "revoke"]


def send_link_url(company):
    return f"/desk/companies/{company.public_id}/send-link/"


def test_send_link_plans_one_mail_to_the_contact_and_says_so(desk, company, alice):
    response = desk.post(send_link_url(company), follow=True)
    assert response.redirect_chain == [(f"/desk/companies/{company.public_id}/", 303)]
    email = company.primary_contact.email
    assert f"Sent to {email}. You can send again in 60 seconds." in response.content.decode()
    sent = Invitation.objects.get()
    assert (sent.purpose, sent.sent_by) == ("onboard", alice)
    assert OutgoingEmail.objects.get().invitation == sent


def test_a_link_to_renew_what_still_works_does_not_say_that_it_has_ended(desk, company):
    now = timezone.now()
    xero = connect(company, status="Linked", last_read_at=now - timedelta(days=49))
    xero.problems.create(company=company, reason="about_to_lapse", since=now)
    desk.post(f"/desk/companies/{company.public_id}/connections/{xero.public_id}/relink/")
    email = OutgoingEmail.objects.get()
    assert (email.kind, email.invitation.purpose) == ("about_to_end", "relink")
    assert "works today" in emails.render(email).body


def test_a_second_press_sends_nothing_and_says_when_it_may(desk, company):
    desk.post(send_link_url(company))
    page = desk.post(send_link_url(company), follow=True).content.decode()
    assert "Sent already. You can send again in" in page
    assert Invitation.objects.count() == 1
    assert OutgoingEmail.objects.count() == 1


def test_a_link_planned_for_later_does_not_stand_in_the_way_of_one_wanted_now(desk, company):
    desk.post(send_link_url(company))
    OutgoingEmail.objects.update(due_at=timezone.now() + timedelta(minutes=30))
    page = desk.post(send_link_url(company), follow=True).content.decode()
    assert "Sent to" in page
    assert Invitation.objects.filter(ended_at=None).count() == 1


def test_after_a_minute_a_new_link_replaces_the_one_before(desk, company):
    desk.post(send_link_url(company))
    Invitation.objects.update(created_at=timezone.now() - timedelta(seconds=61))
    desk.post(send_link_url(company))
    newest, oldest = Invitation.objects.order_by("-pk")
    assert oldest.ended_why == "replaced"
    assert newest.ended_at is None


def test_relink_is_for_the_same_connection(desk, company, connection, urls):
    desk.post(urls["relink"])
    sent = Invitation.objects.get(purpose="relink")
    assert sent.connection == connection
    assert Company.objects.count() == 1


def test_relink_of_another_customers_connection_is_404(desk, alice, company):
    other = connect(register(alice, "Harbour"), status="Unlinked", stage="lost")
    url = f"/desk/companies/{company.public_id}/connections/{other.public_id}/relink/"
    assert desk.post(url).status_code == 404
    assert not Invitation.objects.exists()


def test_from_the_worklist_the_answer_leads_back_there(desk, company):
    response = desk.post(send_link_url(company), {"from": "worklist"})
    assert response.headers["Location"] == "/desk/"
    response = desk.post(send_link_url(company), {"from": "https://elsewhere.example/"})
    assert response.headers["Location"] == f"/desk/companies/{company.public_id}/"


def test_a_closed_customer_gets_no_link_and_staff_are_told(desk, company, alice):
    onboarding.close(company=company, by=alice, now=timezone.now())
    page = desk.post(send_link_url(company), follow=True).content.decode()
    assert "Not sent" in page
    assert not OutgoingEmail.objects.exists()


def test_look_again_makes_the_lane_due(desk, company, urls):
    Lane.objects.update(due_at=timezone.now() + timedelta(hours=5), hinted=False)
    assert desk.post(urls["look_again"]).status_code == 303
    lane = Lane.objects.get(company=company)
    assert lane.hinted
    assert lane.due_at <= timezone.now()


def test_revoke_asks_first_and_then_ends_the_link(desk, urls, link, alice):
    page = desk.get(urls["revoke"]).content.decode()
    assert "Take the link for" in page
    link.refresh_from_db()
    assert link.ended_at is None
    assert desk.post(urls["revoke"]).status_code == 303
    link.refresh_from_db()
    assert (link.ended_why, link.ended_by) == ("revoked", alice)


def test_a_second_revoke_changes_nothing(desk, urls, link):
    desk.post(urls["revoke"])
    link.refresh_from_db()
    ended_at = link.ended_at
    assert desk.post(urls["revoke"]).status_code == 303
    link.refresh_from_db()
    assert link.ended_at == ended_at


def test_a_finished_link_stays_finished_when_it_is_revoked_late(desk, urls, link):
    Invitation.objects.update(ended_at=timezone.now(), ended_why="finished")
    desk.post(urls["revoke"])
    link.refresh_from_db()
    assert link.ended_why == "finished"


@pytest.mark.parametrize("name", ALL)
def test_a_colleagues_customer_does_not_exist(bobs_desk, urls, name):
    assert bobs_desk.post(urls[name]).status_code == 404


@pytest.mark.parametrize("name", ["send_link", "relink", "revoke"])
def test_without_the_permission_to_invite_it_is_refused(company, urls, name):
    viewer = make_user("Vera")
    company.owner = viewer
    company.save(update_fields=["owner"])
    client = Client()
    client.force_login(viewer)
    assert client.post(urls[name]).status_code == 403


@pytest.mark.parametrize("name", ["send_link", "relink", "look_again"])
def test_opening_the_address_does_nothing(desk, urls, name):
    assert desk.get(urls[name]).status_code == 405


@pytest.mark.parametrize("name", ALL)
def test_anonymous_is_asked_to_sign_in(client, urls, name):
    assert client.post(urls[name]).headers["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("name", ALL)
def test_a_form_without_its_token_is_refused(alice, urls, name):
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    assert client.post(urls[name]).status_code == 403


@pytest.fixture
def waiting_read(company):
    """Sage 50 is connected, and its computer has not been heard from."""
    make_platform("hbql", "Sage 50", is_offline=True, set_up_by="key")
    sage = connect(company, stage="reading", platform_key="hbql", platform_name="Sage 50")
    company.problems.create(connection=sage, reason="machine_off", since=timezone.now())
    return sage


def test_the_steps_for_the_computer_are_sent_from_the_worklist(desk, company, waiting_read, alice):
    page = desk.get("/desk/").content.decode()
    address = (
        f"/desk/companies/{company.public_id}/connections/{waiting_read.public_id}/send-steps/"
    )
    assert "Send the steps" in page
    assert f'action="{address}"' in page

    response = desk.post(address, {"from": "worklist"}, follow=True)

    assert response.redirect_chain == [("/desk/", 303)]
    assert f"Sent to {company.primary_contact.email}." in response.content.decode()
    sent = OutgoingEmail.objects.get(kind="to_computer")
    assert (sent.invitation.sent_by, sent.invitation.platform_key) == (alice, "hbql")
    assert company.history.get(subject="steps_sent_to_computer").actor == "Alice"
    assert "Sent already" in desk.post(address, follow=True).content.decode()
    assert OutgoingEmail.objects.filter(kind="to_computer").count() == 1


def test_a_mail_about_a_computer_that_is_connected_says_to_turn_it_on(desk, company, waiting_read):
    desk.post(
        f"/desk/companies/{company.public_id}/connections/{waiting_read.public_id}/send-steps/"
    )

    message = emails.render(OutgoingEmail.objects.get(kind="to_computer"))

    assert message.subject == "Turn on the computer with Sage 50"
    assert "1. Turn on the Windows computer that has Sage 50." in message.body
    assert "Download" not in message.body


def test_steps_are_for_software_of_a_computer_only(desk, company):
    xero = connect(company)
    address = f"/desk/companies/{company.public_id}/connections/{xero.public_id}/send-steps/"

    assert "Not sent" in desk.post(address, follow=True).content.decode()
    assert not OutgoingEmail.objects.exists()
