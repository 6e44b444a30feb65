from html import unescape

import pytest
from django.utils import translation

from onboarding.linking.site_texts import (
    EDITABLE,
    PLACEHOLDERS,
    as_html,
    own_text,
    site_text,
    unknown_placeholders,
)


def test_names_are_replaced_escaped_and_set_apart():
    html = as_html("{business} at {firm} & co", {"business": "Brook & <b>", "firm": "Northbank"})
    assert html == "<bdi>Brook &amp; &lt;b&gt;</bdi> at <bdi>Northbank</bdi> &amp; co"


def test_a_name_that_looks_like_a_placeholder_is_not_replaced_again():
    assert as_html("{business}", {"business": "{firm}", "firm": "X"}) == "<bdi>{firm}</bdi>"


@pytest.mark.parametrize(
    "text", ["{firm.__class__}", "{0}", "{firm!r}", "{ firm }", "{firm:>9}", "%(firm)s", "{}", "{"]
)
def test_nothing_else_in_braces_means_anything(text):
    assert unescape(as_html(text, {"firm": "Northbank"})) == text


def test_a_placeholder_whose_value_is_not_known_here_stays_in_sight():
    assert as_html("For {business}", {"firm": "Northbank"}) == "For {business}"


def test_unknown_placeholders_are_found_in_reading_order():
    text = "{firm} reads {software} for {name}"
    assert unknown_placeholders(text, "start.gain") == ["{software}", "{name}"]
    assert unknown_placeholders(text, "done.next") == ["{name}"]


@pytest.mark.parametrize(
    ("language", "found"), [("pt-br", "Olá"), ("pt", "Olá"), ("en", None), ("en-gb", None)]
)
def test_words_serve_their_language_and_its_kinds_and_no_other(language, found):
    with translation.override(language):
        assert own_text("start.gain", {("start.gain", "pt"): "Olá"}) == found


def test_a_firm_without_a_name_says_we():
    html = site_text("done.next", texts={}, firm_name="")
    assert html.startswith("We look at your information")
    own = {("done.next", "en"): "{firm} calls you."}
    assert site_text("done.next", texts=own, firm_name="") == "<bdi>this firm</bdi> calls you."


@pytest.mark.parametrize("key", EDITABLE)
def test_every_default_could_be_saved_as_it_is(key):
    editable = EDITABLE[key]
    assert set(editable.placeholders) <= set(PLACEHOLDERS)
    for text in (editable.default, editable.unnamed or ""):
        assert unknown_placeholders(str(text), key) == []
