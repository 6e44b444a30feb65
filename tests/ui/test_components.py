"""Each component, drawn; and each of them together on the page of components."""

from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template, TemplateSyntaxError
from django.template.loader import render_to_string
from django.utils import timezone, translation

from onboarding.ui.icons import DRAWINGS
from onboarding.ui.templatetags.ui import TONES, breakable, grouped, mask_email, unbroken, whole


class BusinessForm(forms.Form):
    name = forms.CharField(
        label="Name of your business",
        help_text="As on your invoices.",
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
        error_messages={"required": "Enter the name of your business"},
    )
    email = forms.EmailField(label="Your e-mail address")
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea)
    software = forms.ChoiceField(label="Software", choices=[("gbol", "Xero")])
    whose = forms.ChoiceField(
        label="Is this your business?",
        choices=[("yes", "Yes, Harbour Cafe Ltd is us"), ("no", "No, connect another business")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether Harbour Cafe Ltd is your business"},
    )
    agreed = forms.BooleanField(label="I give permission")
    shown = forms.CharField(widget=forms.HiddenInput, initial="42")


def draw(source: str, **context) -> str:
    return Template("{% load ui %}" + source).render(Context(context))


class Elements(HTMLParser):
    """Every start tag with its attributes, and the text of the whole."""

    def __init__(self, html: str):
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def all(self, tag, **attributes):
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [a for t, a in self.tags if t == tag and wanted.items() <= a.items()]

    def one(self, tag, **attributes):
        (found,) = self.all(tag, **attributes)
        return found


@pytest.mark.parametrize("tone", TONES)
def test_a_state_is_an_icon_and_a_word(tone):
    html = draw('{% status_tag tone "Connected" %}', tone=tone)
    assert Elements(html).one("span")["data-tone"] == tone
    assert DRAWINGS[tone] in html
    assert Elements(html).text == "Connected"


def test_a_state_that_we_do_not_know_is_drawn_as_unknown():
    html = draw('{% status_tag tone "Unknown" %}', tone='"><script>')
    assert DRAWINGS["unknown"] in html
    assert Elements(html).one("span")["data-tone"] == "disconnected"


def test_icons_are_silent_and_only_arrows_mirror():
    for name in DRAWINGS:
        svg = Elements(draw("{% icon name %}", name=name)).one("svg")
        assert svg["aria-hidden"] == "true"
        assert ("icon-mirrored" in svg["class"]) == (name in ("back", "forward"))


def test_a_field_names_its_hint_and_keeps_the_widgets_autocomplete():
    page = Elements(draw("{% field form.name %}", form=BusinessForm()))
    box = page.one("input")
    assert box["aria-describedby"] == page.one("div", class_="hint")["id"]
    assert box["autocomplete"] == "organization"
    assert page.one("label")["for"] == box["id"]
    assert "aria-invalid" not in box


def test_a_refused_field_says_why_and_keeps_what_was_typed():
    form = BusinessForm({"email": "owner@brook"})
    page = Elements(draw("{% field form.name %}{% field form.email %}", form=form))
    name, email = page.one("input", name="name"), page.one("input", name="email")
    assert name["aria-describedby"] == "id_name_helptext id_name_error"
    assert name["aria-invalid"] == email["aria-invalid"] == "true"
    assert page.one("div", id="id_name_error")
    assert email["value"] == "owner@brook"
    assert "Enter the name of your business" in page.text


def test_only_a_field_that_need_not_be_filled_says_optional():
    form = BusinessForm()
    assert "(optional)" in draw("{% field form.note %}", form=form)
    assert "(optional)" not in draw("{% field form.name %}", form=form)


def test_choices_are_a_group_under_one_question():
    page = Elements(draw("{% field form.whose %}", form=BusinessForm({})))
    assert page.one("fieldset")["aria-describedby"] == "id_whose_error"
    assert page.one("legend") is not None
    for box, label in zip(page.all("input"), page.all("label"), strict=True):
        assert label["for"] == box["id"]


def test_all_fields_of_a_form_are_drawn_and_hidden_ones_without_a_label():
    page = Elements(draw("{% fields form %}", form=BusinessForm()))
    assert {a["name"] for t, a in page.tags if t in ("input", "textarea", "select")} == set(
        BusinessForm.base_fields
    )
    assert page.one("input", name="shown")["type"] == "hidden"
    assert "id_shown" not in [label.get("for") for label in page.all("label")]


def test_every_line_of_the_summary_leads_to_a_control_that_exists():
    form = BusinessForm({})
    summary = Elements(draw("{% error_summary form %}", form=form))
    ids = {a.get("id") for _, a in Elements(draw("{% fields form %}", form=form)).tags}
    links = [a["href"] for a in summary.all("a")]
    assert len(links) == len(form.errors) - 1  # the hidden field has nothing to link to
    assert {link.removeprefix("#") for link in links} <= ids
    assert "#id_whose_0" in links


def test_the_summary_takes_the_focus_and_uses_the_words_at_the_field():
    page = Elements(draw("{% error_summary form %}", form=BusinessForm({})))
    box = page.one("div", role="alert")
    assert box["tabindex"] == "-1"
    assert "autofocus" in box
    assert box["aria-labelledby"] == page.one("h2")["id"]
    assert "There is a problem" in page.text
    assert "Enter the name of your business" in page.text


def test_there_is_no_summary_without_errors_or_without_a_form():
    assert draw("{% error_summary form %}", form=BusinessForm()) == ""
    assert draw("{% error_summary form %}") == ""


def test_a_problem_of_the_whole_form_stands_in_the_summary():
    form = BusinessForm({"name": "Brook"})
    form.add_error(None, "Choose one of the two")
    form.add_error("shown", "This form is too old")
    text = Elements(draw("{% error_summary form %}", form=form)).text
    assert "Choose one of the two" in text
    assert "This form is too old" in text


def test_a_button_says_its_act_and_what_it_sends():
    html = draw('{% button "Yes, this is us" name="answer" value="yes" %}')
    button = Elements(html).one("button")
    assert button == {
        "class": "button", "data-kind": "primary", "type": "submit",
        "name": "answer", "value": "yes",
    }  # fmt: skip


def test_a_button_or_notice_of_an_unknown_kind_is_refused():
    with pytest.raises(TemplateSyntaxError):
        draw('{% button "Go" kind="shiny" %}')
    with pytest.raises(TemplateSyntaxError):
        draw('{% notice "linked" "Done" %}')


def test_a_notice_escapes_names_and_keeps_markup_of_the_template():
    html = draw(
        '{% notice_block "warning" heading %}<p>{{ name }}</p>{% endnotice_block %}',
        heading="A & B",
        name="<b>",
    )
    assert "<h2>A &amp; B</h2>" in html
    assert "<p>&lt;b&gt;</p>" in html


def test_details_hold_their_help_behind_a_question():
    html = draw('{% details "Is it safe?" %}<p>Yes.</p>{% enddetails %}')
    assert "<summary>Is it safe?</summary>" in html
    assert "<p>Yes.</p>" in html


def test_a_copy_box_shows_the_whole_key_left_to_right_and_no_button():
    page = Elements(draw('{% copy_box key "Licence key" %}', key="6f1c-92ab"))
    assert page.one("code")["dir"] == "ltr"
    assert "6f1c-92ab" in page.text
    assert page.all("button") == []


@pytest.mark.parametrize(
    ("email", "masked"),
    [
        ("owner@brook.example", "o•••@b••••.example"),
        ("a@b.co.uk", "a•••@b••••.uk"),
        ("owner@localhost", "o•••@••••"),
        ("@brook.example", "•••"),
        ("", "•••"),
    ],
)
def test_an_address_is_known_again_but_not_learned(email, masked):
    assert mask_email(email) == masked.replace("@", "@\u200b")


@pytest.mark.parametrize(
    ("email", "drawn"),
    [
        ("owner@brook.example", "owner@<wbr>brook.example"),
        ("<i>@brook.example", "&lt;i&gt;@<wbr>brook.example"),
        ("<i>", "&lt;i&gt;"),
    ],
)
def test_a_long_address_goes_on_after_its_at_sign(email, drawn):
    assert breakable(email) == drawn


def test_a_name_does_not_end_its_line_before_a_number():
    assert unbroken("Sage 50 to 7 firms") == "Sage\xa050 to\xa07 firms"


def test_no_line_ends_within_the_word_e_mail():
    assert whole("by e-mail") == "by e\u2011mail"


def test_long_numbers_are_grouped_as_the_language_does_it():
    assert grouped(10_000) == "10,000"
    assert grouped(999) == "999"
    with translation.override("de"):
        assert grouped(10_000) == "10.000"


def test_a_time_of_today_is_short_and_another_day_is_named():
    now = timezone.now()
    today = draw("{% local_time at %}", at=now)
    assert f">{timezone.localtime(now):%H:%M}</time>" in today
    assert f">Today, {timezone.localtime(now):%H:%M}<" in draw(
        '{% local_time at show="day" %}', at=now
    )
    old = draw("{% local_time at %}", at=datetime(2026, 11, 24, 14, 5, tzinfo=UTC) - timedelta(400))
    assert 'datetime="2025-10-20T14:05:00+00:00"' in old
    assert "Monday 20 October 2025, 14:05" in old


def test_a_time_is_told_in_the_readers_zone_and_names_it_for_staff():
    at = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)
    with timezone.override("Europe/London"):
        html = draw('{% local_time at show="time" zone=True %}', at=at)
    assert ">13:00 Europe/London</time>" in html or ">13:00 BST</time>" in html


