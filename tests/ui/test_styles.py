"""What holds for every style sheet and script: direction, roles, layers, weight."""

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings

from .stylesheets import CSS, rules_of

SHEETS = sorted(CSS.glob("*.css"))
JOURNEY = ("tokens", "base", "components", "journey")
SIDE = "left|right|top|bottom"
PHYSICAL = re.compile(
    rf"""
    (?<![\w-])(?:
      (?:margin|padding|border|inset|scroll-margin|scroll-padding)-(?:{SIDE})[\w-]*\s*:
    | border-(?:top|bottom)-(?:left|right)-radius\s*:
    | (?:min-|max-)?(?:width|height)\s*:
    | (?:{SIDE})\s*:
    | inset\s*:
    | overflow-[xy]\s*:
    | (?:text-align|float|clear)\s*:\s*(?:left|right)
    | (?:margin|padding)\s*:\s*[^\s;]+\s+([^\s;]+)\s+[^\s;]+\s+(?!\1\s*;)[^\s;]+\s*;
    )""",
    re.VERBOSE,
)


def packed(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), 9))


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_sheets_know_start_and_end_but_no_left_and_right(sheet):
    found = [match.group(0) for match in PHYSICAL.finditer(rules_of(sheet))]
    assert found == []


@pytest.mark.parametrize(
    "css",
    ["margin-left: 0", "left: 0;", "width: 1px", "inset: 0", "text-align: right", "top:0",
     "padding: 0 1rem 0 2rem;", "border-top-left-radius: 1px"],
)  # fmt: skip
def test_the_search_for_left_and_right_finds_them(css):
    assert PHYSICAL.search(f"a {{ {css} }}")


@pytest.mark.parametrize("sheet", [s for s in SHEETS if s.stem != "tokens"], ids=lambda s: s.name)
def test_colours_come_from_roles_alone(sheet):
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl|oklch)a?\(", rules_of(sheet)) == []


def test_every_role_that_is_used_is_declared():
    everything = "".join(rules_of(sheet) for sheet in SHEETS)
    used = set(re.findall(r"var\((--[\w-]+)\)", everything))
    declared = set(re.findall(r"(--[\w-]+)\s*:", everything))
    assert used - declared == set()


def test_the_order_of_the_layers_is_said_first():
    order = "@layer reset, tokens, base, components, face, brand;"
    assert rules_of(CSS / "tokens.css").lstrip().startswith(order)


def test_nothing_moves_for_those_who_asked_for_stillness():
    for sheet in SHEETS:
        for at in re.finditer(r"\b(?:transition|animation)\b(?!: none)", rules_of(sheet)):
            before = rules_of(sheet)[: at.start()]
            start = before.rfind("prefers-reduced-motion: no-preference")
            assert start >= 0
            inside = before[start:]
            assert inside.count("{") > inside.count("}")


def test_the_journey_weighs_no_more_than_a_phone_on_a_train_can_bear():
    assert sum(packed(CSS / f"{name}.css") for name in JOURNEY) <= 5_500


def test_the_script_stays_a_trifle():
    assert packed(Path(settings.BASE_DIR) / "static" / "js" / "portal.js") <= 550


def test_long_words_part_at_a_hyphen_and_names_and_keys_never():
    rules = rules_of(CSS / "base.css")
    assert re.search(r"body \{[^}]*hyphens: auto;", rules)
    assert re.search(r"code, bdi \{ hyphens: none; \}", rules)
