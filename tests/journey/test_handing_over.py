"""Someone else has the login: what the asker sees, and the little that the helper sees."""

from datetime import timedelta

import pytest
from django.core import mail as django_mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from onboarding.linking import emails
from onboarding.linking.invitation_links import make_token
from onboarding.linking.models import Connection, CustomerSession, Invitation, LinkAttempt
from onboarding.linking.models import OutgoingEmail as Email
from onboarding.linking.models.invitation import Purpose
from onboarding.linking.services import consents, invitations
from onboarding.linking.services.invitations import key_hash
from onboarding.linking.stages import Reason
from tests import factories

from . import seen

pytestmark = pytest.mark.django_db
DANA = {"name": "Dana Field", "email": "dana@fieldbooks.example", "note": "It is the main books."}


@pytest.fixture
def connection(company, xero, qbo):
    session, _key = factories.make_session(company)
    wording = consents.wording_for(platform=xero, language="en", firm_name="Northbank")
    consents.record(session=session, platform=xero, wording=wording, now=timezone.now())
    return factories.make_connection(company)


def address(page, company, *more):
    return reverse(f"journey:{page}", args=[company.public_id, "gbol", *more])


@pytest.fixture
def form(company, connection):
    return address("hand_over", company)


@pytest.fixture
def asked(customer, form, company):
    assert customer.post(form, DANA).status_code == 303
    return company.invitations.get(purpose=Purpose.DELEGATE)


@pytest.fixture
def helper(asked):
    """The browser of who was asked, after pressing the button of the mailed link."""
    client = Client()
    link = reverse("journey:invitation", args=[make_token(asked)])
    response = client.post(link)
    assert response["Location"] == address("helping", asked.company)
    return client


def hop(company, connection, code):
    """The helper's browser went to the software and came back."""
    LinkAttempt.objects.create(
        session=CustomerSession.objects.get(purpose=Purpose.DELEGATE),
        connection=connection,
        state_hash=key_hash("state"),
        sent_at=timezone.now(),
        returned_at=timezone.now(),
        return_hint=code,
    )


def linked_by(company, connection):
    now = timezone.now()
    Connection.objects.update(
        status="Linked", linked_first_at=now, linked_last_at=now, status_changed_at=now
    )
    factories.restage(company)


# ── who asks ─────────────────────────────────────────────────────────────────────────────────────
def test_the_form_says_what_the_other_person_sees(customer, form):
    page = customer.get(form)
    assert seen.heading(page) == "Who can sign in to Xero?"
    assert "They see who asks, for which business, and your note, nothing else." in seen.text(page)
    assert seen.primary_buttons(page) == ["Send link"]


def test_mistakes_are_named_and_what_was_typed_is_kept(customer, form, company):
    page = customer.post(form, {"name": "", "email": "dana", "note": "n" * 501})
    assert page.status_code == 422
    assert seen.errors(page) == [
        "Enter the name of the person",
        "Enter an e-mail address like name@example.com",
        "Use 500 characters or fewer",
    ]
    assert not company.invitations.exists()


def test_the_helper_is_mailed_and_the_asker_sees_how_it_stands(customer, form, company, asked):
    mail = Email.objects.get()
    assert (mail.kind, mail.contact.email) == ("delegate", "dana@fieldbooks.example")
    assert (asked.platform_key, asked.note) == ("gbol", "It is the main books.")
    page = customer.get(form)
    assert seen.heading(page) == "We asked Dana Field to connect Xero"
    assert "Not opened yet" in seen.text(page)
    assert seen.primary_buttons(page) == ["Your connections"]
    assert company.primary_contact.email == "owner@brook.example"
    factories.restage(company)
    reasons = company.problems.open().values_list("reason", flat=True)
    assert Reason.WAITING_FOR_DELEGATE in reasons


def test_a_second_press_asks_once_and_another_person_replaces_the_first(
    customer, form, company, asked
):
    customer.post(form, DANA)
    assert company.invitations.count() == 1
    customer.post(form, {"name": "Eve", "email": "eve@fieldbooks.example"})
    asked.refresh_from_db()
    assert asked.ended_why == "replaced"
    assert seen.heading(customer.get(form)) == "We asked Eve to connect Xero"


def test_permission_comes_before_asking_somebody_else(customer, company, xero, qbo):
    response = customer.get(address("hand_over", company))
    assert response["Location"] == address("permission", company)


