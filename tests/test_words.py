"""Who chooses a language reads all of the journey in it: no English sentence in between."""

import re

import pytest
from django.conf import settings

from onboarding.demo.home import Home
from onboarding.demo.ports import Ports
from onboarding.demo.stack import Stack
from tests.words import compiled, for_customers, lacking, of_source, translated

PLACEHOLDERS = re.compile(r"%\(\w+\)[sd]|\{\w+\}|</?\w+[^>]*>")
AFTERWARDS = "Run `make words`, and translate what it adds."


def key_text(key):
    return key[0] if isinstance(key, tuple) else key


@pytest.mark.parametrize("language", translated())
def test_every_sentence_for_customers_is_translated(language):
    sentences = for_customers()

    assert len(sentences) > 700
    assert lacking(language, sentences) == [], AFTERWARDS


@pytest.mark.parametrize("language", translated())
def test_nothing_is_kept_that_no_page_says_any_more(language):
    sentences = for_customers()

    assert [key for key in compiled(language) if key_text(key) not in sentences] == [], AFTERWARDS


@pytest.mark.parametrize("language", translated())
def test_a_translation_has_the_placeholders_and_the_markup_of_its_sentence(language):
    wrong = {
        words: key_text(key)
        for key, words in compiled(language).items()
        if sorted(PLACEHOLDERS.findall(words)) != sorted(PLACEHOLDERS.findall(key_text(key)))
    }

    assert wrong == {}


@pytest.mark.parametrize("language", translated())
def test_what_is_compiled_is_what_translators_wrote(language):
    """A fresh clone has no GNU gettext: the compiled words are kept beside their source."""
    assert compiled(language) == of_source(language), "Run `make words`."


@pytest.mark.parametrize("language", translated())
def test_customers_are_never_told_of_the_vendor_in_any_language(language):
    said = {w for key, w in compiled(language).items() if "codat" in w.lower()}

    assert len(said) == 1, "the optional mark alone names it"


def test_the_demo_offers_what_is_translated(tmp_path):
    demo = Stack(Home(tmp_path), Ports(1, 2, 3, 4))

    assert demo._env["LANGUAGES"].split(",") == ["en", *translated()]
    assert [code for code, _name in settings.LANGUAGES] == ["en"], "others have to ask for it"
