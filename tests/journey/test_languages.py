"""Choosing a language: the page stays, the choice is kept, and mails follow it."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from onboarding.linking.emails.rendering import render
from onboarding.linking.invitation_links import make_token
from onboarding.linking.models import OutgoingEmail
from onboarding.linking.services import invitations

from .seen import buttons, heading

GERMAN_START = "Verbinden Sie Ihr Unternehmen"
SET = "/language/"


@pytest.fixture(autouse=True)
def two_languages(settings):
    settings.LANGUAGES = [("en", "English"), ("de", "German")]


def choose(client, language, page="/"):
    return client.post(SET, {"language": language, "next": page})


def menu(response):
    return re.search(r'<details class="menu">.*?</details>', response.content.decode(), re.DOTALL)


def test_with_one_language_there_is_nothing_to_choose(client, db, settings):
    settings.LANGUAGES = [("en", "English")]

    response = client.get("/", headers={"accept-language": "de"})

    assert menu(response) is None
    assert "js/menu.js" not in response.content.decode()
    assert response["Content-Language"] == "en"


def test_each_language_is_offered_by_its_own_name_and_the_present_one_is_told(client, db):
    found = menu(client.get("/")).group()

    assert re.search(r'lang="de" dir="ltr">Deutsch</button>', found)
    assert re.search(r'lang="en" dir="ltr" aria-current="true">English</button>', found)


def test_choosing_leads_back_to_the_same_page_in_that_language(customer, company, xero):
    page = reverse("journey:choose", args=[company.public_id]) + "?q=xero"

    answer = choose(customer, "de", page)

    assert (answer.status_code, answer["Location"]) == (303, page)
    response = customer.get(page)
    assert heading(response) == "Welche Software nutzen Sie?"
    assert '<html lang="de" dir="ltr">' in response.content.decode()
    assert 'value="xero"' in response.content.decode()


def test_the_choice_wins_over_the_browsers_own_language(client, db):
    german = client.get("/", headers={"accept-language": "de"})
    choose(client, "en")
    english = client.get("/", headers={"accept-language": "de"})

    assert GERMAN_START in heading(german)
    assert "Connect your business" in heading(english)


def test_caches_are_told_what_a_page_depends_on(client, db):
    response = client.get("/", headers={"accept-language": "de"})

    assert response["Content-Language"] == "de"
    assert {"Accept-Language", "Cookie"} <= set(response["Vary"].split(", "))


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "", "javascript:1"]
)
def test_it_never_leads_to_another_site(client, db, elsewhere):
    assert choose(client, "de", elsewhere)["Location"] == "/"


def test_a_language_that_is_not_offered_does_not_exist(client, db):
    response = choose(client, "fr")

    assert response.status_code == 404
    assert "django_language" not in response.cookies


def test_the_form_is_refused_without_its_token(db):
    client = Client(enforce_csrf_checks=True)

    assert choose(client, "de").status_code == 403


def test_mails_of_a_known_customer_follow_those_that_wait_included(customer, company, now):
    company.contacts.update(email="owner@brook.example")
    invitation = invitations.invite(company=company, purpose="onboard", now=now)
    waiting = OutgoingEmail.objects.get(invitation=invitation)

    choose(customer, "de", reverse("journey:choose", args=[company.public_id]))

    company.refresh_from_db()
    waiting.refresh_from_db()
    assert (company.language, company.primary_contact.language) == ("de", "de")
    assert "verbinden" in render(waiting).subject
    later = invitations.invite(company=company, purpose="sign_in", now=now + timedelta(minutes=5))
    assert render(later.emails.get()).subject == "Ihr Link zu Ihren Verbindungen"


def test_nobody_chooses_for_a_business_that_is_not_theirs(client, company):
    choose(client, "de", reverse("journey:choose", args=[company.public_id]))

    company.refresh_from_db()
    assert company.language == ""


def test_a_mailed_link_opens_in_the_language_of_its_mail_and_keeps_it(client, company, now):
    company.contacts.update(language="de")
    invitation = invitations.invite(company=company, purpose="onboard", now=now)
    page = reverse("journey:invitation", args=[make_token(invitation)])

    asked = client.get(page, headers={"accept-language": "en"})
    opened = client.post(page, headers={"accept-language": "en"})

    assert "Weiter" in buttons(asked)
    assert opened.cookies["django_language"].value == "de"


def test_who_opens_a_link_is_written_to_in_the_language_they_read(client, company, now):
    invitation = invitations.invite(company=company, purpose="onboard", now=now)

    client.post(
        reverse("journey:invitation", args=[make_token(invitation)]),
        headers={"accept-language": "de"},
    )

    assert company.contacts.get(is_primary=True).language == "de"


def test_pages_of_staff_stay_english(client, charlie):
    client.force_login(charlie)
    choose(client, "de")

    desk = client.get("/desk/", headers={"accept-language": "de"})

    assert desk["Content-Language"] == "en"
    assert menu(desk) is None or "Deutsch" not in menu(desk).group()


def test_a_refused_form_can_be_read_in_another_language_too(client, settings, db):
    settings.SELF_SERVICE = True

    response = client.post("/", {"name": "", "email": ""}, headers={"accept-language": "de"})

    assert response.status_code == 422
    assert "Geben Sie den Namen Ihres Unternehmens ein" in response.content.decode()
    assert menu(response)


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/health/live", "/webhooks/codat"])
def test_machines_are_not_asked_what_they_would_like_to_read(client, address):
    answer = client.get(address, headers={"accept-language": "de"})
    assert "Content-Language" not in answer
    assert "Accept-Language" not in answer.get("Vary", "")
