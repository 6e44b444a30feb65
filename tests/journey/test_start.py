import re
import time
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from onboarding.journey import decorators
from onboarding.linking import emails
from onboarding.linking.invitation_links import make_token
from onboarding.linking.models import (
    CodatWrite,
    Company,
    Contact,
    CustomerSession,
    Invitation,
    OutgoingEmail,
)
from onboarding.linking.services import housekeeping
from tests import factories

from . import seen

pytestmark = pytest.mark.django_db
ANSWERS = {"name": "Brook & Sons Ltd", "email": "owner@brook.example"}


@pytest.fixture
def form(client, xero, qbo):
    """The hidden field of a form that was really shown."""
    return {"start_key": seen.hidden(client.get("/"), "start_key")}


def test_start_asks_two_things_and_says_how_long_it_takes(client, xero, qbo):
    page = client.get("/")
    assert seen.heading(page) == "Connect your business to Northbank"
    assert seen.title(page) == "Connect your business to Northbank – Step 1 of 4 – Northbank"
    assert seen.primary_buttons(page) == ["Connect accounting software"]
    assert "about 3 minutes" in seen.text(page)


def test_answers_mail_a_link_and_let_nobody_in(client, form):
    response = client.post("/", {**form, **ANSWERS})
    assert (response.status_code, response["Location"]) == (303, "/sent/")
    assert "journey" not in response.cookies
    assert not CustomerSession.objects.exists()
    assert not CodatWrite.objects.exists()
    page = client.get("/sent/")
    assert seen.heading(page) == "We sent a link to owner@brook.example"
    mail = OutgoingEmail.objects.get()
    assert (mail.kind, mail.contact.email) == ("start", "owner@brook.example")
    assert mail.company.true_name == "Brook & Sons Ltd"


