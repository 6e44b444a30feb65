import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from onboarding.linking.invitation_links import make_token
from onboarding.linking.models import CustomerSession, Invitation
from onboarding.linking.models.invitation import Purpose
from onboarding.linking.services import invitations, onboarding
from tests import factories

from . import seen

pytestmark = pytest.mark.django_db


def address(invitation):
    return reverse("journey:invitation", args=[make_token(invitation)])


@pytest.fixture
def invitation(company, xero, qbo):
    return factories.make_invitation(company)


def test_looking_at_a_link_says_whose_request_it_is_and_changes_nothing(client, invitation):
    page = client.get(address(invitation))
    assert page.status_code == 200
    heading = "Northbank asks Brook & Sons Ltd to connect its accounting software"
    assert seen.heading(page) == heading
    assert "Not your business? Close this page and tell us: 020 7946 0000" in seen.text(page)
    assert seen.primary_buttons(page) == ["Continue"]
    assert not CustomerSession.objects.exists()
    assert "journey" not in client.cookies
    invitation.refresh_from_db()
    assert invitation.opened_at is None


def test_of_several_kinds_of_software_none_is_named(client, invitation, shopify):
    page = client.get(address(invitation))
    assert seen.heading(page) == "Northbank asks Brook & Sons Ltd to connect its software"


def test_the_button_lets_in_and_leads_to_choosing(client, invitation, company):
    response = client.post(address(invitation))
    assert response.status_code == 303
    assert response["Location"] == f"/journey/{company.public_id}/software/"
    assert client.get(response["Location"]).status_code == 200


def test_a_link_works_again_until_its_purpose_is_done(client, invitation):
    assert client.post(address(invitation)).status_code == 303
    client.cookies.clear()
    assert client.post(address(invitation)).status_code == 303


def test_a_link_brings_back_to_where_the_customer_stopped(client, invitation, company):
    factories.make_identity(factories.make_connection(company, status="Linked"))
    factories.restage(company)
    response = client.post(address(invitation))
    assert response["Location"] == f"/journey/{company.public_id}/progress/"


def test_a_relink_leads_to_the_way_out_for_its_software(client, company, xero, qbo, now):
    connection = factories.make_connection(company, status="Deauthorized")
    relink = invitations.invite(
        company=company, purpose=Purpose.RELINK, connection=connection, now=now
    )
    assert "to reconnect Xero" in seen.heading(client.get(address(relink)))
    response = client.post(address(relink))
    there = f"/journey/{company.public_id}/connections/{connection.public_id}/reconnect/"
    assert response["Location"] == there
    assert "Choose the same business as before." in seen.text(client.get(response["Location"]))


@pytest.mark.parametrize(("is_offline", "minutes"), [(True, "15 minutes"), (False, "a minute")])
def test_a_relink_says_how_long_it_takes_with_this_software(
    client, company, now, is_offline, minutes
):
    factories.make_platform(name="Sage 50", is_offline=is_offline)
    connection = factories.make_connection(company, "gbol", status="Deauthorized")
    relink = invitations.invite(
        company=company, purpose=Purpose.RELINK, connection=connection, now=now
    )
    page = seen.text(client.get(address(relink)))
    assert f"about {minutes}" in page
    assert "Same business, nothing is lost." in page


@pytest.mark.parametrize("purpose", [Purpose.RELINK, Purpose.SIGN_IN])
def test_who_is_to_renew_what_still_works_is_told_how(client, company, xero, now, purpose):
    """By the mail that says so, or by the link that staff send."""
    long_ago = now - timedelta(days=49)
    times = dict.fromkeys(("linked_first_at", "linked_last_at", "last_read_at"), long_ago)
    connection = factories.make_connection(company, status="Linked", **times)
    factories.make_identity(connection, confirmed_at=long_ago)
    factories.make_operation(connection)
    factories.restage(company)
    about = {"connection": connection} if purpose == Purpose.RELINK else {}
    link = invitations.invite(company=company, purpose=purpose, now=now, **about)
    page = client.post(address(link), follow=True)
    assert seen.heading(page) == "Your connections"
    words = seen.text(page)
    assert "Ends soon" in words
    assert "disconnect Xero here, then reconnect it and choose the same business" in words
    disconnect = reverse("journey:disconnect", args=[company.public_id, connection.public_id])
    assert f'href="{disconnect}"' in page.content.decode()


def test_a_sign_in_link_leads_to_the_connections(client, company, xero, qbo):
    link = factories.make_invitation(company, Purpose.SIGN_IN)
    assert seen.heading(client.get(address(link))) == "Open your connections"
    assert client.post(address(link))["Location"] == f"/journey/{company.public_id}/connections/"


@pytest.fixture
def ended(invitation):
    """A link that ended for a reason."""

    def end(why):
        now = timezone.now()
        if why == "closed":
            onboarding.close(company=invitation.company, by=None, now=now)
            return address(invitation)
        if why == "expired":
            changes = {"expires_at": now - timedelta(days=1)}
        else:
            changes = {"ended_at": now, "ended_why": why}
        Invitation.objects.filter(pk=invitation.pk).update(**changes)
        return address(invitation)

    return end


