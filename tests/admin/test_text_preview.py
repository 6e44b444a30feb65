"""A text is looked at before it is saved: what is drawn, for whom, and what is not kept."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from onboarding.linking.models import Branding, SiteText
from tests.admin.conftest import signed_in
from tests.admin.test_branding import text_of
from tests.factories import make_platform

PREVIEW = reverse("admin:linking_sitetext_preview")


def preview_of(row):
    return reverse("admin:linking_sitetext_preview", args=[row.pk])


@pytest.fixture
def row(db):
    return SiteText.objects.create(key="done.next", language="en", text="One.")


@pytest.fixture
def look(as_charlie, db):
    def post(text, key="start.gain", language="en"):
        page = as_charlie.post(PREVIEW, {"key": key, "language": language, "text": text})
        assert page.status_code == 200
        assert not SiteText.objects.exists()
        return page

    return post


def test_a_text_is_drawn_where_it_stands_in_both_themes_and_nothing_is_saved(look):
    Branding.objects.create(name="Northbank")
    page = look("A decision from {firm}\nin one day.")
    body = page.content.decode()
    drawn = '<p class="lead">A decision from <bdi>Northbank</bdi> in one day.</p>'
    assert body.count(drawn) == 2
    assert body.count(" inert>") == 2
    assert "Start: what the customer gains" in text_of(page)
    assert "no-store" in page["Cache-Control"]


def test_samples_stand_for_the_names_and_paragraphs_are_kept(look):
    make_platform(name="Xero", order=1)
    body = look("{firm} reads {software}.\n\nGoodbye {business}.", key="done.next").content.decode()
    assert "reads <bdi>Xero</bdi>.</p>" in body
    assert "<p>Goodbye <bdi>Brook &amp; Sons Ltd</bdi>.</p>" in body


def test_the_message_of_every_page_is_drawn_in_the_panel(look):
    body = look("Hello.", key="panel.message").content.decode()
    panel = body.partition('class="sample-panel')[2].partition('class="sample-page')[0]
    assert "<p>Hello.</p>" in panel


def test_what_looks_like_html_is_shown_as_it_was_typed(look):
    body = look("<script>alert(1)</script>").content.decode()
    assert "<script>alert" not in body
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in body


def test_a_text_in_another_language_is_marked_as_such(look, settings):
    settings.LANGUAGES = [("en", "English"), ("de", "German")]
    page = look("{firm} meldet sich.", language="de")
    assert page.content.decode().count('lang="de" dir="ltr"') == 2
    assert "German" in text_of(page)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"text": "For {business}"}, "{business} is not replaced here. Use {firm}."),
        ({"text": "{<b>}"}, "{<b>} is not replaced here."),
        ({"text": "x" * 601}, "at most 600 characters"),
        ({"text": " "}, "required"),
        ({"text": "Hello", "key": "start.nothing"}, "valid choice"),
        ({"text": "Hello", "language": "xx"}, "valid choice"),
    ],
)
def test_what_could_not_be_saved_is_said_in_place_of_the_samples(look, given, says):
    page = look(**given)
    assert says in text_of(page)
    assert 'class="sample"' not in page.content.decode()
    assert "<b>" not in page.content.decode()


def test_a_changed_text_is_drawn_at_its_own_place_and_stays_as_it_was(as_charlie, row):
    form = as_charlie.get(reverse("admin:linking_sitetext_change", args=[row.pk]))
    assert f'formaction="{preview_of(row)}"' in form.content.decode()
    typed = {"text": "Two.\n\nThree.", "key": "start.gain", "language": "de"}
    page = as_charlie.post(preview_of(row), typed)
    assert "Done: what happens next" in text_of(page)
    assert page.content.decode().count("<p>Three.</p>") == 2
    row.refresh_from_db()
    assert (row.key, row.language, row.text) == ("done.next", "en", "One.")


def test_nothing_is_drawn_from_an_address(as_charlie, row):
    for address in (PREVIEW, preview_of(row)):
        led = as_charlie.get(address, {"text": "Mine", "key": "start.gain", "language": "en"})
        assert led.status_code == 302
        assert led["Location"] == reverse("admin:linking_sitetext_changelist")


def test_a_text_that_is_gone_is_not_found(as_charlie, row):
    row.delete()
    gone = reverse("admin:linking_sitetext_preview", args=[1])
    assert as_charlie.post(gone, {"text": "Two."}).status_code == 404


def test_who_may_not_edit_sees_no_preview(as_alice, alice, client, row):
    alice.user_permissions.set(Permission.objects.filter(codename="view_sitetext"))
    for address in (PREVIEW, preview_of(row)):
        assert as_alice.post(address, {"text": "Mine"}).status_code == 403
        assert client.post(address, {"text": "Mine"}).status_code == 302
    form = as_alice.get(reverse("admin:linking_sitetext_change", args=[row.pk]))
    assert "Preview" not in text_of(form)


def test_who_may_only_change_texts_sees_theirs_drawn_with_its_colours(as_alice, alice, row):
    alice.user_permissions.set(Permission.objects.filter(codename="change_sitetext"))
    assert as_alice.post(PREVIEW, {"text": "Mine"}).status_code == 403
    assert "Two." in text_of(as_alice.post(preview_of(row), {"text": "Two."}))
    sheet = as_alice.get(reverse("admin:linking_sitetext_preview_css"))
    assert sheet["Content-Type"] == "text/css; charset=utf-8"
    assert signed_in(alice).get(reverse("admin:linking_branding_preview")).status_code == 403


def test_a_preview_is_asked_for_with_the_forms_token(charlie, row):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(charlie)
    assert strict.post(preview_of(row), {"text": "Two."}).status_code == 403
