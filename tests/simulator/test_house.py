"""The simulator's own order: documented operations, assumptions in use, an island."""

import re
from pathlib import Path

import pytest

from onboarding.simulator import assumptions
from onboarding.simulator.api import OPERATIONS
from onboarding.simulator.world import SETTINGS

FOLDER = Path(assumptions.__file__).parent


def test_each_operation_is_in_the_readme_with_its_authority() -> None:
    rows = re.findall(
        r"^\| `([\w-]+)` \| (\w+) `([^`]+)` \| (schema|prose) \|$",
        (FOLDER / "README.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    wanted = [
        (one.id, one.method, re.sub(r"<(?:path:)?(\w+)>", r"{\1}", one.rule), one.authority)
        for one in OPERATIONS
    ]
    assert sorted(rows) == sorted(wanted)


def test_operations_have_one_name_each() -> None:
    names = [name for one in OPERATIONS for name in (one.id, *one.aliases)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", [name for name in vars(assumptions) if name.isupper()])
def test_each_assumption_is_in_use(name: str) -> None:
    users = [
        path.name
        for path in FOLDER.rglob("*.py")
        if path.name != "assumptions.py"
        and re.search(rf"\b{name}\b", path.read_text(encoding="utf-8"))
    ]
    assert users


def test_modules_stay_small() -> None:
    for path in FOLDER.rglob("*.py"):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 400, path.name


def test_each_setting_is_in_the_readme() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))
    assert set(SETTINGS) | {"portal", "dataset_seconds"} <= named