def test_the_mailed_link_lets_this_browser_in_and_proves_the_address(client, form):
    client.post("/", {**form, **ANSWERS})
    link = link_in_mail()
    assert seen.heading(client.get(link)) == "Carry on for Brook & Sons Ltd"
    assert Contact.objects.get().verified_at is None
    response = client.post(link)
    company = Company.objects.get()
    assert response["Location"] == f"/journey/{company.public_id}/software/"
    cookie = response.cookies["journey"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert client.get(response["Location"]).status_code == 200
    assert Contact.objects.get().verified_at
    assert CustomerSession.objects.get().channel == "self_service"
    assert client.get("/sent/").status_code == 303


def body_of_mail():
    """Of the newest one, the same in both parts."""
    message = emails.render(OutgoingEmail.objects.latest("pk"))
    html = re.sub("</?bdi[^>]*>", "", message.alternatives[0][0])
    for line in re.findall(r"(?m)^[23]\. (.+)$", message.body):
        assert line in html
    return message.body


def link_in_mail():
    return reverse("journey:invitation", args=[make_token(Invitation.objects.first())])


def lets_in(client):
    response = client.post(link_in_mail())
    assert response.status_code == 303
    return response


def test_the_key_in_the_cookie_is_stored_nowhere(client, form):
    client.post("/", {**form, **ANSWERS})
    lets_in(client)
    key = client.cookies["journey"].value
    assert CustomerSession.objects.get().key_hash not in key
    assert len(key) >= 40


def test_the_mail_says_nothing_that_a_stranger_may_have_typed(client, form):
    client.post("/", {**form, "name": "Win at evil.example", "email": "owner@brook.example"})
    message = emails.render(OutgoingEmail.objects.get())
    html = message.alternatives[0][0]
    for text in (message.subject, message.body, html):
        assert "evil" not in text


def test_second_press_of_the_button_sends_one_mail_about_one_company(client, form):
    for _ in range(2):
        client.post("/", {**form, **ANSWERS})
    assert (Company.objects.count(), OutgoingEmail.objects.count()) == (1, 1)


def test_the_same_business_begun_on_another_device_is_the_same_company(client, form):
    client.post("/", {**form, **ANSWERS})
    Invitation.objects.update(created_at=timezone.now() - timedelta(hours=1))
    Client().post("/", {"name": "brook & sons LTD", "email": "Owner@Brook.example"})
    assert (Company.objects.count(), OutgoingEmail.objects.count()) == (1, 2)


def test_who_is_known_sees_and_hears_what_a_stranger_does(client, form, company):
    factories.make_connection(company, status="Linked")
    known = client.post("/", {**form, **ANSWERS}, follow=True)
    unknown = Client().post("/", {"name": "Else", "email": "else@brook.example"}, follow=True)
    assert seen.text(known).replace("owner@", "else@") == seen.text(unknown)
    assert Company.objects.filter(true_name="Brook & Sons Ltd").count() == 1
    assert list(OutgoingEmail.objects.values_list("kind", flat=True)) == ["start", "start"]
    purposes = {i.company.true_name: i.purpose for i in Invitation.objects.all()}
    assert purposes == {"Brook & Sons Ltd": "sign_in", "Else": "onboard"}


@pytest.mark.parametrize("email", ["owner@brook.example", "nobody@brook.example"])
def test_no_answer_comes_sooner_for_any_address(client, form, company, monkeypatch, email):
    monkeypatch.setattr(decorators, "ANSWER_AFTER", 0.2)
    began = time.monotonic()
    client.post("/", {**form, **ANSWERS, "email": email})
    assert time.monotonic() - began >= 0.2


def test_one_address_gets_five_mails_a_day_whatever_is_typed(client, xero, qbo):
    for number in range(7):
        response = client.post("/", {**ANSWERS, "name": f"Business {number}"})
        assert response.status_code == 303
    assert OutgoingEmail.objects.count() == 5


def test_a_start_that_is_not_proved_asks_nothing_of_staff_and_is_thrown_away(client, form, now):
    client.post("/", {**form, **ANSWERS})
    OutgoingEmail.objects.update(parked_reason="The mail server refused it")
    company = factories.restage(Company.objects.get())
    assert company.stage == "draft"
    assert not company.problems.exists()
    Company.objects.update(created_at=now - timedelta(days=29))
    housekeeping.prune(now=now)
    assert Company.objects.exists()
    Company.objects.update(created_at=now - timedelta(days=31))
    housekeeping.prune(now=now)
    assert not Company.objects.exists()


def test_a_start_that_was_proved_is_kept(client, form, now):
    client.post("/", {**form, **ANSWERS})
    lets_in(client)
    Company.objects.update(created_at=now - timedelta(days=400))
    housekeeping.prune(now=now)
    assert Company.objects.exists()


def test_a_name_corrected_after_back_is_not_dropped(client, form):
    client.post("/", {**form, **ANSWERS})
    client.post("/", {**form, **ANSWERS, "name": "Brook & Daughters Ltd"})
    assert set(Company.objects.values_list("true_name", flat=True)) == {
        "Brook & Sons Ltd",
        "Brook & Daughters Ltd",
    }


def test_a_slip_in_the_address_is_mended_without_typing_all_of_it_again(client, form):
    client.post("/", {**form, **ANSWERS, "email": "owner@brok.example"})
    page = client.get("/")
    assert 'value="Brook &amp; Sons Ltd"' in page.content.decode()
    assert 'value="owner@brok.example"' in page.content.decode()
    assert "brok" not in seen.text(Client().get("/"))


@pytest.mark.parametrize("cookie", ["", "x", "eyJlbWFpbCI6ImEifQ:1:forged"])
def test_nobody_else_can_put_words_on_the_page_after_it(client, cookie):
    client.cookies["started"] = cookie
    assert client.get("/sent/")["Location"] == "/"


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ({"name": "", "email": "a@b.example"}, "Enter the name of your business"),
        ({"name": "   ", "email": "a@b.example"}, "Enter the name of your business"),
        ({"name": "!!!", "email": "a@b.example"}, "Use at least one letter or number"),
        ({"name": "x" * 201, "email": "a@b.example"}, "Use 200 characters or fewer"),
        ({"name": "Brook", "email": ""}, "Enter an e-mail address like name@example.com"),
        ({"name": "Brook", "email": "owner"}, "Enter an e-mail address like name@example.com"),
    ],
)
def test_a_refused_answer_is_named_once_above_and_once_at_its_field(client, form, answers, error):
    page = client.post("/", {**form, **answers})
    assert page.status_code == 422
    assert seen.title(page).startswith("Error: ")
    assert seen.errors(page) == [error]
    assert seen.text(page).count(error) == 2
    assert Company.objects.count() == 0


