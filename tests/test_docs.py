"""What the docs say of the tests is true."""

import ast
import re
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
CHECKLIST = (ROOT / "docs" / "checklist.md").read_text(encoding="utf-8")
FAULTS = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def boxes() -> list[list[str]]:
    """The cells of every row of the checklist."""
    rows = [line for line in CHECKLIST.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def names_in(path: str) -> set[str]:
    file = ROOT / path
    if not file.exists():
        return set()
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_test_that_the_checklist_names_exists():
    named = NAMED.findall(CHECKLIST)

    assert len(named) > 60
    assert [(path, name) for path, name in named if name not in names_in(path)] == []


def test_every_box_is_answered():
    answers = {what: answer for what, answer, *_ in boxes() if what not in ("What", "Page")}

    assert len(answers) > 35
    assert [what for what, answer in answers.items() if not answer] == []


def test_every_test_that_the_page_of_faults_names_exists():
    named = NAMED.findall(FAULTS)
    files = re.findall(r"`(tests/[\w/]+\.py)`", FAULTS)
    folders = re.findall(r"`(tests/[\w/]+/)`", FAULTS)

    assert len(named) > 10
    assert [(path, name) for path, name in named if name not in names_in(path)] == []
    assert [path for path in [*files, *folders] if not (ROOT / path).exists()] == []