def test_who_agrees_may_let_someone_else_sign_in(customer, company, xero, qbo):
    url = address("permission", company)
    version = seen.hidden(customer.get(url), "version")
    response = customer.post(url, {"agree": "on", "version": version, "helper": "yes"})
    assert response["Location"] == address("hand_over", company)
    assert company.consents.count() == 1


def test_a_reminder_goes_out_once_a_day(customer, company, asked):
    remind = address("hand_over_remind", company)
    customer.post(remind)
    assert Email.objects.count() == 1
    yesterday = timezone.now() - timedelta(hours=25)
    Email.objects.update(sent_at=yesterday)
    assert seen.primary_buttons(customer.get(address("hand_over", company))) == [
        "Remind Dana Field"
    ]
    for _ in range(2):
        customer.post(remind)
    assert Email.objects.filter(kind="delegate").count() == 2


# ── who helps ────────────────────────────────────────────────────────────────────────────────────
def test_the_mailed_link_says_who_asks_and_for_what(asked):
    person = asked.asked_by
    person.name = "Ann Brook"
    person.save(update_fields=["name"])
    page = Client().get(reverse("journey:invitation", args=[make_token(asked)]))
    assert seen.heading(page) == "Ann Brook asks you to connect Xero for Brook & Sons Ltd"
    assert "Ann Brook wrote to you: It is the main books." in seen.text(page)
    assert "owner@brook.example" not in seen.text(page)


def test_who_asks_without_a_name_of_their_own_is_the_business_and_named_once(asked):
    page = Client().get(reverse("journey:invitation", args=[make_token(asked)]))
    assert seen.heading(page) == "Brook & Sons Ltd asks you to connect Xero"
    assert emails.send(Email.objects.get().pk, now=timezone.now())
    (mail,) = django_mail.outbox
    assert mail.subject == "Brook & Sons Ltd asks you to connect Xero"
    assert "asks you to connect Xero. You only sign in" in mail.body


def test_the_helper_is_told_whose_sign_in_comes_next(helper, company):
    page = helper.get(address("helping", company))
    assert seen.heading(page) == "You are going to Xero"
    assert seen.primary_buttons(page) == ["Go to Xero"]
    assert "who can ask someone else" in seen.text(page)
    assert "https:" in seen.form_action(page)


@pytest.mark.parametrize("name", ["permission", "leave", "preparing", "hand_over", "receipt"])
def test_the_helper_sees_no_other_page_of_this_software(helper, company, name):
    assert helper.get(address(name, company)).status_code == 404


@pytest.mark.parametrize("name", ["choose", "progress", "confirm", "done", "connections"])
def test_the_helper_sees_nothing_of_the_business(helper, company, name):
    assert helper.get(reverse(f"journey:{name}", args=[company.public_id])).status_code == 404


def test_the_helper_sees_no_other_software(helper, company):
    url = reverse("journey:helping", args=[company.public_id, "qhyg"])
    assert helper.get(url).status_code == 404


def test_a_customer_who_opened_both_links_keeps_the_customers_pages(helper, company):
    _session, key = factories.make_session(company)
    helper.cookies["journey"] = f"{key}.{helper.cookies['journey'].value}"
    assert helper.get(reverse("journey:choose", args=[company.public_id])).status_code == 200
    assert helper.get(address("helping", company)).status_code == 200


@pytest.mark.parametrize(
    ("code", "heading"),
    [
        ("403", "Xero is not connected yet"),
        ("500", "Xero is not connected yet"),
        ("200", "We are checking with Xero"),
        ("", "We are checking with Xero"),
    ],
)
def test_the_helper_sees_how_it_went(helper, company, connection, code, heading):
    hop(company, connection, code)
    page = helper.get(address("helping", company))
    assert seen.heading(page) == heading
    assert len(seen.primary_buttons(page)) == 1


def test_the_helpers_page_looks_again_by_itself_until_it_knows(helper, company, connection):
    def poll():
        asked = {"HX-Request": "true", "HX-Target": "waiting_status"}
        return helper.get(address("helping", company), {"looks": 1}, headers=asked)

    hop(company, connection, "200")
    page = helper.get(address("helping", company)).content.decode()
    assert "htmx" in page
    assert f'hx-get="{address("helping", company)}"' in page
    again = poll().content.decode()
    assert "<html" not in again
    assert "hx-get" in again
    linked_by(company, connection)
    assert poll()["HX-Redirect"] == address("helping", company)
    page = helper.get(address("helping", company)).content.decode()
    assert "hx-get" not in page


