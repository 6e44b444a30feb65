"""docker-compose.yml as Compose would read it, with values filled in."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")

# Compose's ways to write a value: ${NAME}, ${NAME:-default}, ${NAME:?}; `$$` is a dollar.
VARIABLE = re.compile(r"\$\{(?P<name>[A-Z][A-Z0-9_]*)(?:(?P<how>:-|:\?)(?P<rest>[^{}]*))?\}")


def read_raw() -> dict[str, Any]:
    return yaml.safe_load(TEXT)


def read(values: Mapping[str, str]) -> dict[str, Any]:
    """With `values` in the place of variables; KeyError names one that is needed and missing."""
    return _fill(read_raw(), values)


def _fill(node: Any, values: Mapping[str, str]) -> Any:
    if isinstance(node, dict):
        return {key: _fill(value, values) for key, value in node.items()}
    if isinstance(node, list):
        return [_fill(value, values) for value in node]
    if not isinstance(node, str):
        return node
    return VARIABLE.sub(lambda found: _value(found, values), node).replace("$$", "$")


def _value(found: re.Match[str], values: Mapping[str, str]) -> str:
    if found["how"] == ":-":
        return values.get(found["name"]) or found["rest"]
    return values[found["name"]]
