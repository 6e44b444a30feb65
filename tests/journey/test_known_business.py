"""What a customer sees whose business another customer has: a page that names nobody."""

import pytest
from django.utils import timezone

from onboarding.linking.models import CompanyIdentity
from onboarding.linking.services import doubles
from tests import factories

from . import seen

pytestmark = pytest.mark.django_db


@pytest.fixture
def url(company, xero):
    return lambda page: f"/journey/{company.public_id}/{page}/"


@pytest.fixture
def known():
    other = factories.make_company("Mill Lane Ltd", email="mill@lane.example")
    connection = factories.make_connection(other, status="Linked")
    return factories.make_identity(
        connection, "Mill Lane", registration_key="8123456", confirmed_at=timezone.now()
    )


@pytest.fixture
def asked(company):
    connection = factories.make_connection(company, status="Linked")
    found = factories.make_identity(connection, registration_key="8123456")
    factories.restage(company)
    return found


@pytest.fixture
def answered(customer, url, known, asked):
    return customer.post(url("confirm"), {"identity": asked.public_id, "answer": "yes"})


def say(act, identity, by):
    company = identity.connection.company
    act(identity_public_id=identity.public_id, company=company, by=by, now=timezone.now())


def test_yes_leads_to_the_page_that_says_nothing_of_the_other(customer, url, company, answered):
    assert answered["Location"] == url("progress")
    page = customer.get(url("progress"))
    words = seen.text(page)
    due = doubles.answer_due(CompanyIdentity.objects.get(connection__company=company))
    assert seen.heading(page) == "We need to check one thing first"
    assert f"by {timezone.localtime(due):%A} {timezone.localtime(due).day}" in words
    assert "e-mail o•••@b" in words
    assert "Your answers are saved." in words
    assert "Contact Northbank" in seen.buttons(page)
    for word in ("Mill", "already", "another", "number"):
        assert word not in words


def test_it_works_as_a_bookmark_and_the_question_does_not_come_back(
    customer, url, company, answered
):
    for page in ("confirm", "done"):
        assert customer.get(url(page))["Location"] == url("progress")
    assert seen.heading(customer.get(url("progress"))) == "We need to check one thing first"
    assert "We check one thing about it first" in seen.text(customer.get(url("connections")))


def test_yes_and_yes_again_is_one_answer(customer, url, company, asked, answered):
    customer.post(url("confirm"), {"identity": asked.public_id, "answer": "yes"})
    assert company.history.filter(subject="confirmed").count() == 1
    assert company.problems.open().get().reason == "possible_duplicate"


def test_once_staff_have_said_that_they_are_separate_reading_is_shown(
    customer, url, answered, asked, alice
):
    say(doubles.separate, asked, alice)
    assert seen.heading(customer.get(url("progress"))) == "We are reading your information"


def test_once_they_are_the_same_the_customer_is_let_in_no_more(
    customer, url, answered, asked, alice
):
    say(doubles.same_customer, asked, alice)
    page = customer.get(url("progress"))
    assert page.status_code == 403
    assert "We need to check" not in seen.text(page)
