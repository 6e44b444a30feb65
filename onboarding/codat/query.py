"""Codat's query language, for the `query` and `tags` parameters.

    active_ledgers = where("sourceType", "=", "Accounting") & where("enabled", "=", True)

Nothing is percent-encoded here: the transport does that, once. Codat accepts `query` on companies,
connections and integrations but documents it unevenly, so filter the answer again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

Operator = Literal["=", "!=", "~", ">", "<", ">=", "<="]

# The whole query must stay under 2,048 characters.
LONGEST = 2047


@dataclass(frozen=True)
class Query:
    """A query; `&` and `|` combine two, each side kept together in braces."""

    text: str

    def __post_init__(self) -> None:
        if len(self.text) > LONGEST:
            raise ValueError(f"A query of {len(self.text)} characters is too long for Codat.")

    def __and__(self, other: Query) -> Query:
        return Query(f"{_grouped(self.text)}&&{_grouped(other.text)}")

    def __or__(self, other: Query) -> Query:
        return Query(f"{_grouped(self.text)}||{_grouped(other.text)}")

    def __str__(self) -> str:
        return self.text


def where(name: str, operator: Operator, value: str | bool | int | float | date) -> Query:
    """One clause: `where("dataConnections.status", "=", "PendingAuth")`.

    Raises `ValueError` for text that the language would read as its own signs: it has no escape.
    """
    if operator not in ("=", "!=", "~", ">", "<", ">=", "<="):
        raise ValueError(f"{operator!r} is not an operator of Codat's query language.")
    written = _written(value)
    for piece in (name, written):
        if not piece.strip() or set(piece) & set("=!~<>&|{}"):
            raise ValueError("Names and values of a query must not be empty nor hold =!~<>&|{}.")
    return Query(f"{name}{operator}{written}")


def _written(value: str | bool | int | float | date) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)


def _grouped(text: str) -> str:
    return f"{{{text}}}" if "&&" in text or "||" in text else text
