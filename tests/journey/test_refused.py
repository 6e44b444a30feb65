import re

import pytest
from django.test import Client

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


def test_an_address_that_does_not_exist_has_a_page_with_a_way_on(client):
    page = client.get("/journey/nowhere/")
    assert page.status_code == 404
    assert seen.heading(page) == "We cannot find this page"
    assert seen.primary_buttons(page) == ["Your connections"]
    assert leads_to(page, "Your connections") == "/connections/"
    assert "Contact Northbank" in seen.buttons(page)


def test_a_page_that_is_not_there_leads_a_customer_to_their_connections(customer, company):
    for address in ("/journey/nowhere/", f"/journey/{factories.make_company().public_id}/done/"):
        page = customer.get(address)
        assert page.status_code == 404
        connections = f"/journey/{company.public_id}/connections/"
        assert leads_to(page, "Your connections") == connections


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
