import pytest
from django.test import Client

from . import seen

pytestmark = pytest.mark.django_db


def test_a_form_whose_token_does_not_fit_is_offered_again(xero, qbo):
    page = Client(enforce_csrf_checks=True).post("/", {"name": "Brook"})
    assert page.status_code == 403
    assert seen.heading(page) == "This page was open too long"
    assert seen.primary_buttons(page) == ["Continue"]


def test_an_address_that_does_not_exist_has_a_page_with_a_way_on(client):
    page = client.get("/journey/nowhere/")
    assert page.status_code == 404
    assert seen.heading(page) == "We cannot find this page"
    assert len(seen.primary_buttons(page)) == 1


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
