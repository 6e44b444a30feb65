"""What holds on every page behind a customer's session."""

import uuid

import pytest
from django.urls import reverse

from onboarding.linking.invitation_links import make_token
from onboarding.linking.models.invitation import Purpose
from tests import factories

from . import seen

pytestmark = pytest.mark.django_db

PAGES = ["choose", "progress", "confirm", "done", "connections"]
PLATFORM_PAGES = ["permission", "leave", "preparing"]
GET_ONLY = ["preparing", "progress", "done", "connections"]


def address(page, company):
    more = ["gbol"] if page in PLATFORM_PAGES else []
    return reverse(f"journey:{page}", args=[company.public_id, *more])


@pytest.mark.parametrize("page", PAGES + PLATFORM_PAGES)
def test_a_stranger_finds_nothing(client, company, xero, page):
    response = client.get(address(page, company))
    assert response.status_code == 404
    assert seen.heading(response) == "We cannot find this page"
    assert company.true_name not in seen.text(response)


@pytest.mark.parametrize("page", [*PAGES, *PLATFORM_PAGES, "sign_out"])
def test_the_key_of_another_business_opens_nothing(client, company, xero, page):
    other = factories.make_company("Harbour Cafe Ltd")
    _session, client.cookies["journey"] = factories.make_session(other)
    send = client.post if page == "sign_out" else client.get
    assert send(address(page, company)).status_code == 404


@pytest.mark.parametrize("page", PAGES + PLATFORM_PAGES)
def test_an_unknown_business_is_not_found(customer, page):
    more = ["gbol"] if page in PLATFORM_PAGES else []
    assert customer.get(reverse(f"journey:{page}", args=[uuid.uuid4(), *more])).status_code == 404


@pytest.mark.parametrize("page", GET_ONLY)
def test_a_page_that_only_shows_refuses_posts(customer, company, xero, page):
    assert customer.post(address(page, company)).status_code == 405


@pytest.mark.parametrize("page", PAGES + PLATFORM_PAGES)
def test_a_page_takes_no_other_method(customer, company, xero, page):
    assert customer.delete(address(page, company)).status_code == 405


def test_signing_out_takes_a_button(customer, company):
    assert customer.get(address("sign_out", company)).status_code == 405


@pytest.mark.parametrize("page", PAGES + PLATFORM_PAGES)
def test_a_session_that_ended_gets_its_own_page(client, company, xero, ago, page):
    _session, client.cookies["journey"] = factories.make_session(company, now=ago(minutes=31))
    response = client.get(address(page, company))
    assert response.status_code == 403
    assert seen.heading(response) == "We closed your session to keep it safe"
    assert seen.primary_buttons(response) == ["E-mail me a link to carry on"]
    assert company.true_name not in seen.text(response)


@pytest.mark.parametrize("page", PAGES + PLATFORM_PAGES)
def test_a_poll_of_a_session_that_ended_fetches_the_whole_page(client, company, xero, ago, page):
    _session, client.cookies["journey"] = factories.make_session(company, now=ago(minutes=31))
    response = client.get(address(page, company), headers={"HX-Request": "true"})
    assert response["HX-Refresh"] == "true"


@pytest.mark.parametrize("page", PAGES + PLATFORM_PAGES)
def test_a_link_for_somebody_else_opens_none_of_these_pages(client, company, xero, page):
    _session, client.cookies["journey"] = factories.make_session(company, purpose=Purpose.DELEGATE)
    assert client.get(address(page, company)).status_code == 404


def test_six_businesses_stay_open_and_the_seventh_closes_the_oldest(client, xero, qbo):
    companies = []
    for number in range(7):
        link = make_token(factories.make_invitation(factories.make_company(f"Business {number}")))
        companies.append(client.post(reverse("journey:invitation", args=[link]))["Location"])
    answers = [client.get(page).status_code for page in companies]
    assert answers == [404, *[200] * 6]


def test_a_cookie_of_nonsense_is_a_strangers(client, company):
    for nonsense in ("...", "a.b.c", "x" * 5000, "\u00e9"):
        client.cookies["journey"] = nonsense
        assert client.get(address("choose", company)).status_code == 404
