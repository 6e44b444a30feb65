import pytest
from django.contrib.auth import get_user
from django.test import Client

from onboarding.accounts.models import User

URL = "/accounts/login/"
PASSWORD = "a-password"


def sign_in(client, email="alice@example.com", password=PASSWORD, **more):
    return client.post(URL, {"username": email, "password": password, **more})


def test_staff_sign_in_with_their_email_and_come_to_the_desk(client, alice):
    response = sign_in(client)
    assert response.headers["Location"] == "/desk/"
    assert get_user(client) == alice


def test_capitals_in_the_address_do_not_matter(client, alice):
    assert sign_in(client, "Alice@Example.com").status_code == 302


def test_they_return_to_the_page_they_came_for(client, alice):
    page = client.get(URL, {"next": "/desk/companies/"}).content.decode()
    assert 'name="next" value="/desk/companies/"' in page
    assert sign_in(client, next="/desk/companies/").headers["Location"] == "/desk/companies/"


def test_nobody_is_sent_to_another_site(client, alice):
    assert sign_in(client, next="https://evil.example/").headers["Location"] == "/desk/"


@pytest.mark.parametrize(
    ("email", "password"),
    [("alice@example.com", "wrong"), ("nobody@example.com", PASSWORD)],
)
def test_every_mistake_gets_the_same_words(client, alice, email, password):
    response = sign_in(client, email, password)
    assert response.status_code == 422
    page = response.content.decode()
    assert "Enter the e-mail address and the password of your staff login" in page
    assert password not in page


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_staff": False}])
def test_who_left_the_staff_gets_them_too(client, alice, change):
    User.objects.filter(pk=alice.pk).update(**change)
    response = sign_in(client)
    assert "Enter the e-mail address and the password" in response.content.decode()
    assert not get_user(client).is_authenticated


def test_empty_fields_are_named(client, db):
    page = sign_in(client, "", "").content.decode()
    assert "Enter your e-mail address" in page
    assert "Enter your password" in page


def test_a_form_without_its_token_is_refused(alice):
    client = Client(enforce_csrf_checks=True)
    assert sign_in(client).status_code == 403


def test_signing_out_needs_a_post(client, alice):
    client.force_login(alice)
    assert client.get("/accounts/logout/").status_code == 405
    assert get_user(client).is_authenticated
    assert client.post("/accounts/logout/").headers["Location"] == URL
    assert not get_user(client).is_authenticated


def test_who_is_signed_in_already_goes_on_to_the_desk(client, alice):
    client.force_login(alice)
    assert client.get(URL).headers["Location"] == "/desk/"


def test_too_many_tries_for_one_login_are_refused_from_wherever_they_come(
    client, alice, real_redis, settings
):
    settings.PUBLIC_POST_LIMIT = "3/600"
    for n in range(3):
        tried = {"username": "alice@example.com", "password": f"wrong {n}"}
        assert client.post(URL, tried, REMOTE_ADDR=f"10.0.0.{n}").status_code == 422
    refused = client.post(
        URL, {"username": "ALICE@example.com", "password": PASSWORD}, REMOTE_ADDR="10.0.0.9"
    )
    assert refused.status_code == 429
    assert "Wait 10 minutes, then try again." in refused.content.decode()
    assert not get_user(client).is_authenticated


def test_the_summary_of_mistakes_leads_to_the_field(client, alice):
    page = sign_in(client, password="wrong").content.decode()
    assert '<a href="#id_username">Enter the e-mail address and the password' in page
