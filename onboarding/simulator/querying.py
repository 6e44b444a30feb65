"""Codat's query language and `orderBy`, over plain dictionaries.

Clauses `property op value` with `=`, `!=`, `~`, `>`, `<`, `>=`, `<=`, joined by `&&` and `||`,
grouped by braces. A property may be dotted; over a list any element may match.
"""

import re
from collections.abc import Callable, Collection, Iterable
from datetime import UTC, datetime
from typing import Any

MAX_QUERY = 2048

Row = dict[str, Any]
Predicate = Callable[[Row], bool]

_CLAUSE = re.compile(r"\s*([^=!~<>&|{}]+?)\s*(!=|>=|<=|=|~|>|<)\s*([^&|{}]*)")
_FOLDED = {"sourceType", "type", "status"}
_BRITISH = {"deauthorised": "deauthorized"}
_ALIASES = {"integrationType": "sourceType"}


class MalformedQueryError(ValueError):
    """Answered with 400; the text is Codat's."""


def compile_query(text: str, known: Collection[str] | None) -> Predicate:
    """A test for rows. `known` are the properties of the list; None allows any (tags)."""
    if len(text) >= MAX_QUERY:
        raise MalformedQueryError("Error parsing query - Query is too long.")
    parser = _Parser(text, known)
    predicate = parser.either()
    if parser.rest():
        raise MalformedQueryError("Error parsing query - Malformed query.")
    return predicate


def required_equalities(text: str) -> list[tuple[str, str]]:
    """The `=` clauses that every result must fulfil, for beginning from an index."""
    if "||" in text or "{" in text:
        return []
    clauses = [_CLAUSE.fullmatch(part) for part in text.split("&&")]
    return [(one[1], one[3].strip()) for one in clauses if one and one[2] == "="]


def order_rows(rows: Iterable[Row], order_by: str, known: Collection[str]) -> list[Row]:
    """Sorted by `field`, or from the last by `-field`; rows without it come last."""
    descending = order_by.startswith("-")
    name = order_by.lstrip("-")
    if name.split(".")[0] not in known:
        raise MalformedQueryError(f"Could not resolve property {name} on Dataset")

    def key(row: Row) -> tuple[int, float, str]:
        value = next(iter(_values(row, name.split("."))), None)
        if isinstance(value, bool | int | float):
            return (0, float(value), "")
        return (0, 0.0, str(value))

    with_value = [row for row in rows if any(True for _ in _values(row, name.split(".")))]
    without = [row for row in rows if not any(True for _ in _values(row, name.split(".")))]
    return sorted(with_value, key=key, reverse=descending) + without


class _Parser:
    def __init__(self, text: str, known: Collection[str] | None) -> None:
        self.text = text
        self.known = known
        self.at = 0

    def rest(self) -> str:
        return self.text[self.at :].strip()

    def _take(self, token: str) -> bool:
        left = self.text[self.at :]
        if left.lstrip().startswith(token):
            self.at += len(left) - len(left.lstrip()) + len(token)
            return True
        return False

    def either(self) -> Predicate:
        parts = [self.both()]
        while self._take("||"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else lambda row: any(part(row) for part in parts)

    def both(self) -> Predicate:
        parts = [self.term()]
        while self._take("&&"):
            parts.append(self.term())
        return parts[0] if len(parts) == 1 else lambda row: all(part(row) for part in parts)

    def term(self) -> Predicate:
        if self._take("{"):
            inner = self.either()
            if not self._take("}"):
                raise MalformedQueryError("Error parsing query - Malformed query.")
            return inner
        match = _CLAUSE.match(self.text, self.at)
        if not match:
            raise MalformedQueryError("Error parsing query - Malformed query.")
        self.at = match.end()
        name, operator, value = match[1], match[2], match[3].strip()
        path = [_ALIASES.get(part, part) for part in name.split(".")]
        if self.known is None:
            path = [name]
        elif path[0] not in self.known:
            raise MalformedQueryError(f"Could not resolve property {name} on Dataset")
        return lambda row: _compare(row, path, operator, value)


def _values(row: Any, path: list[str]) -> Iterable[Any]:
    if isinstance(row, list):
        for element in row:
            yield from _values(element, path)
    elif not path:
        if row is not None:
            yield row
    elif isinstance(row, dict) and path[0] in row:
        yield from _values(row[path[0]], path[1:])


def _compare(row: Row, path: list[str], operator: str, wanted: str) -> bool:
    values = list(_values(row, path))
    if operator == "!=":
        return not any(_equal(value, wanted, path[-1]) for value in values)
    if operator == "=":
        return any(_equal(value, wanted, path[-1]) for value in values)
    if operator == "~":
        return any(wanted.casefold() in str(value).casefold() for value in values)
    return any(_ordered(value, operator, wanted) for value in values)


def _equal(value: Any, wanted: str, name: str) -> bool:
    if isinstance(value, bool):
        return wanted.casefold() == str(value).casefold()
    if isinstance(value, int | float):
        number = _number(wanted)
        return number is not None and number == value
    if name in _FOLDED:
        folded = wanted.casefold()
        return str(value).casefold() == _BRITISH.get(folded, folded)
    return str(value) == wanted or (
        (moment := _moment(str(value))) is not None and moment == _moment(wanted)
    )


def _ordered(value: Any, operator: str, wanted: str) -> bool:
    left: float | None
    right: float | None
    if isinstance(value, int | float) and not isinstance(value, bool):
        left, right = float(value), _number(wanted)
    else:
        left, right = _moment(str(value)), _moment(wanted)
    if left is None or right is None:
        return False
    return {"<": left < right, ">": left > right, "<=": left <= right, ">=": left >= right}[
        operator
    ]


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _moment(text: str) -> float | None:
    shortened = re.sub(r"(\.\d{6})\d+", r"\1", text)
    try:
        moment = datetime.fromisoformat(shortened)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
