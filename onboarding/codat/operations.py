"""What every group of operations stands on: encoded paths, typed answers, lazy pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO, TypeVar
from urllib.parse import quote

from . import fields
from .query import Query
from .transport import Answer, Call, Transport

T = TypeVar("T")
Filter = str | Query | None

# The parameter allows 5,000, the documented answer only 2,000.
LARGEST_PAGE = 2000


class Operations:
    """Base of the groups that make up `Client`."""

    _transport: Transport

    def _send(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        body: Any = None,
        idempotency_key: str | None = None,
        into: BinaryIO | None = None,
    ) -> Answer:
        return self._transport.send(
            Call(operation, method, path, params or {}, body, idempotency_key, into)
        )

    def _pages(
        self,
        operation: str,
        path: str,
        build: Callable[[Any], T],
        *,
        page_size: int,
        **filters: Filter,
    ) -> Iterator[T]:
        """Everything in a paged list, fetched as it is asked for.

        Pages are counted here instead of following `_links.next`, so that no answer can choose
        the address the key is sent to. An empty page ends the list even if it names a next one.
        """
        if not 1 <= page_size <= LARGEST_PAGE:
            raise ValueError(f"page_size must be between 1 and {LARGEST_PAGE}.")
        given = {name: str(value) for name, value in filters.items() if value is not None}
        return self._each(operation, path, build, {"pageSize": page_size, **given})

    def _each(
        self,
        operation: str,
        path: str,
        build: Callable[[Any], T],
        params: Mapping[str, str | int],
    ) -> Iterator[T]:
        page = 1
        while True:
            answer = self._send(operation, "GET", path, params={"page": page, **params})
            results, more = read(answer, lambda data: _page(data, build))
            yield from results
            if not (results and more):
                return
            page += 1


def read(answer: Answer, build: Callable[[Any], T]) -> T:
    """The answer's JSON through `build`; the wrong shape becomes `UnexpectedResponseError`."""
    data = answer.json()
    try:
        return build(data)
    except fields.ShapeError as error:
        raise answer.unexpected(str(error)) from None


def path(template: str, **ids: str) -> str:
    """The template with each id as one encoded segment. Ids may hold any character."""
    encoded = {}
    for name, value in ids.items():
        # Both would silently address something else: an empty or a dotted segment vanishes.
        if value in ("", ".", ".."):
            raise ValueError(f"{name} must not be {value!r}.")
        encoded[name] = quote(value, safe="")
    return template.format(**encoded)


def without_none(**values: Any) -> dict[str, Any]:
    """A request body of the fields that were given."""
    return {name: value for name, value in values.items() if value is not None}


def _page(data: Any, build: Callable[[Any], T]) -> tuple[tuple[T, ...], bool]:
    page = fields.mapping(data)
    more = bool(fields.part(fields.part(page, "_links"), "next").get("href"))
    return fields.required_items(page, "results", build), more
