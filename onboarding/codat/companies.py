"""Operations on companies. Codat Platform API: Companies."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from .operations import Filter, Operations, path, read, without_none
from .types import Company

NOT_ALLOWED_IN_NAMES = re.compile(r"[^A-Za-z0-9\s\-',&@.?!]", re.ASCII)
MOST_TAGS = 10
LONGEST_TAG_KEY = 27
LONGEST_TAG_VALUE = 100


def allowed_name(name: str) -> str:
    """The name as Codat will show it: other characters than it allows are removed, silently.

    "Smith (Holdings) Ltd" becomes "Smith Holdings Ltd"; "" means that nothing would be left.
    """
    return NOT_ALLOWED_IN_NAMES.sub("", name).strip()


class Companies(Operations):
    """`/companies`"""

    def list_companies(
        self,
        *,
        query: Filter = None,
        order_by: str | None = None,
        tags: Filter = None,
        page_size: int = 100,
    ) -> Iterator[Company]:
        """All companies of our instance, with their connections. `tags` as in `uid=cust-42`."""
        return self._pages(
            "list-companies",
            "/companies",
            Company.from_json,
            page_size=page_size,
            query=query,
            orderBy=order_by,
            tags=tags,
        )

    def create_company(
        self,
        *,
        name: str,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
    ) -> Company:
        """A new company. What leaves is `allowed_name(name)`; read the name back.

        Raises `ValueError` before anything leaves for an empty name or tags beyond Codat's limits.
        """
        body = without_none(name=_sendable(name), description=description, tags=_checked(tags))
        answer = self._send(
            "create-company", "POST", "/companies", body=body, idempotency_key=idempotency_key
        )
        return read(answer, Company.from_json)

    def get_company(self, company_id: str) -> Company:
        """One company with its connections."""
        answer = self._send("get-company", "GET", path("/companies/{id}", id=company_id))
        return read(answer, Company.from_json)

    def update_company(
        self,
        company_id: str,
        *,
        name: str | None = None,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
    ) -> Company:
        """Change what is given. `tags` replaces the whole set: give all that are wanted."""
        body = without_none(
            name=None if name is None else _sendable(name),
            description=description,
            tags=_checked(tags),
        )
        answer = self._send(
            "update-company",
            "PATCH",
            path("/companies/{id}", id=company_id),
            body=body,
            idempotency_key=idempotency_key,
        )
        return read(answer, Company.from_json)

    def replace_company(
        self,
        company_id: str,
        *,
        name: str,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> Company:
        """Set all of it: a description or tags left out are wiped. See `update_company`."""
        body = without_none(name=_sendable(name), description=description, tags=_checked(tags))
        answer = self._send(
            "replace-company", "PUT", path("/companies/{id}", id=company_id), body=body
        )
        return read(answer, Company.from_json)

    def delete_company(self, company_id: str) -> None:
        """Remove a company with its connections and everything read. Cannot be undone.

        A repeated deletion raises `NotFoundError`.
        """
        self._send("delete-company", "DELETE", path("/companies/{id}", id=company_id))


def _sendable(name: str) -> str:
    left = allowed_name(name)
    if not left:
        raise ValueError("Codat would leave nothing of this company name.")
    return left


def _checked(tags: Mapping[str, str] | None) -> dict[str, str] | None:
    if tags is None:
        return None
    if len(tags) > MOST_TAGS:
        raise ValueError(f"Codat keeps at most {MOST_TAGS} tags on a company.")
    for key, value in tags.items():
        if not 1 <= len(key) <= LONGEST_TAG_KEY or len(value) > LONGEST_TAG_VALUE or "\n" in key:
            raise ValueError(
                f"A tag's key has 1 to {LONGEST_TAG_KEY} characters, "
                f"its value at most {LONGEST_TAG_VALUE}."
            )
    return dict(tags)
