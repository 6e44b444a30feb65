import base64
import re
from html import unescape

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from onboarding.linking.models import Branding, ConsentText, SiteText
from onboarding.ui.brand_colours import brand_colours
from tests.linking.test_pictures import SVG, drawn
from tests.ui.stylesheets import colour_roles

BRANDING = reverse("admin:linking_branding_changelist")
PREVIEW = reverse("admin:linking_branding_preview")
PREVIEW_CSS = reverse("admin:linking_branding_preview_css")
SECTIONS = ("purpose", "access", "account_information", "platform_data", "retention")
TEXTS = reverse("admin:linking_sitetext_changelist")
EVERYTHING = {
    "name": "Northbank",
    "support_email": "help@northbank.example",
    "support_phone": "020 7946 0000",
    "home_url": "https://northbank.example/",
    "privacy_url": "northbank.example/privacy",
    "terms_url": "https://northbank.example/terms",
    "colour": "#14285F",
    "colour_dark": "#ffd400",
    "secured_by_codat": "on",
}


def text_of(page):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.content.decode())).split())


@pytest.fixture
def save(as_charlie, db):
    """Posts the form of the one row, made here if there is none; returns the row."""

    def post(**changes):
        row, _made = Branding.objects.get_or_create(defaults={"name": "Northbank"})
        url = reverse("admin:linking_branding_change", args=[row.pk])
        response = as_charlie.post(url, {"name": row.name, "colour": row.colour, **changes})
        assert response.status_code == 302, response.context["adminform"].form.errors
        return Branding.objects.get()

    return post


@pytest.fixture
def errors(as_charlie, db):
    """What the form says against an answer."""

    def post(**changes):
        url = reverse("admin:linking_branding_add")
        response = as_charlie.post(url, {"name": "Northbank", **changes})
        assert response.status_code == 200
        assert not Branding.objects.exists()
        return response.context["adminform"].form.errors.get_json_data()

    return post


def upload(content, name="logo.png"):
    return SimpleUploadedFile(name, content, "image/png")


def test_the_first_row_begins_with_what_the_settings_say(as_charlie, settings):
    settings.FIRM_NAME = "Harbour Bank"
    page = as_charlie.get(reverse("admin:linking_branding_add"))
    assert 'value="Harbour Bank"' in page.content.decode()


def test_staff_give_name_colours_contacts_and_links(as_charlie, client, db):
    as_charlie.post(reverse("admin:linking_branding_add"), EVERYTHING)
    row = Branding.objects.get()
    assert (row.name, row.colour, row.colour_dark) == ("Northbank", "#14285F", "#ffd400")
    assert row.privacy_url == "https://northbank.example/privacy"
    page = client.get("/").content.decode()
    for shown in ("tel:02079460000", "mailto:help@northbank.example", "/privacy", "/terms"):
        assert shown in page
    assert "Secured by Codat" in page
    assert f"/brand/{row.stylesheet_hash}.css" in page


def test_there_is_no_second_row_and_none_is_deleted(as_charlie, save):
    row = save()
    assert as_charlie.post(reverse("admin:linking_branding_add"), EVERYTHING).status_code == 403
    delete = reverse("admin:linking_branding_delete", args=[row.pk])
    assert as_charlie.post(delete, {"post": "yes"}).status_code == 403
    assert "delete_selected" not in as_charlie.get(BRANDING).content.decode()


@pytest.mark.parametrize("colour", ["red", "#fff", "#12345g", "#123456;}", "123456"])
def test_what_is_no_colour_is_refused(errors, colour):
    assert errors(colour=colour)["colour"]


def test_a_dark_colour_alone_is_refused(errors):
    assert "light theme" in errors(colour_dark="#14285f")["colour"][0]["message"]


@pytest.mark.parametrize(
    ("written", "picked", "before", "saved"),
    [
        ("#14285f", "#0b5a8f", "", "#14285f"),  # written, the picker untouched
        ("", "#14285f", "", "#14285f"),  # picked, nothing written
        ("#ffd400", "#14285f", "#ffd400", "#14285f"),  # picked anew
        ("", "#ffd400", "#ffd400", ""),  # taken away in writing
        ("#ffd400", "#ffd400", "#FFD400", "#ffd400"),
        ("", "#0b5a8f", "", ""),  # neither
        ("#14285f", "#f9d5e5", "#ffd400", "#14285f"),  # both: writing counts
    ],
)
def test_without_script_the_one_that_was_changed_counts(save, written, picked, before, saved):
    row = save(colour=written, colour_picker=picked, colour_before=before)
    assert row.colour == saved


