"""A language that nobody speaks: right to left, every sentence of ours in ⟦brackets⟧.

It lends Arabic's name, so that pages turn round; what stands outside of the brackets was never
offered to translators.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from html.parser import HTMLParser
from unittest.mock import patch

from django.test import override_settings
from django.utils import translation
from django.utils.translation import trans_real

from onboarding.journey import languages

from .registry import NAMES

LANGUAGE = "ar"
OPEN, CLOSE = "⟦", "⟧"
_NAMES = re.compile(
    "|".join([*map(re.escape, sorted(NAMES, key=len, reverse=True)), r"\S+@\S+|https?://\S+"])
)
"""What no translator touches: the names in the rows, and addresses."""
TOLD = {"title", "alt", "aria-label", "placeholder", "data-say", "data-failed", "data-copied"}
SKIPPED = {"bdi", "code", "time", "svg", "script", "style"}
VOID = {"br", "hr", "img", "input", "link", "meta", "path", "wbr"}


class _Pseudo(trans_real.DjangoTranslation):
    asked: set[str]
    """Every sentence that was wanted in this language."""

    def gettext(self, message: str) -> str:
        self.asked.add(message)
        return self._bracketed(message)

    def _bracketed(self, message: str) -> str:
        context, separator, text = message.rpartition(trans_real.CONTEXT_SEPARATOR)
        if separator and context.startswith("format"):
            return text
        return f"{OPEN}{text}{CLOSE}" if text else ""

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        self.asked.add(singular)
        return self._bracketed(singular if n == 1 else plural)


@contextmanager
def pseudo_language() -> Iterator[set[str]]:
    """Everything drawn inside is in the language that nobody speaks.

    Yields the sentences asked for so far; what has a context stands behind it, as in a .mo file.
    """
    # Staff's pages are English for now, but are held to be translatable like all others.
    staffs = patch.object(languages, "UNTRANSLATED", LANGUAGE)
    with staffs, override_settings(LANGUAGES=[("en", "English"), (LANGUAGE, "Arabic")]):
        known = trans_real._translations.get(LANGUAGE)
        _Pseudo.asked = set()
        trans_real._translations[LANGUAGE] = _Pseudo(LANGUAGE)
        try:
            with translation.override(LANGUAGE):
                yield _Pseudo.asked
        finally:
            trans_real._translations.pop(LANGUAGE)
            if known:
                trans_real._translations[LANGUAGE] = known


class _Reader(HTMLParser):
    """Gathers what is told outside of brackets."""

    def __init__(self) -> None:
        super().__init__()
        self.depth, self.skipped = 0, 0
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list) -> None:
        if tag in VOID and not self.skipped:
            self._tell(attrs)
            return
        if self.skipped or tag in SKIPPED or dict(attrs).get("translate") == "no":
            self.skipped += tag not in VOID
            return
        self._tell(attrs)

    def _tell(self, attrs: list) -> None:
        for name, value in attrs:
            if name in TOLD and value:
                self.found += outside(value)[0]

    def handle_endtag(self, tag: str) -> None:
        if self.skipped and tag not in VOID:
            self.skipped -= 1

    def handle_data(self, data: str) -> None:
        if not self.skipped:
            found, self.depth = outside(data, self.depth)
            self.found += found


class _AdminReader(_Reader):
    """Leaves out what Django draws straight from rows, and its one word that is English alone."""

    def handle_starttag(self, tag: str, attrs: list) -> None:
        if not self.skipped and tag not in VOID and self._is_of_rows(tag, dict(attrs)):
            self.skipped = 1
        elif "search.svg" not in dict(attrs).get("src", ""):
            super().handle_starttag(tag, attrs)

    def _is_of_rows(self, tag: str, attrs: dict[str, str]) -> bool:
        classes = attrs.get("class", "").split()
        href = attrs.get("href", "")
        return (
            tag in {"title", "option", "textarea"}
            or bool({"readonly", "breadcrumbs"}.intersection(classes))
            or (tag in {"td", "th"} and any(each.startswith("field-") for each in classes))
            or (tag == "a" and href.startswith("?") and "o=" not in href)
        )


def outside(text: str, depth: int = 0) -> tuple[list[str], int]:
    """The words of `text` that stand in no brackets, and how many are still open after it."""
    bare = []
    for piece in re.split(f"([{OPEN}{CLOSE}])", unescape(text)):
        if piece in (OPEN, CLOSE):
            depth += 1 if piece == OPEN else -1
        elif depth == 0:
            bare.append(re.sub("\u2068.*?\u2069", "", _NAMES.sub("", piece)))
    words = [" ".join(each.split()) for each in bare if re.search(r"[^\W\d_]{2,}", each)]
    return words, max(depth, 0)


def untranslated(html: str) -> list[str]:
    """The words of a page, drawn in this language, that were not offered to translators."""
    reader = _AdminReader() if 'id="user-tools"' in html else _Reader()
    reader.feed(html)
    return list(dict.fromkeys(reader.found))
