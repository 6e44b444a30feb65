"""What the tables show is said in words: no codes of ours, no bare JSON."""

from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from onboarding.linking.models import (
    CodatInstance,
    Connection,
    ConsentText,
    HistoryEntry,
    OutgoingEmail,
    Pause,
    labels,
)
from tests.factories import make_company, make_connection

from .test_branding import text_of


def list_of(model):
    return reverse(f"admin:linking_{model._meta.model_name}_changelist")


def page_of(row):
    return reverse(f"admin:linking_{type(row)._meta.model_name}_change", args=[row.pk])


@pytest.fixture
def company(db):
    return make_company("Brook & Sons Ltd")


def happened(company, **values):
    return HistoryEntry.objects.create(
        **{"company": company, "kind": "act", "at": timezone.now(), "source": "staff", **values}
    )


def test_the_history_says_what_people_did_as_the_desk_does(as_charlie, company):
    happened(company, subject="renamed", text="Brook")
    page = text_of(as_charlie.get(list_of(HistoryEntry)))
    assert "Renamed; before: Brook" in page
    assert "Renamed; before: …" in page, "the filter"
    assert "renamed" not in page


def test_the_history_says_stages_in_words_and_leaves_codats_states_as_they_are(as_charlie, company):
    entry = happened(company, kind="status", subject="stage", before="draft", after="lost")
    shop = make_connection(company, platform_name="Shopify")
    happened(company, kind="status", subject="connection", connection=shop, after="PendingAuth")
    page = text_of(as_charlie.get(list_of(HistoryEntry)))
    assert "Stage Not invited Lost" in page
    assert "Shopify - PendingAuth" in page
    assert "Not invited" in text_of(as_charlie.get(page_of(entry)))


def test_an_act_that_has_no_words_yet_is_shown_as_it_stands(as_charlie, company):
    happened(company, subject="danced")
    assert "danced" in text_of(as_charlie.get(list_of(HistoryEntry)))


def test_every_kind_of_mail_has_words():
    subjects = Path(settings.BASE_DIR, "templates", "emails").glob("*_subject.txt")
    assert {path.name.removesuffix("_subject.txt") for path in subjects} == set(labels.MAILS)


def test_mails_are_listed_by_what_they_are_for(as_charlie, company):
    OutgoingEmail.objects.create(company=company, kind="onboard", dedupe_key="1", language="en")
    assert "Invitation" in text_of(as_charlie.get(list_of(OutgoingEmail)))


@pytest.mark.parametrize(
    ("scope", "words"),
    [("codat", "All calls to Codat"), ("create_company", "Create the company"), ("sun", "sun")],
)
def test_what_is_paused_is_said_in_words(as_charlie, db, scope, words):
    pause = Pause.objects.create(scope=scope, reason="401", since=timezone.now())
    assert words in text_of(as_charlie.get(list_of(Pause)))
    assert words in text_of(as_charlie.get(page_of(pause)))


def test_json_is_shown_line_by_line_from_left_to_right(as_charlie, company):
    account = CodatInstance.objects.create(
        client_id="ours", seen_at=timezone.now(), read_every={"bills": 24, "invoices": 1}
    )
    page = as_charlie.get(page_of(account)).content.decode()
    assert '<bdi dir="ltr">bills: 24</bdi><br><bdi dir="ltr">invoices: 1</bdi>' in page
    assert "By data type, as Codat" in page, "the hint stays"
    fault = [{"status": "Active", "statusCode": "401", "statusText": "<b>"}]
    broken = make_connection(company, errors=fault)
    page = as_charlie.get(page_of(broken)).content.decode()
    assert '<bdi dir="ltr">Active · 401 · &lt;b&gt;</bdi>' in page
    assert list(Connection.objects.values_list("errors", flat=True)) == [fault]


def test_the_language_of_staff_is_chosen_and_no_code_is_typed(as_charlie, charlie, settings):
    settings.LANGUAGES = [("en", "English"), ("de", "German")]
    page = as_charlie.get(reverse("admin:accounts_user_change", args=[charlie.pk]))
    assert "The portal's own English German" in text_of(page)
    assert '<select name="language"' in page.content.decode()


def test_a_permission_text_is_named_by_its_language_and_what_it_is_for(as_charlie, db):
    text = ConsentText.objects.create(version=2, language="en")
    page = text_of(as_charlie.get(list_of(ConsentText)))
    assert "2 Every category English" in page
    assert "English, version 2" in text_of(as_charlie.get(page_of(text)))
