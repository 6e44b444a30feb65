"""Help on every page: the form that is mailed to the firm, and the guide."""

import pytest
from django.test import Client
from django.urls import reverse

from onboarding.linking import emails
from onboarding.linking.models import CustomerMessage, OutgoingEmail, SiteText
from onboarding.linking.models.invitation import Purpose
from tests import factories

from . import seen

pytestmark = pytest.mark.django_db
TEXT = {"text": "Which login do I need?"}


@pytest.fixture
def url(company, xero, qbo):
    return reverse("journey:write", args=[company.public_id])


def test_the_form_adds_the_reference_and_shows_no_full_address(customer, url, company):
    page = customer.get(url)
    assert seen.heading(page) == "Write to Northbank"
    assert company.reference in seen.text(page)
    assert "owner@brook.example" not in seen.text(page)
    assert seen.primary_buttons(page) == ["Send message"]


def test_who_has_second_thoughts_goes_back_to_where_they_stopped(client, customer, url, company):
    assert seen.back(customer.get(url)) == reverse("journey:choose", args=[company.public_id])
    assert seen.back(client.get(reverse("journey:write_as_visitor"))) == reverse("journey:start")


def test_how_soon_the_firm_answers_is_said_only_where_it_says_so(customer, url):
    assert "We answer within" not in seen.text(customer.get(url))
    SiteText.objects.create(key="write.answer", language="en", text="We answer within one day.")
    assert "We answer within one day." in seen.text(customer.get(url))


def test_a_message_goes_to_the_firm_and_the_answer_to_the_customer(customer, url, company):
    page = customer.post(url, TEXT, follow=True)
    assert page.redirect_chain[0][1] == 303
    assert f"We have your message. Your reference is {company.reference}. We answer by e-mail." in (
        seen.text(page)
    )
    message = emails.render(OutgoingEmail.objects.get())
    assert message.to == ["help@northbank.example"]
    assert message.reply_to == ["owner@brook.example"]
    assert message.subject == f"Message from Brook & Sons Ltd ({company.reference})"
    for text in (message.body, message.alternatives[0][0]):
        assert TEXT["text"] in text
        assert "owner@brook.example" in text
    assert company.history.filter(subject="wrote", text=TEXT["text"]).exists()


def test_a_second_press_sends_nothing_more(customer, url):
    form = {**TEXT, "key": seen.hidden(customer.get(url), "key")}
    for _ in range(2):
        assert customer.post(url, form).status_code == 303
    assert OutgoingEmail.objects.count() == CustomerMessage.objects.count() == 1


@pytest.mark.parametrize(
    ("text", "error"),
    [("", "Enter your message"), ("x" * 2001, "Use 2,000 characters or fewer")],
)
def test_a_message_that_cannot_be_sent_says_why(customer, url, text, error):
    page = customer.post(url, {"text": text})
    assert page.status_code == 422
    assert seen.errors(page) == [error]
    assert not CustomerMessage.objects.exists()


def test_a_visitor_says_where_to_answer(client, xero, qbo):
    url = reverse("journey:write_as_visitor")
    assert seen.errors(client.post(url, TEXT)) == ["Enter an e-mail address like name@example.com"]
    client.post(url, {**TEXT, "email": "new@mill.example"})
    row = OutgoingEmail.objects.get()
    message = emails.render(row)
    assert (message.to, message.reply_to) == (["help@northbank.example"], ["new@mill.example"])
    assert emails.send(row.pk, now=row.due_at)


def test_without_an_address_of_the_firm_there_is_no_form(client, customer, url, settings):
    settings.FIRM_SUPPORT_EMAIL = ""
    assert customer.get(url).status_code == 404
    assert client.get(reverse("journey:write_as_visitor")).status_code == 404
    assert "Write to us" not in seen.text(client.get("/"))


def test_a_mail_to_the_firm_waits_while_nobody_can_get_it(customer, url, settings):
    customer.post(url, TEXT)
    settings.FIRM_SUPPORT_EMAIL = ""
    row = OutgoingEmail.objects.get()
    assert emails.must_wait(row)
    assert emails.still_true(row, now=row.due_at)


@pytest.mark.parametrize("page", ["choose", "permission", "leave", "pause", "not_listed"])
def test_every_step_leads_to_phone_mail_form_and_guide(customer, company, url, page):
    if page == "leave":
        factories.make_connection(company)
    more = ["gbol"] if page in ("permission", "leave") else []
    html = customer.get(reverse(f"journey:{page}", args=[company.public_id, *more]))
    for href in ("tel:", "mailto:help@northbank.example", url, reverse("journey:how_it_works")):
        assert f'href="{href}' in html.content.decode()


@pytest.mark.parametrize("path", ["/", "/connections/", "/guide/", "/i/cut/"])
def test_so_does_every_page_before_them(client, xero, path):
    html = client.get(path).content.decode()
    assert f'href="{reverse("journey:write_as_visitor")}"' in html
    assert f'href="{reverse("journey:how_it_works")}"' in html
    assert 'href="tel:' in html
    assert 'href="mailto:' in html


def test_who_helps_writes_as_a_visitor(client, company):
    link = factories.make_invitation(company, Purpose.DELEGATE, platform_key="gbol")
    fields = {"purpose": Purpose.DELEGATE, "invitation": link}
    _session, client.cookies["journey"] = factories.make_session(company, **fields)
    page = client.get(reverse("journey:helping", args=[company.public_id, "gbol"]))
    assert f'href="{reverse("journey:write_as_visitor")}"' in page.content.decode()


def test_the_guide_leads_back_to_where_this_browser_was(client, customer, company, xero, qbo):
    page = customer.get(reverse("journey:how_it_works"))
    assert seen.heading(page) == "How connecting works"
    assert seen.back(page) == reverse("journey:choose", args=[company.public_id])
    assert seen.back(Client().get(reverse("journey:how_it_works"))) == "/"
    assert seen.primary_buttons(Client().get(reverse("journey:how_it_works"))) == [
        "Back to the start"
    ]
