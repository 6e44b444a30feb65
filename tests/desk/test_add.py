import re
import uuid

import pytest
from django.test import Client

from onboarding.linking.models import Company
from tests.journey import seen

from .cast import make_user

URL = "/desk/companies/add/"


def form(**changes):
    values = {
        "true_name": "Brook & Sons Ltd",
        "contact_name": "Olive Owner",
        "email": "olive@brook.example",
        "start_key": str(uuid.uuid4()),
    }
    return values | changes


def test_a_new_customer_belongs_to_whoever_added_it(desk, alice):
    response = desk.post(URL, form())
    company = Company.objects.get()
    assert response.status_code == 303
    assert response.headers["Location"] == f"/desk/companies/{company.public_id}/"
    assert (company.true_name, company.owner, company.origin) == (
        "Brook & Sons Ltd",
        alice,
        "staff",
    )
    assert company.primary_contact.email == "olive@brook.example"
    assert company.stage == "draft"


def test_the_same_form_sent_twice_makes_one_customer(desk):
    sent = form()
    first, second = desk.post(URL, sent), desk.post(URL, sent)
    assert first.headers["Location"] == second.headers["Location"]
    assert Company.objects.count() == 1


def test_each_form_that_is_shown_has_a_key_of_its_own(desk):
    keys = {
        re.search(r'name="start_key" value="([^"]+)"', desk.get(URL).content.decode()).group(1)
        for _ in range(2)
    }
    assert len(keys) == 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"true_name": ""}, "Enter the name of the business"),
        ({"true_name": "x" * 201}, "Use 200 characters or fewer"),
        ({"true_name": " -- "}, "Use at least one letter or number"),
        ({"email": ""}, "Enter the e-mail address of the contact"),
        ({"email": "olive"}, "Enter an e-mail address like name@example.com"),
    ],
)
def test_a_refused_form_says_why_and_keeps_what_was_typed(desk, change, words):
    response = desk.post(URL, form(**change))
    page = response.content.decode()
    assert response.status_code == 422
    assert "There is a problem" in page
    assert page.count(words) == 2
    assert "Olive Owner" in page
    assert "<title>Error:" in page
    assert not Company.objects.exists()


def test_a_key_that_is_no_key_is_asked_for_again(desk):
    assert desk.post(URL, form(start_key="x")).status_code == 422


def test_who_may_not_add_customers_gets_403(db):
    client = Client()
    client.force_login(make_user("Vera", "advisor"))
    page = client.get(URL)
    assert page.status_code == 403
    assert seen.heading(page) == "This page is not open to you"
    assert seen.primary_buttons(page) == ["Go to the worklist"]
    assert client.post(URL, form()).status_code == 403
    assert not Company.objects.exists()


def test_other_methods_are_refused_and_anonymous_is_asked_to_sign_in(desk, client):
    assert desk.put(URL).status_code == 405
    assert client.get(URL).headers["Location"].startswith("/accounts/login/")