def test_a_logo_is_drawn_anew_and_gives_the_icon_too(save):
    row = save(logo_file=upload(drawn((900, 300), "JPEG")))
    assert bytes(row.logo).startswith(b"\x89PNG")
    assert (row.logo_width, row.logo_height) == (288, 96)
    assert bytes(row.favicon).startswith(b"\x89PNG")
    assert not row.favicon_is_own
    first = row.favicon_hash
    assert save(logo_file=upload(drawn((900, 300), colour="red"))).favicon_hash != first


def test_an_icon_of_its_own_outlives_a_new_logo_until_it_is_removed(save):
    own = save(favicon_file=upload(drawn((64, 64), colour="green"))).favicon_hash
    row = save(logo_file=upload(drawn()))
    assert (row.favicon_hash, row.favicon_is_own) == (own, True)
    row = save(remove_favicon="on")
    assert row.favicon_hash not in ("", own)
    assert not row.favicon_is_own


def test_removing_the_logo_removes_the_icon_made_from_it(save):
    save(logo_file=upload(drawn()))
    row = save(remove_logo="on")
    assert (row.logo, row.logo_hash, row.logo_width) == (None, "", 0)
    assert (row.favicon, row.favicon_hash) == (None, "")


def test_saving_other_things_leaves_the_pictures(save):
    logo = save(logo_file=upload(drawn())).logo_hash
    row = save(name="Southbank")
    assert (row.name, row.logo_hash) == ("Southbank", logo)
    assert row.favicon_hash


@pytest.mark.parametrize("field", ["logo_file", "favicon_file"])
@pytest.mark.parametrize(
    ("content", "says"), [(SVG, "PNG, JPEG, GIF or WebP"), (b"x" * 1_000_001, "smaller than")]
)
def test_other_files_are_refused_in_words(errors, field, content, says):
    assert says in errors(**{field: upload(content, "logo.svg")})[field][0]["message"]


def test_the_preview_draws_colours_that_nobody_saved(as_charlie, db):
    page = as_charlie.get(PREVIEW, {"colour": "#F9D5E5"})
    assert Branding.objects.count() == 0
    assert page.content.decode().count('class="sample"') == 4
    said = text_of(page)
    assert "Adjusted, so that all can be read: edge of buttons, links." in said
    assert "Nothing had to be adjusted." in said  # in the dark theme
    assert "Links: #78666E , lowest contrast 4.56 (4.5 needed) adjusted" in said
    css = re.search(r'href="([^"]*preview\.css\?[^"]*)"', page.content.decode())[1]
    sheet = as_charlie.get(unescape(css)).content.decode()
    light, dark = sheet.split("\n")
    assert f"--link:{brand_colours('#F9D5E5', 'light').link};" in light
    assert dark.endswith("--link:#F9D5E5;--link-hover:#F9D5E5;}")


def test_the_previews_sheet_holds_every_role_of_both_themes(as_charlie, db):
    response = as_charlie.get(PREVIEW_CSS)
    assert response["Content-Type"] == "text/css; charset=utf-8"
    assert "no-store" in response["Cache-Control"]
    for rule, roles in zip(
        response.content.decode().split("\n"), colour_roles().values(), strict=True
    ):
        last = dict(re.findall(r"--([a-z-]+):\s*(#[0-9A-F]{6});", rule))
        assert last == roles


def test_the_preview_begins_with_what_is_saved(as_charlie, save):
    save(colour="#14285f")
    assert "#14285F" in text_of(as_charlie.get(PREVIEW))


@pytest.mark.parametrize("colour", ["red", "#12345", "#123456}body{display:none", "<script>"])
def test_the_preview_takes_nothing_but_colours(as_charlie, db, colour):
    page = as_charlie.get(PREVIEW, {"colour": colour})
    assert page.status_code == 200
    assert "Write the colour like #0b5a8f." in text_of(page)
    assert 'class="sample"' not in page.content.decode()
    sheet = as_charlie.get(PREVIEW_CSS, {"colour": colour}).content.decode()
    assert colour not in sheet


def test_the_forms_button_draws_what_is_typed_and_leads_back_with_its_colours(as_charlie, save):
    row = save(colour="#14285f")
    typed = {"name": "Other", "colour": "#ffd400", "colour_dark": "", "support_email": "?"}
    answer = as_charlie.post(PREVIEW, typed)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert "Connect your business to Other" in text_of(answer)
    body = answer.content.decode()
    sheet = as_charlie.get(unescape(re.search(r'href="([^"]*preview\.css\?[^"]*)"', body)[1]))
    assert "--action:#FFD400;" in sheet.content.decode()
    back = unescape(re.search(r'href="([^"]*/change/\?[^"]*)"', body)[1])
    form = as_charlie.get(back).content.decode()
    assert re.search(r'name="colour"[^>]* value="#ffd400"|value="#ffd400"[^>]* name="colour"', form)
    saved = Branding.objects.get()
    assert (saved.name, saved.colour) == ("Northbank", "#14285f")
    as_charlie.post(back, {"name": row.name, "colour": "#ffd400"})
    assert Branding.objects.get().colour == "#ffd400"


