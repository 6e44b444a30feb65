"""Desktop software: told before, sent to its computer, set up there, waited for."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from onboarding.journey.views.desktop import delay
from onboarding.linking import codat_client
from onboarding.linking.invitation_links import make_token
from onboarding.linking.models import (
    Company,
    CustomerSession,
    Invitation,
    LinkAttempt,
    OutgoingEmail,
    Platform,
)
from onboarding.linking.services import catalogue, consents, to_computer
from onboarding.linking.services.invitations import key_hash
from onboarding.linking.stages import WAITING_FOR_COMPUTER
from tests import factories

from . import seen

pytestmark = pytest.mark.django_db

PHONE = {"user-agent": "Mozilla/5.0 (iPhone) Mobile/15E148"}
POLL = {"HX-Request": "true", "HX-Target": "waiting_status"}
KEY = "1f0c6a3e-7d51-4a0c-9b77-2f5d3a9e8c10"


@pytest.fixture
def sage_50(xero):
    return factories.make_platform("hbql", "Sage 50", is_offline=True, set_up_by="key")


@pytest.fixture
def quickbooks(xero):
    return factories.make_platform(
        *("pqsw", "QuickBooks Desktop"),
        is_offline=True,
        set_up_by="password",
        read_from="19:00",
        read_until="07:00",
    )


@pytest.fixture
def company(company):
    company.codat_id = KEY
    company.save(update_fields=["codat_id"])
    return company


@pytest.fixture
def address(company):
    def address(page, platform="hbql"):
        return reverse(f"journey:{page}", args=[company.public_id, platform])

    return address


@pytest.fixture
def agree(company):
    def agree(platform):
        session, _key = factories.make_session(company)
        wording = consents.wording_for(platform=platform, language="en", firm_name="Northbank")
        now = timezone.now()
        consents.record(session=session, platform=platform, wording=wording, now=now)

    return agree


@pytest.fixture
def made(company, agree):
    """`made(sage_50)`: permission given, and the connection there to be signed in to."""

    def made(platform, status="PendingAuth", **fields):
        agree(platform)
        return factories.make_connection(
            company, platform.key, status, platform_name=platform.name, **fields
        )

    return made


# ── told before ──────────────────────────────────────────────────────────────────────────────────
def test_whoever_chooses_it_is_told_before_permission_is_asked(customer, company, sage_50, address):
    chooser = reverse("journey:choose", args=[company.public_id])
    assert address("computer") in customer.get(chooser).content.decode()
    page = customer.get(address("computer"))
    assert seen.heading(page) == "Sage 50 works on a Windows computer"
    assert "an administrator login of that computer" in seen.text(page)
    assert seen.primary_buttons(page) == ["I am at that computer"]
    assert address("permission") in page.content.decode()
    assert customer.get(address("permission")).status_code == 200


def test_on_a_phone_sending_it_comes_first_and_the_other_way_stays(customer, sage_50, address):
    page = customer.get(address("computer"), headers=PHONE)
    assert seen.primary_buttons(page) == ["Send this to that computer"]
    assert "I am at that computer" in seen.buttons(page)


@pytest.mark.parametrize("weekends", [True, False])
def test_software_that_is_read_at_night_says_so_before(customer, quickbooks, address, weekends):
    Platform.objects.filter(key="pqsw").update(read_at_weekends=weekends)
    words = seen.text(customer.get(address("computer", "pqsw")))
    assert "QuickBooks Desktop is read at night, from 19:00 to 07:00" in words
    assert ("and at weekends" in words) == weekends


def test_whoever_agreed_before_is_led_to_the_steps(customer, sage_50, agree, address):
    agree(sage_50)
    assert customer.get(address("computer"))["Location"] == address("guide")
    assert customer.get(address("permission"))["Location"] == address("guide")


def test_with_one_software_on_offer_its_own_page_comes_first(customer, company, sage_50, address):
    Platform.objects.exclude(key="hbql").update(shown=False)
    chooser = reverse("journey:progress", args=[company.public_id])
    assert customer.get(chooser).status_code == 303
    assert "Back" not in seen.text(customer.get(address("computer")))


@pytest.mark.parametrize("page", ["computer", "waiting"])
@pytest.mark.parametrize("platform", ["gbol", "none"])
def test_software_on_the_web_has_no_such_pages(customer, sage_50, address, page, platform):
    assert customer.get(address(page, platform)).status_code == 303


def test_the_steps_of_software_on_the_web_are_its_own_sign_in(customer, xero, address):
    assert customer.get(address("guide", "gbol"))["Location"] == address("leave", "gbol")


# ── to the computer ──────────────────────────────────────────────────────────────────────────────
def test_the_steps_are_mailed_and_their_link_opens_the_same_journey(
    customer, client, company, sage_50, address
):
    response = customer.post(address("send_steps"))
    assert response["Location"] == address("waiting")
    page = customer.get(address("waiting"))
    assert "We sent the steps to o•••@b••••.example." in seen.text(page)

    mail = OutgoingEmail.objects.get(kind="to_computer")
    client.cookies.clear()
    link = reverse("journey:invitation", args=[make_token(mail.invitation)])
    assert seen.heading(client.get(link)) == "Set up Sage 50 for Brook & Sons Ltd"
    assert client.post(link, headers=PHONE)["Location"] == address("computer")
    assert client.get(address("computer")).status_code == 200
    assert client.post(link)["Location"] == address("permission"), "it is read on that computer"
    assert client.get(address("permission")).status_code == 200


def test_who_began_alone_is_told_what_the_link_is_for_too(customer, client, company, sage_50):
    company.origin = Company.Origin.SELF_SERVICE
    company.save(update_fields=["origin"])
    session = CustomerSession.objects.get()
    link = to_computer.send_steps(session=session, platform=sage_50, now=timezone.now())
    page = client.get(reverse("journey:invitation", args=[make_token(link)]))
    assert seen.heading(page) == "Set up Sage 50 for Brook & Sons Ltd"


def test_after_permission_the_mailed_link_leads_straight_to_the_steps(
    client, customer, sage_50, agree, address
):
    agree(sage_50)
    customer.post(address("send_steps"))
    link = make_token(Invitation.objects.get(platform_key="hbql"))
    response = client.post(reverse("journey:invitation", args=[link]))
    assert response["Location"] == address("guide")


def test_once_it_is_connected_the_mailed_link_leads_on(client, customer, sage_50, made, address):
    customer.post(address("send_steps"))
    factories.restage(made(sage_50, "Linked").company)
    link = make_token(Invitation.objects.get(platform_key="hbql"))
    response = client.post(reverse("journey:invitation", args=[link]))
    assert response["Location"].endswith("/progress/")


# ── the steps ────────────────────────────────────────────────────────────────────────────────────
def test_the_licence_key_is_codats_id_of_the_company_and_can_be_copied(
    customer, sage_50, made, address
):
    made(sage_50)
    page = customer.get(address("guide"))
    assert seen.heading(page) == "Set up on the computer with Sage 50"
    assert f'data-copied="Copied">{KEY}</code>' in page.content.decode()
    assert "js/portal.js" in page.content.decode(), "it draws the button that copies"
    assert seen.primary_buttons(page) == ["Download the connector"]
    assert "I have finished these steps" in seen.buttons(page)
    assert "Use the same Windows computer" in seen.text(page)
    assert (
        "Download the connector Open the file Paste the licence key from below "
        "Choose Brook & Sons Ltd and confirm"
    ) in seen.text(page)


def test_quickbooks_desktop_is_set_up_by_a_password_that_setup_shows(
    customer, quickbooks, made, address
):
    made(quickbooks)
    page = customer.get(address("guide", "pqsw"))
    assert seen.primary_buttons(page) == ["Go to setup"]
    steps = (
        "Open Brook & Sons Ltd in QuickBooks Desktop",
        "Press “Go to setup”, and say how you use QuickBooks Desktop",
        "Install the Web Connector",
        "Open the setup file, and choose “Yes, always”",
        "Tick the new row, paste the password that setup shows, then press Update Selected",
    )
    assert " ".join(steps) in seen.text(page)
    assert "is read at night, from 19:00 to 07:00, and at weekends." in seen.text(page)
    assert KEY not in page.content.decode()


def test_software_we_know_nothing_more_of_is_left_to_its_own_setup(
    customer, sage_50, made, address
):
    Platform.objects.filter(key="hbql").update(set_up_by="")
    made(sage_50)
    page = customer.get(address("guide"))
    assert "Follow the steps that it shows" in seen.text(page)
    assert KEY not in page.content.decode()


def test_on_a_phone_the_steps_offer_to_be_sent_first(customer, sage_50, made, address):
    made(sage_50)
    page = customer.get(address("guide"), headers=PHONE)
    assert seen.primary_buttons(page) == ["Send this to that computer"]
    assert "Download the connector" in seen.buttons(page)


def test_without_permission_there_are_no_steps_yet(customer, sage_50, address):
    assert customer.get(address("guide"))["Location"] == address("permission")


def test_the_way_to_sign_in_goes_by_the_steps(customer, sage_50, made, address):
    made(sage_50)
    assert customer.get(address("leave"))["Location"] == address("guide")
    assert customer.post(address("leave"))["Location"] == address("guide")
    assert not LinkAttempt.objects.exists()


def test_a_reconnection_says_that_nothing_is_lost(customer, sage_50, made, address):
    made(sage_50, "Deauthorized")
    assert "Nothing that was read is lost." in seen.text(customer.get(address("guide")))


def test_another_accounting_software_comes_first(customer, company, sage_50, agree, address):
    agree(sage_50)
    factories.make_connection(company, status="Linked")
    for page in ("computer", "guide"):
        assert customer.get(address(page))["Location"] == address("permission")
    assert "Xero is already connected" in seen.text(customer.get(address("permission")))


@pytest.fixture
def at_codat(simulator, company, sage_50):
    company.codat_id = None
    company.save(update_fields=["codat_id"])
    catalogue.refresh_catalogue(codat_client.for_worker(), now=timezone.now())
    return simulator


def test_agreeing_makes_what_the_steps_need(customer, company, at_codat, address):
    page = customer.get(address("permission"))
    assert seen.primary_buttons(page) == ["Agree and see the steps"]
    answers = {"agree": "on", "version": seen.hidden(page, "version")}
    response = customer.post(address("permission"), answers)
    assert response["Location"] == address("guide")
    company.refresh_from_db()
    assert company.codat_id in customer.get(address("guide")).content.decode()


def test_steps_that_are_not_ready_are_made_by_a_press(customer, company, at_codat, agree, address):
    agree(Platform.objects.get(key="hbql"))
    page = customer.get(address("guide"))
    assert seen.primary_buttons(page) == ["Show the steps"]
    assert customer.post(address("guide"))["Location"] == address("guide")
    assert seen.primary_buttons(customer.get(address("guide"))) == ["Download the connector"]


def test_the_download_fetches_a_fresh_address(customer, company, at_codat, agree, address):
    agree(Platform.objects.get(key="hbql"))
    customer.post(address("guide"))
    response = customer.post(address("leave"), {"setup": "yes"})
    assert response["Location"].startswith(at_codat.url)
    assert LinkAttempt.objects.count() == 1
    progress = customer.get(reverse("journey:progress", args=[company.public_id]))
    assert progress["Location"] == address("waiting")


# ── the wait ─────────────────────────────────────────────────────────────────────────────────────
def test_the_wait_can_be_left_and_come_back_to(customer, sage_50, made, address):
    made(sage_50)
    page = customer.get(address("waiting"))
    assert seen.heading(page) == "Waiting for Sage 50"
    words = seen.text(page)
    assert "We will e-mail o•••@b••••.example when it is connected." in words
    assert "Is the computer on?" not in words
    assert {"Check again", "Show the steps", "Send the steps again"} <= set(seen.buttons(page))


def test_after_half_an_hour_it_says_what_may_stand_in_the_way(
    customer, sage_50, made, address, ago
):
    connection = made(sage_50)
    session, _key = factories.make_session(connection.company)
    LinkAttempt.objects.create(
        session=session, connection=connection, state_hash=key_hash("x"), sent_at=ago(minutes=31)
    )
    page = customer.get(address("waiting"))
    assert "Is the computer on?" in seen.text(page)
    assert "Is Brook & Sons Ltd open in Sage 50?" in seen.text(page)


def test_the_wait_ends_when_it_is_connected(customer, sage_50, made, address):
    made(sage_50, "Linked")
    assert customer.get(address("waiting"))["Location"].endswith("/progress/")
    poll = customer.get(address("waiting"), headers=POLL)
    assert poll["HX-Redirect"].endswith("/progress/")


def test_the_wait_ends_with_the_words_for_what_went_wrong(
    customer, company, sage_50, made, address
):
    session, _key = factories.make_session(company)
    now = timezone.now()
    LinkAttempt.objects.create(
        session=session,
        connection=made(sage_50),
        state_hash=key_hash("x"),
        sent_at=now,
        returned_at=now,
        return_hint="403",
    )
    assert customer.get(address("waiting"))["Location"].endswith("/progress/")
    progress = reverse("journey:progress", args=[company.public_id])
    assert seen.heading(customer.get(progress)) == "Sage 50 is not connected yet"


def test_the_wait_is_looked_at_ever_more_rarely_and_for_days(customer, sage_50, made, address):
    made(sage_50)
    assert [delay(looks) for looks in (0, 29, 30, 149, 150, 9999)] == [10, 10, 60, 60, 600, 600]
    fragment = customer.get(address("waiting"), {"looks": 9000}, headers=POLL).content.decode()
    assert "600" in fragment


def test_the_wait_stays_open_for_a_week_and_opens_nothing_else(customer, sage_50, made, address):
    made(sage_50)
    for days, status in ((6, 200), (8, 403)):
        CustomerSession.objects.update(used_at=timezone.now() - timedelta(days=days))
        assert customer.get(address("waiting")).status_code == status
        assert customer.get(address("guide")).status_code == 403


def test_who_comes_back_to_the_wait_after_days_is_told_that_it_is_connected(
    customer, company, sage_50, made, address
):
    factories.restage(made(sage_50, "Linked").company)
    CustomerSession.objects.update(used_at=timezone.now() - timedelta(days=2))
    page = customer.get(address("waiting"))
    assert page.status_code == 200
    assert seen.heading(page) == "Sage 50 is connected"
    assert seen.primary_buttons(page) == ["E-mail me a link to carry on"]
    assert company.true_name not in seen.text(page)
    assert customer.get(address("waiting"), headers=POLL)["HX-Refresh"] == "true"


# ── once it is connected ─────────────────────────────────────────────────────────────────────────
@pytest.fixture
def progress(customer, company, made):
    """`progress(sage_50, {"company": "Queued"})`: the page, with these reads of it."""

    def progress(platform, operations, *, description="", confirmed=True, **fields):
        connection = made(platform, **{"status": "Linked", **fields})
        if confirmed:
            factories.make_identity(connection, confirmed_at=timezone.now())
        for data_type, status in operations.items():
            factories.make_operation(connection, data_type, status, description=description)
        factories.restage(company)
        return customer.get(reverse("journey:progress", args=[company.public_id]))

    return progress


@pytest.mark.parametrize("confirmed", [True, False])
def test_a_computer_that_is_off_is_waited_for(progress, sage_50, confirmed):
    page = progress(sage_50, {"company": "Queued", "bills": "Queued"}, confirmed=confirmed)
    assert seen.heading(page) == "We are waiting for the computer with Sage 50"
    assert seen.primary_buttons(page) == ["I turned it on, check again"]
    assert "Send the steps again" in seen.buttons(page)


def test_a_connector_that_does_not_answer_asks_for_the_right_business(progress, quickbooks):
    Platform.objects.update(read_from=None, read_until=None)
    page = progress(quickbooks, {"bills": "Fetching"}, description=WAITING_FOR_COMPUTER)
    assert seen.heading(page) == "Open Brook & Sons Ltd in QuickBooks Desktop"
    assert seen.primary_buttons(page) == ["I opened it, check again"]


def test_outside_its_hours_it_is_read_at_night(progress, quickbooks):
    begins = timezone.now() + timedelta(hours=2)
    Platform.objects.filter(key="pqsw").update(
        read_from=f"{begins:%H}:00",
        read_until=f"{begins + timedelta(hours=1):%H}:00",
        read_at_weekends=False,
    )
    page = progress(quickbooks, {"company": "Queued"})
    assert seen.heading(page) == "QuickBooks Desktop is read at night"
    hours = f"from {begins:%H}:00 to {begins + timedelta(hours=1):%H}:00 , unless"
    assert hours in seen.text(page)


ENDED = {
    "one kind failed": ({"bills": "MapError"}, "We are trying “ Bills you get ” again"),
    "several failed": (
        {"bills": "MapError", "invoices": "FetchError"},
        "We are trying some information again",
    ),
    "permission ended": ({"bills": "AuthError"}, "Sage 50 has ended the permission"),
    "rights are missing": ({"bills": "PermissionsError"}, "Sage 50 needs an administrator"),
    "both": (
        {"bills": "PermissionsError", "invoices": "MapError"},
        "Sage 50 needs an administrator",
    ),
    "one goes on": (
        {"bills": "AuthError", "invoices": "Fetching"},
        "We are reading your information",
    ),
}


@pytest.mark.parametrize(("operations", "heading"), ENDED.values(), ids=ENDED)
def test_a_first_read_that_ended_badly_says_what_follows(progress, sage_50, operations, heading):
    page = progress(sage_50, {"company": "Complete", **operations})
    assert seen.heading(page) == heading
    assert "Business details Done" in seen.text(page)


def test_a_read_that_wants_a_new_sign_in_leads_there(customer, progress, sage_50, address):
    page = progress(sage_50, {"company": "Complete", "bills": "AuthError"})
    assert seen.primary_buttons(page) == ["Reconnect Sage 50"]
    assert customer.get(address("leave"))["Location"] == address("guide")
    assert seen.primary_buttons(customer.get(address("guide"))) == ["Download the connector"]


def test_the_connection_that_wants_a_new_sign_in_says_so(customer, company, progress, sage_50):
    progress(sage_50, {"company": "Complete", "bills": "AuthError"})
    page = customer.get(reverse("journey:connections", args=[company.public_id]))
    assert "Needs attention" in seen.text(page)
    assert "Reconnect Sage 50" in seen.buttons(page)


def test_software_that_was_read_once_is_not_called_lost(customer, company, progress, sage_50):
    page = progress(sage_50, {"company": "Complete"}, status="Deauthorized", one_time=True)
    assert page["Location"].endswith("/done/")
    connections = customer.get(reverse("journey:connections", args=[company.public_id]))
    assert "Read once" in seen.text(connections)
    assert "Needs attention" not in seen.text(connections)
    done = customer.get(reverse("journey:done", args=[company.public_id]))
    assert "It was read once and has disconnected, as planned." in seen.text(done)
    assert "You can stop at any time, under" not in seen.text(done)