def test_coming_back_leads_the_helper_to_their_own_page(helper, company, connection):
    hop(company, connection, "")
    response = helper.get("/link/return?state=state&statusCode=200")
    assert response["Location"] == address("helping", company)


def test_when_it_is_done_the_asker_is_mailed_and_confirms(helper, company, connection, asked, form):
    hop(company, connection, "200")
    linked_by(company, connection)
    page = helper.get(address("helping", company))
    assert seen.heading(page) == "Thank you, your part is done"
    asked.refresh_from_db()
    assert asked.ended_why == "finished"
    mail = Email.objects.get(kind="delegate_done")
    assert mail.contact.email == "owner@brook.example"
    assert not company.problems.open().filter(reason=Reason.WAITING_FOR_DELEGATE).exists()
    owner = Client()
    _session, owner.cookies["journey"] = factories.make_session(company)
    page = owner.get(form)
    assert seen.heading(page) == "Dana Field has connected Xero"
    assert "Check the name of the business now" in seen.text(page)
    known = factories.make_identity(Connection.objects.get())
    factories.restage(company)
    opened = Client().post(reverse("journey:invitation", args=[make_token(mail.invitation)]))
    assert opened["Location"] == reverse("journey:progress", args=[company.public_id])

    known.confirmed_at = timezone.now()
    known.save(update_fields=["confirmed_at"])
    factories.restage(company)
    assert "Nothing more to do for this part." in seen.text(owner.get(form))


def test_who_signs_in_after_all_is_not_told_that_the_helper_did(company, connection, asked):
    session, _key = factories.make_session(company)
    LinkAttempt.objects.create(
        session=session, connection=connection, state_hash="x", sent_at=timezone.now()
    )
    linked_by(company, connection)
    asked.refresh_from_db()
    assert asked.ended_why == "finished"
    assert not Email.objects.filter(kind="delegate_done").exists()


def test_a_link_taken_back_shuts_the_helpers_page(helper, customer, company, form):
    response = customer.post(address("hand_over_take_back", company), follow=True)
    assert seen.heading(response) == "Who can sign in to Xero?"
    page = helper.get(address("helping", company))
    assert (page.status_code, seen.heading(page)) == (403, "This request was closed")
    assert helper.post(address("helping", company)).status_code == 403


@pytest.mark.parametrize("why", ["replaced", "expired"])
def test_a_link_that_ended_sends_the_helper_nowhere(helper, company, asked, why):
    now = timezone.now()
    ends = {"expires_at": now} if why == "expired" else {"ended_at": now, "ended_why": why}
    Invitation.objects.filter(pk=asked.pk).update(**ends)
    page = helper.post(address("helping", company))
    assert seen.heading(page) == "Xero cannot be connected now"
    assert not LinkAttempt.objects.exists()


@pytest.mark.parametrize("why", ["finished", "replaced", "expired"])
def test_the_helper_never_gets_a_link_of_another_kind(asked, company, why):
    now = timezone.now()
    ends = {"expires_at": now} if why == "expired" else {"ended_at": now, "ended_why": why}
    Invitation.objects.filter(pk=asked.pk).update(**ends)
    Email.objects.all().delete()
    url = reverse("journey:invitation", args=[make_token(asked)])
    page = Client().get(url)
    assert "Send me a new link" not in seen.buttons(page)
    assert "owner@" not in seen.text(page)
    Client().post(url + "new/")
    asked.refresh_from_db()
    invitations.send_new_link(invitation=asked, now=now)
    assert not Email.objects.exists()


def test_an_idle_helper_is_sent_to_the_mail_and_the_customer_is_left_alone(helper, company):
    CustomerSession.objects.update(used_at=timezone.now() - timedelta(hours=1))
    Email.objects.all().delete()
    page = helper.get(address("helping", company))
    assert seen.heading(page) == "We closed your session to keep it safe"
    assert "E-mail me" not in seen.text(page)
    assert (
        helper.post(reverse("journey:session_renew", args=[company.public_id])).status_code == 404
    )
    assert not Email.objects.exists()


