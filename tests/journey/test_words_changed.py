"""A new purpose or a new wording asks again; what was agreed before stays as it was."""

import hashlib

import pytest
from django.urls import reverse
from django.utils import timezone

from onboarding.linking.models import Category, ConsentText
from onboarding.linking.services import consents
from tests import factories

from . import seen

pytestmark = pytest.mark.django_db
SECTIONS = ("purpose", "access", "account_information", "platform_data", "retention")


@pytest.fixture
def agreed(company, xero, qbo):
    session, _key = factories.make_session(company)
    wording = consents.wording_for(platform=xero, language="en", firm_name="Northbank")
    return consents.record(session=session, platform=xero, wording=wording, now=timezone.now())


@pytest.fixture
def new_words(agreed):
    return ConsentText.objects.create(version=2, **dict.fromkeys(SECTIONS, "We also rank you."))


def address(page, company, *more):
    return reverse(f"journey:{page}", args=[company.public_id, *more])


def agree(customer, url):
    version = seen.hidden(customer.get(url), "version")
    return customer.post(url, {"agree": "on", "version": version})


def test_what_is_stored_is_all_that_was_shown_in_its_order(customer, company, xero, qbo, settings):
    settings.CODAT_API_KEY, settings.CODAT_BASE_URL = "a key", "http://127.0.0.1:9"
    url = address("permission", company, "gbol")
    shown = seen.text(customer.get(url))
    agree(customer, url)
    consent = company.consents.get()
    assert consent.version == consents.DEFAULT_VERSION == 1
    assert "I give Northbank permission to read this from Xero" in consent.text
    at = 0
    for line in filter(None, consent.text.splitlines()):
        at = shown.index(line.removeprefix("- "), at)


def test_new_words_of_our_own_come_with_a_new_version(xero):
    """Else nobody who agreed to the old ones would be asked again."""
    wording = consents.wording_for(platform=xero, language="en", firm_name="Northbank")
    said = "\n".join(part for section in wording.sections for part in section)
    words = hashlib.sha256(f"{said}\n{wording.how_to_stop}".encode()).hexdigest()
    assert (consents.DEFAULT_VERSION, words[:8]) == (1, "7f1d2311")


@pytest.mark.parametrize("status", ["PendingAuth", "Deauthorized"])
def test_the_way_to_the_software_asks_again(customer, company, new_words, status):
    factories.make_connection(company, status=status)
    leave, permission = address("leave", company, "gbol"), address("permission", company, "gbol")
    assert customer.get(leave)["Location"] == permission
    assert customer.post(leave)["Location"] == permission
    page = customer.get(permission)
    assert "The words have changed" in seen.text(page)
    assert "We also rank you." in seen.text(page)
    assert "checked" not in page.content.decode()


def test_with_the_words_as_they_were_nothing_is_asked_again(customer, company, agreed):
    factories.make_connection(company)
    assert seen.heading(customer.get(address("leave", company, "gbol"))) == "You are going to Xero"


def test_who_is_connected_finds_the_new_words_and_stays_connected(customer, company, new_words):
    connection = factories.make_connection(company, status="Linked")
    factories.make_identity(connection, confirmed_at=timezone.now())
    connections, permission = (
        address("connections", company),
        address("permission", company, "gbol"),
    )
    page = customer.get(connections)
    assert "See what has changed" in seen.buttons(page)
    assert "The words of your permission have changed." in seen.text(page)
    assert f'href="{permission}"' in page.content.decode()
    assert seen.primary_buttons(customer.get(permission)) == ["Agree"]
    assert agree(customer, permission)["Location"] == connections
    assert [consent.version for consent in company.consents.all()] == [2, 1]
    page = customer.get(connections)
    assert "Your permission is up to date." in seen.text(page)
    assert "See what has changed" not in seen.buttons(page)
    assert not company.writes.exists()


def test_what_was_agreed_before_stays_as_it_was(company, agreed, new_words):
    text = agreed.text
    agreed.refresh_from_db()
    assert (agreed.text, agreed.version) == (text, 1)


def test_words_for_another_kind_of_software_ask_nothing(customer, company, agreed):
    category = Category.objects.get(slug="commerce")
    ConsentText.objects.create(category=category, version=2, **dict.fromkeys(SECTIONS, "Other."))
    factories.make_connection(company)
    assert customer.get(address("leave", company, "gbol")).status_code == 200


# ── in another language ──────────────────────────────────────────────────────────────────────────
@pytest.fixture
def two_languages(settings):
    settings.CODAT_API_KEY, settings.CODAT_BASE_URL = "a key", "http://127.0.0.1:9"
    settings.LANGUAGES = [("en", "English"), ("de", "German")]


def speak(customer, language):
    customer.post("/language/", {"language": language, "next": "/"})


def test_the_same_words_in_another_language_ask_nothing(
    customer, company, new_words, two_languages
):
    words = dict.fromkeys(SECTIONS, "Wir bewerten Sie auch.")
    ConsentText.objects.create(language="de", version=2, **words)
    leave, permission = address("leave", company, "gbol"), address("permission", company, "gbol")
    speak(customer, "de")
    agree(customer, permission)
    factories.make_connection(company)
    assert "Wir bewerten Sie auch." in company.consents.first().text
    for language in ("de", "en"):
        speak(customer, language)
        assert customer.get(leave).status_code == 200


def test_a_new_purpose_asks_again_in_its_language_only_until_it_is_translated(
    customer, company, new_words, two_languages
):
    words = dict.fromkeys(SECTIONS, "Wir bewerten Sie auch.")
    ConsentText.objects.create(language="de", version=2, **words)
    leave, permission = address("leave", company, "gbol"), address("permission", company, "gbol")
    agree(customer, permission)
    factories.make_connection(company)
    ConsentText.objects.create(version=3, **dict.fromkeys(SECTIONS, "We also sell it."))
    assert customer.get(leave)["Location"] == permission
    speak(customer, "de")
    assert customer.get(leave).status_code == 200
    ConsentText.objects.create(language="de", version=3, **dict.fromkeys(SECTIONS, "Auch Verkauf."))
    assert customer.get(leave)["Location"] == permission


# ── the same on the pages before ─────────────────────────────────────────────────────────────────
ONLY_READ = "We only read."


def test_pages_before_the_permission_say_of_access_what_it_says(client, settings, xero):
    settings.SELF_SERVICE = True
    assert client.get("/").content.decode().count(ONLY_READ) == 2
    words = dict.fromkeys(SECTIONS, "-") | {"access": "We read, and add <invoices> for you."}
    ConsentText.objects.create(version=1, **words)
    body = client.get("/").content.decode()
    assert ONLY_READ not in body
    assert "We only read" not in body
    assert body.count("We read, and add &lt;invoices&gt; for you.") == 3


def test_what_holds_for_one_kind_of_software_only_is_not_said_of_all(client, settings, xero):
    settings.SELF_SERVICE = True
    about = Category.objects.get(slug="banking")
    ConsentText.objects.create(category=about, version=1, **dict.fromkeys(SECTIONS, "We add."))
    body = client.get("/").content.decode()
    assert "We only read" not in body
    assert "We add." not in body
    assert "Only what the permission page lists." in body