def test_a_colour_taken_away_in_the_form_is_taken_away_in_the_samples(as_charlie, save):
    save(colour="#14285f")
    for page in (
        as_charlie.post(PREVIEW, {"name": "Northbank", "colour": ""}),
        as_charlie.get(PREVIEW, {"colour": "", "colour_dark": ""}),
    ):
        assert "No colour is set" in text_of(page)
        address = re.search(r'href="([^"]*preview\.css\?[^"]*)"', page.content.decode())[1]
        assert "14285F" not in as_charlie.get(unescape(address)).content.decode()


def test_a_typed_name_is_text_and_stands_in_no_address(as_charlie, db):
    body = as_charlie.post(PREVIEW, {"name": "<b>Mine</b>"}).content.decode()
    assert "&lt;b&gt;Mine&lt;/b&gt;" in body
    assert "<b>" not in body
    assert not any("Mine" in each for each in re.findall(r'(?:href|src|action)="([^"]*)"', body))
    assert not Branding.objects.exists()
    asked = as_charlie.get(PREVIEW, {"name": "Mine", "colour": "#ffd400"})
    assert "Mine" not in text_of(asked)


def test_a_chosen_logo_is_drawn_anew_into_that_one_page(as_charlie, save):
    row = save(logo_file=upload(drawn()))
    policy = as_charlie.get(PREVIEW)["Content-Security-Policy"]
    assert "data:" not in policy
    noted = drawn((900, 300), "JPEG", comment=b"SECRET <script>")
    page = as_charlie.post(PREVIEW, {"name": "Northbank", "logo_file": upload(noted)})
    shown = re.findall(
        r'<img src="data:image/png;base64,([^"]+)" alt="Northbank" width="288"',
        page.content.decode(),
    )
    assert len(shown) == 4
    png = base64.b64decode(shown[0])
    assert png.startswith(b"\x89PNG")
    assert b"SECRET" not in png
    assert page["Content-Security-Policy"] == policy.replace(
        "img-src 'self'", "img-src 'self' data:"
    )
    assert Branding.objects.get().logo_hash == row.logo_hash
    without = as_charlie.post(PREVIEW, {"name": "Northbank"})
    assert without.content.decode().count(f"/brand/{row.logo_hash}.png") == 4
    assert "data:" not in without["Content-Security-Policy"]
    removed = as_charlie.post(PREVIEW, {"name": "Northbank", "remove_logo": "on"})
    assert row.logo_hash not in removed.content.decode()


@pytest.mark.parametrize(
    ("given", "says", "samples"),
    [
        ({"name": ""}, "Name of the firm: This field is required.", 4),
        ({"logo_file": SVG}, "PNG, JPEG, GIF or WebP", 4),
        ({"colour": "#123456}body{display:none"}, "Colour: Write the colour like #0b5a8f.", 0),
        ({"colour_dark": "#14285f"}, "light theme", 0),
    ],
)
def test_what_could_not_be_saved_of_a_look_is_said(as_charlie, db, given, says, samples):
    sent = {"name": "Northbank"} | given
    if "logo_file" in sent:
        sent["logo_file"] = upload(sent["logo_file"], "logo.svg")
    page = as_charlie.post(PREVIEW, sent)
    assert says in text_of(page)
    assert page.content.decode().count('class="sample"') == samples
    assert "display:none" not in page.content.decode()


def test_the_samples_say_of_access_and_of_trust_what_customers_read(as_charlie, db):
    assert text_of(as_charlie.get(PREVIEW)).count("We cannot move money.") == 4
    words = dict.fromkeys(SECTIONS, "-") | {"access": "We read, and add <invoices>."}
    ConsentText.objects.create(version=1, **words)
    SiteText.objects.create(key="start.proof", language="en", text="Trusted by 120 cafes.")
    said = text_of(as_charlie.get(PREVIEW))
    assert said.count("We read, and add <invoices>.") == 4
    assert "We cannot move money." not in said
    assert said.count("Trusted by 120 cafes.") == 2