# ── not for me ───────────────────────────────────────────────────────────────────────────────────
def test_who_says_that_it_is_not_for_them_ends_the_link_and_the_asker_hears(asked, company):
    link = reverse("journey:invitation", args=[make_token(asked)])
    other = Client()
    assert "This is not for me" in seen.buttons(other.get(link))
    page = other.post(link + "not-for-me/", follow=True)
    assert page.redirect_chain == [(link, 303)]
    assert seen.heading(page) == "Thank you for telling us"
    assert "We let Brook & Sons Ltd know. You can close this page." in seen.text(page)
    mail = Email.objects.get(kind="delegate_declined")
    assert mail.contact == company.primary_contact
    assert emails.render(mail).subject == "Dana Field cannot connect Xero"
    factories.restage(company)
    assert not company.problems.open().exists()
    assert other.post(link).status_code == 410


def test_saying_so_twice_tells_once_and_shuts_what_was_open(helper, asked, company):
    link = reverse("journey:invitation", args=[make_token(asked)])
    for _ in range(2):
        helper.post(link + "not-for-me/")
    assert Email.objects.filter(kind="delegate_declined").count() == 1
    assert helper.get(address("helping", company)).status_code == 403


def test_a_link_that_ran_out_is_asked_for_again_with_one_press(customer, form, asked):
    Invitation.objects.update(expires_at=timezone.now())
    page = customer.get(form)
    assert seen.heading(page) == "The link for Dana Field no longer works"
    assert seen.primary_buttons(page) == ["Ask again"]
    html = customer.get(form, {"other": "1"}).content.decode()
    assert 'value="Dana Field"' in html
    assert 'value="dana@fieldbooks.example"' in html


def test_who_is_asked_instead_of_another_is_not_filled_in(customer, form, asked):
    assert DANA["name"] not in customer.get(form, {"other": "1"}).content.decode()


# ── in words of one's own ────────────────────────────────────────────────────────────────────────
def test_who_writes_the_mail_alone_gets_a_link_for_this_software_only(customer, form, company):
    assert "Write my own e-mail instead" in seen.buttons(customer.get(form))
    assert customer.post(form, {"own": "yes", "name": "", "email": ""}).status_code == 303
    asked = company.invitations.get(purpose=Purpose.DELEGATE)
    page = customer.get(form)
    assert seen.heading(page) == "Pass this link on"
    link = reverse("journey:invitation", args=[make_token(asked)])
    html = page.content.decode()
    assert f">http://testserver{link}</code>" in html
    assert 'href="mailto:?subject=Connect%20Xero%20for%20Brook%20%26%20Sons%20Ltd&amp;body=' in html
    assert not Email.objects.exists()
    other = Client()
    assert other.post(link)["Location"] == address("helping", company)
    assert "Not opened yet" not in seen.text(customer.get(form))


def test_a_link_passed_on_by_hand_can_be_taken_back_and_ends(customer, form, company):
    customer.post(form, {"own": "yes"})
    asked = company.invitations.get(purpose=Purpose.DELEGATE)
    link = reverse("journey:invitation", args=[make_token(asked)])
    Invitation.objects.update(expires_at=timezone.now())
    assert seen.heading(Client().get(link)) == "This link no longer works"
    page = customer.get(form)
    assert make_token(asked) not in page.content.decode()
    assert seen.heading(page) == "The link no longer works"
    Invitation.objects.update(expires_at=timezone.now() + timedelta(days=1))
    customer.post(address("hand_over_take_back", company))
    assert seen.heading(Client().get(link)) == "This request was closed"
    assert not Email.objects.exists()


def test_nobody_is_reminded_whose_address_is_unknown(customer, form, company):
    customer.post(form, {"own": "yes"})
    Invitation.objects.update(created_at=timezone.now() - timedelta(days=2))
    customer.post(address("hand_over_remind", company))
    assert not Email.objects.exists()
    linked_by(company, Connection.objects.get())
    assert seen.heading(customer.get(form)) == "Xero is connected"


def test_who_helps_with_desktop_software_gets_its_steps(client, company, xero):
    factories.make_platform("hbql", "Sage 50", is_offline=True, set_up_by="key")
    company.codat_id = "the-licence-key"
    company.save(update_fields=["codat_id"])
    factories.make_connection(company, "hbql", platform_name="Sage 50")
    link = factories.make_invitation(company, Purpose.DELEGATE, platform_key="hbql")
    _session, client.cookies["journey"] = factories.make_session(
        company, purpose=Purpose.DELEGATE, invitation=link
    )

    page = client.get(reverse("journey:helping", args=[company.public_id, "hbql"]))

    assert seen.heading(page) == "Set up on the computer with Sage 50"
    assert "the-licence-key" in page.content.decode()
    assert seen.primary_buttons(page) == ["Download the connector"]
    assert "Brook & Sons Ltd when it is connected" in seen.text(page)