def test_no_time_is_no_text():
    assert draw("{% local_time at %}", at=None) == ""


def test_a_tile_is_a_link_described_by_its_note_and_named_by_the_software_alone():
    html = render_to_string(
        "ui/tile.html",
        {"id": "t1", "href": "/go/", "title": "Xero", "note": "Windows computer needed"},
    )
    page = Elements(html)
    link = page.one("a")
    assert link["href"] == "/go/"
    assert link["aria-describedby"] == page.one("p")["id"]
    assert page.all("form") == []
    assert "Windows" not in html.partition("<a")[2].partition("</a>")[0]


def test_a_connected_tile_is_a_link_and_posts_nothing():
    context = {
        "id": "t1",
        "title": "Shopify",
        "href": "/c/",
        "tone": "linked",
        "state": "Connected",
    }
    page = Elements(render_to_string("ui/tile.html", context))
    assert page.one("a", class_="tile")["href"] == "/c/"
    assert page.all("form") == []


def test_pages_of_a_list_keep_the_filters_of_the_address(rf):
    page = Paginator(range(45), 10).page(2)
    html = render_to_string("ui/pagination.html", {"page": page}, rf.get("/?reason=lost&page=2"))
    links = Elements(html).all("a")
    assert [link["rel"] for link in links] == ["prev", "next"]
    assert all("reason=lost" in link["href"] for link in links)
    assert "Showing 11 to 20 of 45" in html


def test_a_list_of_one_page_has_no_pagination(rf):
    page = Paginator(range(3), 10).page(1)
    assert "<nav" not in render_to_string("ui/pagination.html", {"page": page}, rf.get("/"))


def test_the_page_of_components_draws_all_of_them(rf):
    progress = [{"name": "Invoices you send", "tone": "linked", "word": "Done"}]
    context = {"firm": {"name": "Northbank"}, "form": BusinessForm({}), "progress": progress,
               "now": timezone.now()}  # fmt: skip
    page = Elements(render_to_string("ui/components.html", context, rf.get("/")))
    classes = {name for _, a in page.tags for name in (a.get("class") or "").split()}
    assert {"button", "field", "error-summary", "tag", "notice", "tile", "details", "progress",
            "copy", "card", "facts", "steps", "empty"} <= classes  # fmt: skip
    ids = [a["id"] for _, a in page.tags if a.get("id")]
    assert sorted(ids) == sorted(set(ids))
