"""Reading single fields of Codat's JSON: lenient, except about what identifies a thing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar

T = TypeVar("T")


class ShapeError(ValueError):
    """JSON that lacks what we cannot do without. Its text names fields and types, never values."""


def parse_timestamp(value: object) -> datetime | None:
    """An ISO 8601 text as an aware UTC time; None for anything unreadable.

    Codat writes `Z`, an offset, or no zone (taken as UTC), and up to seven digits of a second (cut
    to six). The first and last year count as unreadable: `0001-01-01` is how .NET writes “never”,
    and neither survives being shown in another time zone.
    """
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if 1 < moment.year < 9999 else None


def mapping(value: object) -> Mapping[str, Any]:
    """A JSON object; anything else raises `ShapeError`."""
    if not isinstance(value, dict):
        raise ShapeError(f"an object was expected, not {type(value).__name__}")
    return value


def part(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object inside, or an empty one."""
    value = data.get(name)
    return value if isinstance(value, dict) else {}


def text(data: Mapping[str, Any], name: str) -> str:
    """A text, "" when absent or null; numbers as written."""
    value = data.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        return ""
    return clean(str(value))


def required_text(data: Mapping[str, Any], name: str) -> str:
    """A text that must be there and not be empty."""
    value = text(data, name)
    if not value:
        raise ShapeError(f"field {name} is missing or not a text")
    return value


def clean(value: str) -> str:
    """Without what no database column can hold: NUL and lone surrogates."""
    return value.replace("\0", "").encode("utf-8", "replace").decode()


def timestamp(data: Mapping[str, Any], name: str) -> datetime | None:
    return parse_timestamp(data.get(name))


def flag(data: Mapping[str, Any], name: str) -> bool:
    return data.get(name) is True


def whole_number(data: Mapping[str, Any], name: str) -> int | None:
    value = decimal_number(data, name)
    return None if value is None else int(value)


def decimal_number(data: Mapping[str, Any], name: str) -> Decimal | None:
    """A number of at most 24 digits before its point; None for anything else, NaN included."""
    value = data.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    number = Decimal(str(value)) if isinstance(value, float) else Decimal(value)
    return number if number.is_finite() and number.adjusted() < 24 else None


def items(data: Mapping[str, Any], name: str, build: Callable[[Any], T]) -> tuple[T, ...]:
    """Each element of a list through `build`; absent and null are an empty list."""
    return tuple(build(element) for element in elements(data, name))


def required_items(data: Mapping[str, Any], name: str, build: Callable[[Any], T]) -> tuple[T, ...]:
    """Like `items`, for a list whose absence must not pass for an empty one."""
    if not isinstance(data.get(name), list):
        raise ShapeError(f"field {name} is missing or not a list")
    return items(data, name, build)


def elements(data: Mapping[str, Any], name: str) -> Iterable[Any]:
    value = data.get(name)
    return value if isinstance(value, list) else ()


def texts(data: Mapping[str, Any], name: str) -> tuple[str, ...]:
    return tuple(clean(value) for value in elements(data, name) if isinstance(value, str))


def all_texts(value: object) -> Iterator[tuple[str, str]]:
    """Every text inside with its name, as in `a.b`, however deep; empty ones left out."""
    waiting: list[tuple[str, object]] = [("", value)]
    while waiting:
        name, found = waiting.pop()
        if isinstance(found, dict):
            inside = [
                (f"{name}.{clean(str(key))}".lstrip("."), each) for key, each in found.items()
            ]
            waiting += reversed(inside)
        elif isinstance(found, list):
            waiting += [(name, each) for each in reversed(found)]
        elif isinstance(found, str) and (cleaned := clean(found).strip()):
            yield name, cleaned


def text_map(data: Mapping[str, Any], name: str) -> dict[str, str]:
    inside = part(data, name)
    return {clean(key): text(inside, key) for key in inside}
