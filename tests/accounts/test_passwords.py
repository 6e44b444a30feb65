import re

import pytest
from django.core import mail
from django.urls import reverse

RESET = "/accounts/password/reset/"
NEW = "another horse battery"


def mailed_link(client, host="testserver"):
    client.post(RESET, {"email": "alice@example.com"}, headers={"host": host})
    return re.search(
        r"^http://\S+/accounts/password/reset/\S+$", mail.outbox[-1].body, re.M
    ).group()


def test_a_mailed_link_sets_a_new_password_once(client, alice):
    link = mailed_link(client)
    form = client.get(link, follow=True)
    page = form.redirect_chain[-1][0]
    assert alice.password not in form.content.decode()
    assert client.post(page, {"new_password1": NEW, "new_password2": NEW}).status_code == 302
    alice.refresh_from_db()
    assert alice.check_password(NEW)
    assert "This link no longer works" in client.get(link, follow=True).content.decode()


def test_the_link_leads_to_our_address_whatever_host_was_asked(client, alice):
    assert mailed_link(client, host="evil.example").startswith("http://testserver/")


def test_what_is_no_address_is_refused_in_the_words_of_the_portal(client, db):
    page = client.post(RESET, {"email": "alice"})
    assert page.status_code == 422
    assert page.content.decode().count("Enter an e-mail address like name@example.com") == 2


def test_an_unknown_address_gets_the_same_answer_and_no_mail(client, alice):
    known = client.post(RESET, {"email": "alice@example.com"}, follow=True)
    unknown = client.post(RESET, {"email": "nobody@example.com"}, follow=True)
    assert known.content == unknown.content
    assert len(mail.outbox) == 1


def test_an_altered_link_offers_a_new_one(client, alice):
    url = reverse("accounts:password_reset_confirm", args=["MQ", "abc-def"])
    page = client.get(url).content.decode()
    assert "This link no longer works" in page
    assert RESET in page


def test_two_different_new_passwords_are_refused(client, alice):
    page = client.get(mailed_link(client), follow=True).redirect_chain[-1][0]
    assert client.post(page, {"new_password1": NEW, "new_password2": "x"}).status_code == 422


def test_staff_change_their_own_password(client, alice):
    client.force_login(alice)
    url = reverse("accounts:password_change")
    old = {"old_password": "a-password", "new_password1": NEW, "new_password2": NEW}
    page = client.post(url, old, follow=True).content.decode()
    assert "Your password is changed" in page
    alice.refresh_from_db()
    assert alice.check_password(NEW)


def test_changing_it_needs_a_login(client, db):
    assert client.get("/accounts/password/").status_code == 302


PAGE_OF_OURS = "/accounts/password/"
BAD_WORDS = re.compile(r"\w[n]?['’]t\b|lease\b|!")


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({}, ["Enter the password that you use now", "Enter a new password"]),
        ({"new_password1": NEW, "new_password2": "x"}, ["The two new passwords are different"]),
        ({"new_password1": "x9", "new_password2": "x9"}, ["Use at least 8 characters"]),
        (
            {"new_password1": "1" * 9, "new_password2": "1" * 9},
            ["Use letters too, not only digits"],
        ),
        ({"new_password1": "password1"} | {"new_password2": "password1"}, ["fewer people use"]),
        (
            {"new_password1": "alice@example.com", "new_password2": "alice@example.com"},
            ["less like your e-mail address"],
        ),
    ],
    ids=["empty", "different", "short", "digits", "common", "like the user"],
)
def test_every_mistake_with_a_password_is_told_in_our_words(client, alice, answers, words):
    client.force_login(alice)
    response = client.post(PAGE_OF_OURS, {"old_password": "wrong"} | answers if answers else {})
    assert response.status_code == 422
    page = re.sub(r"<[^>]*>", " ", response.content.decode().partition("<main")[2])
    assert [each for each in words if each not in page] == []
    assert BAD_WORDS.findall(page) == []