@pytest.mark.parametrize("address", [PREVIEW, PREVIEW_CSS])
def test_the_preview_is_for_those_who_may_change_the_look(as_alice, client, address):
    assert as_alice.get(address).status_code == 403
    assert client.get(address).status_code == 302
    assert as_alice.post(address, {"name": "Mine"}).status_code == 403


def test_every_text_is_listed_with_its_default(as_charlie, db):
    said = text_of(as_charlie.get(TEXTS))
    assert "Start: what the customer gains We read your sales and costs" in said
    assert "{firm} looks at your information and contacts you." in said
    assert "Every page: your own message, beside the question – –" in said


def test_the_list_of_texts_names_the_language_where_there_are_several(as_charlie, db, settings):
    settings.LANGUAGES = [("en", "English"), ("de", "German")]
    said = text_of(as_charlie.get(TEXTS))
    assert "Start: what the customer gains English We read your sales and costs" in said
    assert "Start: what the customer gains German" in said


def test_the_form_of_the_look_offers_only_what_can_be_done(as_charlie, db):
    page = text_of(as_charlie.get(reverse("admin:linking_branding_add")))
    assert "Save and add another" not in page
    assert "Remove the logo" not in page
    assert "Remove the icon" not in page


@pytest.fixture
def write(as_charlie, db):
    def post(text, key="start.gain", language="en"):
        url = reverse("admin:linking_sitetext_add")
        return as_charlie.post(url, {"key": key, "language": language, "text": text})

    return post


def test_a_changed_text_is_seen_by_customers_and_deleting_it_brings_the_default_back(
    as_charlie, client, write
):
    assert write("A decision from {firm}\nin one day.").status_code == 302
    assert SiteText.objects.get().text == "A decision from {firm} in one day."
    assert "A decision from Northbank in one day." in text_of(client.get("/"))
    assert "A decision from {firm} in one day." in text_of(as_charlie.get(TEXTS))
    delete = reverse("admin:linking_sitetext_delete", args=[SiteText.objects.get().pk])
    as_charlie.post(delete, {"post": "yes"})
    assert "We read your sales and costs" in text_of(client.get("/"))


def test_a_text_is_changed_in_place(as_charlie, write):
    write("One.", key="done.next")
    row = SiteText.objects.get()
    url = reverse("admin:linking_sitetext_change", args=[row.pk])
    assert "Replaced by the true words: {firm} {business} {software}" in text_of(
        as_charlie.get(url)
    )
    as_charlie.post(url, {"text": "Two.\n\nThree.", "key": "start.gain", "language": "xx"})
    row.refresh_from_db()
    assert (row.key, row.language, row.text) == ("done.next", "en", "Two.\n\nThree.")


@pytest.mark.parametrize(
    ("given", "field", "says"),
    [
        ({"text": "For {business}"}, "text", "{business} is not replaced here. Use {firm}."),
        ({"text": "{firm.password}"}, "text", "{firm.password} is not replaced here."),
        ({"text": "x" * 601}, "text", "at most 600 characters"),
        ({"text": " "}, "text", "required"),
        ({"text": "Hello", "key": "start.nothing"}, "key", "valid choice"),
        ({"text": "Hello", "language": "xx"}, "language", "valid choice"),
    ],
)
def test_a_text_that_cannot_be_used_is_refused_in_words(write, given, field, says):
    response = write(**given)
    found = response.context["adminform"].form.errors.get_json_data()
    assert says in found[field][0]["message"]
    assert not SiteText.objects.exists()


def test_a_text_has_one_wording_in_a_language(write):
    write("One.")
    assert write("Two.").status_code == 200
    assert SiteText.objects.get().text == "One."


def test_who_may_only_look_sees_both_pages_and_can_change_nothing(
    as_alice, alice, save, as_charlie
):
    row = save(logo_file=upload(drawn()))
    text = SiteText.objects.create(key="start.gain", language="en", text="One.")
    codenames = ["view_branding", "view_sitetext"]
    alice.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    change = reverse("admin:linking_branding_change", args=[row.pk])
    page = as_alice.get(change)
    assert f"/brand/{row.logo_hash}.png" in page.content.decode()
    assert "Preview" not in text_of(page)
    assert as_alice.post(change, {"name": "Mine"}).status_code == 403
    assert "One." in text_of(as_alice.get(TEXTS))
    words = reverse("admin:linking_sitetext_change", args=[text.pk])
    assert as_alice.get(words).status_code == 200
    assert as_alice.post(words, {"text": "Mine"}).status_code == 403
    assert (Branding.objects.get().name, SiteText.objects.get().text) == ("Northbank", "One.")


def test_without_any_permission_the_texts_are_not_shown(as_alice):
    assert as_alice.get(TEXTS).status_code == 403