def test_what_was_typed_stays_after_a_mistake(client, form):
    page = client.post("/", {**form, "name": "Brook <b>", "email": "wrong"})
    assert 'value="Brook &lt;b&gt;"' in page.content.decode()
    assert 'value="wrong"' in page.content.decode()


def test_a_name_without_a_latin_letter_is_welcome(client, form):
    client.post("/", {**form, "name": "ブルック商店", "email": "owner@brook.example"})
    assert Company.objects.get().true_name == "ブルック商店"


def test_a_form_without_its_hidden_field_still_works(client, xero, qbo):
    assert client.post("/", ANSWERS).status_code == 303


def test_with_one_software_on_offer_the_chooser_is_skipped(client, xero):
    page = client.get("/")
    assert "Step 1 of 3" in seen.title(page)
    client.post("/", ANSWERS)
    assert lets_in(client)["Location"].endswith("/permission/gbol/")


def test_an_address_for_one_software_leads_straight_to_it(client, xero, qbo):
    page = client.get("/connect/qhyg/")
    assert seen.heading(page) == "Connect QuickBooks Online to Northbank"
    assert seen.primary_buttons(page) == ["Connect QuickBooks Online"]
    client.post("/connect/qhyg/", ANSWERS)
    assert 'href="/connect/qhyg/"' in client.get("/sent/").content.decode()
    assert lets_in(client)["Location"].endswith("/permission/qhyg/")


def test_the_mailed_link_of_an_address_for_one_software_says_what_comes_next(client, xero, qbo):
    for _ in range(2):
        client.post("/connect/qhyg/", ANSWERS)
    assert OutgoingEmail.objects.count() == 1
    assert "2. Sign in to QuickBooks Online and allow access." in body_of_mail()
    page = client.get(link_in_mail())
    assert seen.heading(page) == "Carry on for Brook & Sons Ltd"
    assert "You now sign in to QuickBooks Online on its own page." in seen.text(page)
    lets_in(client)
    assert CustomerSession.objects.get().channel == "self_service"


def test_where_there_is_a_choice_the_mail_says_to_choose(client, form):
    client.post("/", {**form, **ANSWERS})
    assert "2. Choose your software.\n3. Sign in there and allow access." in body_of_mail()


def test_of_desktop_software_the_first_page_says_which_computer_and_how_long(client, xero):
    factories.make_platform("hbql", "Sage 50", is_offline=True, set_up_by="key")
    client.post("/connect/hbql/", ANSWERS)
    expected = "Sage 50 is set up on the Windows computer that has it, in about 15 minutes."
    for page in (client.get("/connect/hbql/"), client.get(link_in_mail())):
        assert expected in seen.text(page)
        assert "3 minutes" not in seen.text(page)
    assert "3 minutes" in seen.text(client.get("/"))
    assert "2. Follow the steps for the Windows computer that has Sage 50." in body_of_mail()
    assert lets_in(client)["Location"].endswith("/permission/hbql/")
    on_a_phone = client.post(link_in_mail(), headers={"user-agent": "Mobile"})
    assert on_a_phone["Location"].endswith("/computer/hbql/")


