import re

import pytest
from django.urls import reverse
from django.utils import timezone

from onboarding.ui.templatetags.ui import full_date
from tests import factories

from . import seen

pytestmark = pytest.mark.django_db


@pytest.fixture
def url(company, xero, qbo):
    return reverse("journey:confirm", args=[company.public_id])


@pytest.fixture
def progress(company):
    return f"/journey/{company.public_id}/progress/"


@pytest.fixture
def linked(company):
    now = timezone.now()
    return factories.make_connection(
        company, status="Linked", linked_first_at=now, linked_last_at=now
    )


@pytest.fixture
def same(company, linked):
    identity = factories.make_identity(linked)
    factories.restage(company)
    return identity


@pytest.fixture
def other(company, linked):
    identity = factories.make_identity(linked, "Harbour Cafe", legal_name="")
    factories.restage(company)
    return identity


def test_the_business_is_shown_as_the_software_has_it(customer, url, same):
    page = customer.get(url)
    assert seen.heading(page) == "Is this your business?"
    assert "Step 4 of 4" in seen.title(page)
    words = seen.text(page)
    for fact in (
        "Name Brook & Sons",
        "Legal name Brook & Sons Ltd",
        "Registration number 08123456",
    ):
        assert fact in words
    assert "Town Leeds" in words
    assert "From Xero" in words
    assert seen.primary_buttons(page) == ["Yes, this is us"]


def test_yes_confirms_what_was_shown(customer, url, progress, same):
    response = customer.post(url, {"identity": same.public_id, "answer": "yes"})
    assert (response.status_code, response["Location"]) == (303, progress)
    same.refresh_from_db()
    assert same.confirmed_at
    assert not same.rejected_at


def test_a_second_yes_changes_nothing(customer, url, progress, same):
    customer.post(url, {"identity": same.public_id, "answer": "yes"})
    same.refresh_from_db()
    first = same.confirmed_at
    response = customer.post(url, {"identity": same.public_id, "answer": "yes"})
    assert response["Location"] == progress
    same.refresh_from_db()
    assert same.confirmed_at == first


def test_no_plans_one_disconnection_and_says_so(customer, url, company, same):
    for _ in range(2):
        customer.post(url, {"identity": same.public_id, "answer": "no"})
    assert company.writes.filter(kind="unlink_connection").count() == 1
    response = customer.get(f"/journey/{company.public_id}/progress/")
    assert seen.heading(response) == "We are disconnecting Brook & Sons"


def test_names_that_differ_are_set_side_by_side_and_asked_about(customer, url, other):
    page = customer.get(url)
    words = seen.text(page)
    assert "The names are different" in words
    assert "You told us Brook & Sons Ltd" in words
    assert "Xero says Harbour Cafe" in words
    assert "Yes, Harbour Cafe is us" in words
    assert "No, connect another business" in words
    assert seen.primary_buttons(page) == ["Continue"]
    assert words.count("Harbour Cafe") == 2, (
        "above, and in the answer: not once more among the facts"
    )
    assert "From Xero" not in words


def test_without_an_answer_the_question_is_asked_again(customer, url, other):
    page = customer.post(url, {"identity": other.public_id})
    assert page.status_code == 422
    assert seen.errors(page) == ["Choose whether Harbour Cafe is your business"]
    other.refresh_from_db()
    assert not other.confirmed_at


def test_what_changed_since_the_page_was_shown_is_not_confirmed(
    customer, url, company, linked, same
):
    newer = factories.make_identity(linked, "Harbour Cafe")
    response = customer.post(url, {"identity": same.public_id, "answer": "yes"}, follow=True)
    assert "Xero has told us something newer." in seen.text(response)
    assert seen.heading(response) == "Is this your business?"
    newer.refresh_from_db()
    assert not newer.confirmed_at


@pytest.mark.parametrize("forged", ["6f1f1c5e-0d2b-4a5e-9a53-0b6d3d0a7c11", "nonsense", ""])
def test_a_forged_identity_confirms_nothing(customer, url, same, forged):
    response = customer.post(url, {"identity": forged, "answer": "yes"})
    assert response.status_code in (303, 422)
    same.refresh_from_db()
    assert not same.confirmed_at


def test_another_businesss_identity_cannot_be_answered(customer, url, same, xero):
    other = factories.make_company("Harbour Cafe Ltd")
    theirs = factories.make_identity(factories.make_connection(other, status="Linked"))
    customer.post(url, {"identity": theirs.public_id, "answer": "no"})
    theirs.refresh_from_db()
    assert not theirs.rejected_at


def test_software_without_a_name_asks_about_the_account(customer, url, company, linked):
    factories.make_identity(linked, "", legal_name="", registration_number="", town="")
    factories.restage(company)
    page = customer.get(url)
    assert seen.heading(page) == "Is this the right account?"
    assert "Xero gives no business name." in seen.text(page)
    at = timezone.localtime(linked.linked_last_at)
    said = re.search(r"You signed in to Xero on (.+?) at (.+?) ?\.", seen.text(page))
    assert said[1].strip() == full_date(at)
    assert said[2].strip() == f"{at:%H:%M}"
    assert seen.primary_buttons(page) == ["Yes, this is us"]


def test_with_nothing_to_answer_it_leads_to_progress(customer, url, progress):
    assert customer.get(url)["Location"] == progress
    assert customer.post(url, {"answer": "yes"})["Location"] == progress


@pytest.mark.parametrize("case", [("yes", "no", True), ("no", "no", False)])
def test_a_second_tab_that_answers_differently_is_told(customer, url, same, case):
    first, second, told = case
    customer.post(url, {"identity": same.public_id, "answer": first})
    page = customer.post(url, {"identity": same.public_id, "answer": second}, follow=True)
    assert ("This question was answered the other way before." in seen.text(page)) == told
