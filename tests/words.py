"""What customers read, and what translators made of it."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from gettext import GNUTranslations
from pathlib import Path

from django.conf import settings
from django.utils.translation import trans_real
from django.utils.translation.template import templatize

ROOT = Path(settings.BASE_DIR)
LOCALE = Path(settings.LOCALE_PATHS[0])

OF_STAFF = {
    *("templates/admin", "templates/desk", "templates/accounts", "templates/demo"),
    *("onboarding/accounts", "onboarding/demo", "onboarding/desk", "onboarding/simulator"),
    *("onboarding/linking/admin", "onboarding/linking/models", "onboarding/linking/apps.py"),
    "onboarding/admin_site.py",
}
"""As in the Makefile's `words`; all else may be read by customers."""

_LITERAL = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_CALL = re.compile(rf"(?<!\w)(p?)(n?)(?:gettext|_)\(({_LITERAL})(?:,\s*({_LITERAL}))?")
_MARKERS = {"gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "_"}
_MARKERS_IN_CONTEXT = {"pgettext", "pgettext_lazy"}


def translated() -> list[str]:
    """The languages that there are words in, beside English."""
    return sorted(path.parent.parent.name for path in LOCALE.glob("*/LC_MESSAGES/django.mo"))


@cache
def compiled(language: str) -> dict[str | tuple[str, int], str]:
    """Sentence, with its context before it, or sentence and number of its plural: translation."""
    with (LOCALE / language / "LC_MESSAGES" / "django.mo").open("rb") as file:
        catalogue = GNUTranslations(file)._catalog  # its methods answer in English for a gap
    return {key: words for key, words in catalogue.items() if key}


def of_source(language: str) -> dict[str | tuple[str, int], str]:
    """The same from the file that translators edit, without what waits for their second look."""
    text = (LOCALE / language / "LC_MESSAGES" / "django.po").read_text(encoding="utf-8")
    found: dict[str | tuple[str, int], str] = {}
    for entry in text.split("\n\n")[1:]:
        if re.search(r"^#,.*fuzzy", entry, re.M):
            continue
        parts = {
            name: "".join(ast.literal_eval(line) for line in lines.splitlines())
            for name, lines in re.findall(r'^(msg[\w\[\]]+) ((?:".*"\n?)+)', entry, re.M)
        }
        context = f"{parts['msgctxt']}\x04" if "msgctxt" in parts else ""
        for name, words in parts.items():
            if not name.startswith("msgstr") or not words:
                continue
            sentence = context + parts["msgid"]
            number = re.search(r"\[(\d)\]", name)
            found[(sentence, int(number[1])) if number else sentence] = words
    return found


def lacking(language: str, sentences: set[str]) -> list[str]:
    """Those that stay English; what Django itself knows in that language is no gap."""
    ours, django = compiled(language), trans_real.translation(language)._catalog
    return sorted(
        each
        for each in sentences
        if each and not any(key in known for known in (ours, django) for key in (each, (each, 0)))
    )


def for_customers() -> set[str]:
    """Every sentence of the pages and mails, from their sources."""
    return {sentence for path in _sources() for sentence in _sentences(path)}


def _sources() -> Iterator[Path]:
    for path in [*(ROOT / "templates").rglob("*.*"), *(ROOT / "onboarding").rglob("*.py")]:
        name = str(path.relative_to(ROOT))
        if not any(name == part or name.startswith(f"{part}/") for part in OF_STAFF):
            yield path


def _sentences(path: Path) -> Iterator[str]:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        yield from _in_python(text)
        return
    for in_context, _plural, first, second in _CALL.findall(templatize(text)):
        words = ast.literal_eval(first)
        yield f"{words}\x04{ast.literal_eval(second)}" if in_context else words


def _in_python(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        words = [each.value for each in node.args if isinstance(each, ast.Constant)]
        if node.func.id in _MARKERS and words:
            yield words[0]
        elif node.func.id in _MARKERS_IN_CONTEXT:
            yield "\x04".join(words[:2])