@pytest.mark.parametrize(
    "end",
    [
        ("expired", "This link no longer works", True),
        ("finished", "This link was used before", True),
        ("replaced", "A newer link replaced this one", True),
        ("revoked", "This request was closed", False),
        ("closed", "This request was closed", False),
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_each_end_of_a_link_has_its_page(client, ended, end, method):
    why, heading, renewable = end
    page = getattr(client, method)(ended(why))
    assert page.status_code == 410
    assert seen.heading(page) == heading
    assert ("Send me a new link" in seen.buttons(page)) == renewable
    words = seen.text(page)
    assert ("o•••@b••••.example" in words) == renewable
    assert "owner@brook.example" not in words
    assert "Brook & Sons" not in words
    assert not CustomerSession.objects.exists()


@pytest.mark.parametrize("change", ["cut", "altered", "nonsense", "of another purpose", "long"])
def test_a_link_that_was_altered_cannot_be_read(client, invitation, change):
    token = make_token(invitation)
    broken = {
        "cut": token[:-3],
        "altered": ("B" if token[0] != "B" else "C") + token[1:],
        "nonsense": "nonsense",
        "of another purpose": make_token(
            Invitation(public_id=invitation.public_id, purpose=Purpose.SIGN_IN)
        ),
        "long": "x" * 3000,
    }[change]
    page = client.get(reverse("journey:invitation", args=[broken]))
    assert page.status_code == 404
    assert seen.heading(page) == "We cannot read this link"
    assert "Send me a new link" not in seen.buttons(page)


def test_a_new_link_goes_to_the_address_on_file_once_a_minute(client, ended, company):
    page = client.get(ended("expired"))
    renew = re.search(r'action="([^"]+/new/)"', page.content.decode()).group(1)
    company.emails.all().delete()
    Invitation.objects.update(created_at=timezone.now() - timedelta(days=20))
    assert seen.heading(client.post(renew)) == "We sent a new link to o•••@b••••.example"
    for _ in range(2):
        again = client.post(renew)
        assert seen.heading(again) == "A link is already on its way to o•••@b••••.example"
    assert company.emails.count() == 1
    mail = company.emails.get()
    assert (mail.kind, mail.contact.email) == ("new_link", "owner@brook.example")


@pytest.mark.parametrize("why", ["revoked", "closed"])
def test_a_request_that_was_taken_back_sends_nothing(client, ended, company, why):
    url = ended(why) + "new/"
    company.emails.all().delete()
    page = client.post(url)
    assert seen.heading(page) == "This request was closed"
    assert not company.emails.exists()


def test_asking_anew_with_a_link_that_works_shows_the_link(client, invitation, company):
    company.emails.all().delete()
    response = client.post(address(invitation) + "new/")
    assert response["Location"] == address(invitation)
    assert not company.emails.exists()


def test_the_browser_that_used_a_finished_link_may_carry_on(client, ended, company):
    url = ended("finished")
    _session, client.cookies["journey"] = factories.make_session(company)
    page = client.get(url)
    assert seen.primary_buttons(page) == ["Carry on"]


def test_a_session_dies_with_its_link_taken_back(client, invitation, company, ended):
    opened = client.post(address(invitation))["Location"]
    ended("revoked")
    page = client.get(opened)
    assert page.status_code == 403
    assert seen.heading(page) == "This request was closed"


@pytest.mark.parametrize("why", ["revoked", "closed"])
def test_a_session_whose_request_was_closed_gets_no_new_link(client, invitation, ended, why):
    client.post(address(invitation))
    ended(why)
    invitation.company.emails.all().delete()
    page = client.post(f"/journey/{invitation.company.public_id}/new-link/")
    assert seen.heading(page) == "This request was closed"
    assert not invitation.company.emails.exists()


def test_a_browser_whose_session_ended_may_ask_for_a_link(client, company, xero, qbo, ago):
    _session, client.cookies["journey"] = factories.make_session(company, now=ago(hours=1))
    page = client.post(f"/journey/{company.public_id}/new-link/")
    assert seen.heading(page) == "We sent a new link to o•••@b••••.example"
    assert company.emails.count() == 1


def test_nobody_else_may_make_us_mail_a_customer(client, company):
    assert client.post(f"/journey/{company.public_id}/new-link/").status_code == 404
    assert not company.emails.exists()


def test_no_page_of_a_link_leaks_it_to_other_sites(client, invitation):
    assert client.get(address(invitation))["Referrer-Policy"] == "same-origin"


def test_the_token_is_not_logged(client, invitation, caplog):
    caplog.set_level(0)
    client.get(address(invitation))
    client.post(address(invitation))
    assert make_token(invitation) not in caplog.text


def test_a_link_of_the_firm_that_reached_somebody_else_comes_back_to_staff(client, invitation):
    client.post(address(invitation) + "not-for-me/")
    page = client.get(address(invitation))
    assert seen.heading(page) == "Thank you for telling us"
    assert seen.primary_buttons(page) == []
    company = factories.restage(invitation.company)
    assert list(company.problems.open().values_list("reason", flat=True)) == ["not_theirs"]
    invitations.invite(company=company, purpose=Purpose.ONBOARD, now=timezone.now())
    factories.restage(company)
    assert not company.problems.open().exists()


def test_a_link_that_is_not_theirs_is_not_sent_to_them_again(client, invitation, company):
    client.post(address(invitation) + "not-for-me/")
    client.post(address(invitation) + "new/")
    assert company.invitations.count() == 1
    assert client.post(address(invitation) + "not-for-me/").status_code == 410