@pytest.mark.parametrize("self_service", [True, False])
def test_with_only_desktop_software_on_offer_the_first_page_says_so(
    client, settings, company, self_service
):
    settings.SELF_SERVICE = self_service
    factories.make_platform("hbql", "Sage 50", is_offline=True, set_up_by="key")
    mailed = reverse("journey:invitation", args=[make_token(factories.make_invitation(company))])
    for page in (client.get("/"), client.get(mailed)):
        assert "on the Windows computer that has it, in about 15 minutes." in seen.text(page)
        assert "3 minutes" not in seen.text(page)


def test_who_is_connected_already_is_led_to_the_software_of_the_address(
    client, company, xero, shopify
):
    connection = factories.make_connection(company, status="Linked")
    factories.make_identity(connection, confirmed_at=timezone.now())
    factories.restage(company)
    client.post("/connect/fztf/", ANSWERS)
    assert Invitation.objects.get(platform_key="fztf").purpose == "sign_in"
    permission = lets_in(client)["Location"]
    assert permission.endswith("/permission/fztf/")
    assert client.get(permission).status_code == 200


def test_who_is_let_in_already_is_led_to_the_software_of_the_address(client, form):
    client.post("/", {**form, **ANSWERS})
    lets_in(client)
    assert client.post("/connect/qhyg/", ANSWERS)["Location"].endswith("/permission/qhyg/")


def test_the_steps_of_an_address_for_one_software_leave_the_chooser_out(client, xero, qbo):
    assert "Step 1 of 3" in seen.title(client.get("/connect/qhyg/"))
    client.post("/connect/qhyg/", ANSWERS)
    permission = lets_in(client)["Location"]
    assert "Step 2 of 3" in seen.title(client.get(permission))
    other = permission.replace("qhyg", "gbol")
    assert "Step 3 of 4" in seen.title(client.get(other)), "that one had to be chosen"


def test_an_address_for_software_that_is_not_on_offer_leads_to_the_start(client, xero, qbo):
    assert client.get("/connect/zzzz/")["Location"] == "/"


def test_two_businesses_in_one_browser_are_both_open(client, xero, qbo):
    for name in ("Brook & Sons Ltd", "Harbour Cafe Ltd"):
        client.post("/", {**ANSWERS, "name": name})
        lets_in(client)
    for company in Company.objects.all():
        assert client.get(f"/journey/{company.public_id}/software/").status_code == 200


def test_without_self_service_the_page_points_at_the_mailed_link(client, settings):
    settings.SELF_SERVICE = False
    page = client.get("/")
    assert "by e-mail" in seen.text(page)
    assert "<input" not in page.content.decode()
    assert client.post("/", ANSWERS).status_code == 405
    assert Company.objects.count() == 0


def test_too_many_posts_get_a_page_that_says_to_wait(client, real_redis, settings, xero, qbo):
    settings.PUBLIC_POST_LIMIT = "2/600"
    answers = [client.post("/", ANSWERS).status_code for _ in range(3)]
    assert answers == [303, 303, 429]
    page = client.post("/", ANSWERS)
    assert seen.heading(page) == "Wait a few minutes, then carry on"


def test_links_to_one_address_and_from_one_are_limited(client, real_redis, settings, xero, qbo):
    settings.SELF_SERVICE_LIMIT = "1/600"
    answers = [client.post("/", ANSWERS).status_code for _ in range(2)]
    assert answers == [303, 429]
    others = [{**ANSWERS, "email": f"owner{number}@brook.example"} for number in range(10)]
    assert [client.post("/", each).status_code for each in others] == [303] * 9 + [429]


def test_the_same_answers_in_a_new_form_of_the_same_browser_find_the_same_company(client, form):
    client.post("/", {**form, **ANSWERS})
    lets_in(client)
    again = {"start_key": seen.hidden(client.get("/"), "start_key"), **ANSWERS}
    assert client.post("/", again)["Location"].endswith("/software/")
    assert (Company.objects.count(), OutgoingEmail.objects.count()) == (1, 1)
