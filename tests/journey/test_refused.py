import re

import pytest
from django import forms
from django.test import Client

from onboarding.journey.views import refused
from tests import factories

from . import seen

pytestmark = pytest.mark.django_db


def leads_to(page, words):
    (address,) = re.findall(rf'href="([^"]*)">(?:<span>)?{words}<', page.content.decode())
    return address


def test_a_form_whose_token_does_not_fit_is_offered_again(xero, qbo):
    page = Client(enforce_csrf_checks=True).post("/", {"name": "Brook"})
    assert page.status_code == 403
    assert seen.heading(page) == "This page was open too long"
    assert seen.primary_buttons(page) == ["Continue"]


OURS = {"origin": "http://testserver"}


@pytest.fixture
def late(company):
    """A customer's browser whose forms have no token that fits."""
    browser = Client(enforce_csrf_checks=True)
    _session, browser.cookies["journey"] = factories.make_session(company)
    return browser


def test_what_was_typed_is_shown_again_and_sent_by_one_more_press(late, company):
    url = f"/journey/{company.public_id}/not-listed/"
    page = late.post(url, {"software": 'Old "Books" <b>', "phone": "123"}, headers=OURS)
    assert page.status_code == 403
    assert page["Cache-Control"] == "no-store"
    assert "Your answers are below; press the button once more." in seen.text(page)
    body = page.content.decode()
    assert 'value="Old &quot;Books&quot; &lt;b&gt;"' in body
    assert seen.primary_buttons(page) == ["Continue"]
    assert company.history.not_listed() is None

    again = {"software": 'Old "Books" <b>', "phone": "123"}
    again["csrfmiddlewaretoken"] = seen.hidden(page, "csrfmiddlewaretoken")
    assert late.post(url, again, headers=OURS).status_code == 303
    assert company.history.not_listed() is not None


@pytest.mark.parametrize(
    "headers",
    [{}, {"origin": "https://evil.example"}, {"origin": "null"}],
    ids=["-", "evil", "null"],
)
def test_what_a_page_of_somebody_else_filled_in_is_not_shown(late, company, headers):
    typed = {"software": "chosen by a stranger"}
    page = late.post(f"/journey/{company.public_id}/not-listed/", typed, headers=headers)
    assert page.status_code == 403
    assert "chosen by a stranger" not in page.content.decode()
    assert "Your answers" not in seen.text(page)


@pytest.mark.parametrize("address", ["permission/gbol", "delete", "sign-out"])
def test_what_is_no_answer_typed_is_not_sent_again_by_one_press(late, company, xero, address):
    url = f"/journey/{company.public_id}/{address}/"
    page = late.post(url, {"agree": "on", "password": "secret"}, headers=OURS)
    assert page.status_code == 403
    assert "secret" not in page.content.decode()
    assert 'name="agree"' not in page.content.decode()
    assert f'method="post" action="{url}"' not in page.content.decode()


def test_no_form_that_is_shown_again_holds_a_box_or_a_secret():
    for form in refused.TYPED_IN.values():
        widgets = [field.widget for field in form.base_fields.values()]
        assert not any(isinstance(w, forms.CheckboxInput | forms.PasswordInput) for w in widgets)


def test_an_address_that_does_not_exist_has_a_page_with_a_way_on(client):
    page = client.get("/journey/nowhere/")
    assert page.status_code == 404
    assert seen.heading(page) == "We cannot find this page"
    assert seen.primary_buttons(page) == ["Your connections"]
    assert leads_to(page, "Your connections") == "/connections/"
    assert "Contact Northbank" in seen.buttons(page)
    assert "About Northbank You sign in at your software." in seen.text(page)


def test_a_page_that_is_not_there_leads_a_customer_to_their_connections(customer, company):
    for address in ("/journey/nowhere/", f"/journey/{factories.make_company().public_id}/done/"):
        page = customer.get(address)
        assert page.status_code == 404
        connections = f"/journey/{company.public_id}/connections/"
        assert leads_to(page, "Your connections") == connections


def test_an_address_of_a_form_opened_like_a_page_has_a_way_on(customer, company):
    page = customer.get(f"/journey/{company.public_id}/sign-out/")
    assert page.status_code == 405
    assert page["Allow"] == "POST"
    assert page["Cache-Control"] == "no-store"
    assert seen.heading(page) == "We cannot find this page"
    assert leads_to(page, "Your connections") == f"/journey/{company.public_id}/connections/"


def test_a_machine_that_reads_no_page_gets_none(customer, company):
    page = customer.get(f"/journey/{company.public_id}/sign-out/", headers={"accept": "image/png"})
    assert (page.status_code, page.content) == (405, b"")


@pytest.mark.parametrize(
    ("came_from", "way_on"),
    [
        ("http://testserver/i/first/", "http://testserver/i/first/"),
        ("https://evil.example/", "/i/unknown/new/"),
        ("", "/i/unknown/new/"),
    ],
    ids=["ours", "evil", "-"],
)
def test_who_pressed_too_often_goes_on_where_the_button_was(
    client, real_redis, settings, came_from, way_on
):
    settings.PUBLIC_POST_LIMIT = "1/600"
    for _ in range(2):
        page = client.post("/i/unknown/new/", headers={"referer": came_from})
    assert page.status_code == 429
    assert leads_to(page, "Try again") == way_on


def test_whoever_only_helps_is_not_led_to_the_connections(client, company):
    _session, client.cookies["journey"] = factories.make_session(company, purpose="delegate")
    assert leads_to(client.get("/nowhere/"), "Your connections") == "/connections/"


def test_our_own_fault_shows_no_trace_of_it(client, xero, qbo, monkeypatch):
    from onboarding.journey import steps  # noqa: PLC0415 - broken on purpose here only

    def broken(*_args):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(steps, "step_text", broken)
    client.raise_request_exception = False
    page = client.get("/")
    assert page.status_code == 500
    assert seen.heading(page) == "Sorry, something went wrong on our side"
    assert "secret detail" not in page.content.decode()
