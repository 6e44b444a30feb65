"""Operations on connections. Codat Platform API: Connections."""

from __future__ import annotations

from collections.abc import Iterator

from .operations import Filter, Operations, path, read
from .types import Connection

ALL = "/companies/{company}/connections"
ONE = "/companies/{company}/connections/{connection}"


class Connections(Operations):
    """`/companies/{companyId}/connections`"""

    def list_connections(
        self,
        company_id: str,
        *,
        query: Filter = None,
        order_by: str | None = None,
        page_size: int = 100,
    ) -> Iterator[Connection]:
        """All connections of a company."""
        return self._pages(
            "list-connections",
            path(ALL, company=company_id),
            Connection.from_json,
            page_size=page_size,
            query=query,
            orderBy=order_by,
        )

    def create_connection(
        self, company_id: str, *, platform_key: str, idempotency_key: str | None = None
    ) -> Connection:
        """A new connection, `PendingAuth`, to the platform with this 4-letter key."""
        answer = self._send(
            "create-connection",
            "POST",
            path(ALL, company=company_id),
            body={"platformKey": platform_key},
            idempotency_key=idempotency_key,
        )
        return read(answer, Connection.from_json)

    def get_connection(self, company_id: str, connection_id: str) -> Connection:
        """One connection, with a fresh `link_url`."""
        answer = self._send(
            "get-connection", "GET", path(ONE, company=company_id, connection=connection_id)
        )
        return read(answer, Connection.from_json)

    def get_authorization_url(self, company_id: str, connection_id: str) -> str:
        """Where to send the customer now: works once, for a day at most. Not for keeping.

        Codat has no operation of that name: it is the `linkUrl` of a fresh `get-connection`.
        """
        answer = self._send(
            "get-connection", "GET", path(ONE, company=company_id, connection=connection_id)
        )
        link_url = read(answer, Connection.from_json).link_url
        if not link_url:
            raise answer.unexpected("field linkUrl is missing or not a text")
        return link_url

    def unlink_connection(
        self, company_id: str, connection_id: str, *, idempotency_key: str | None = None
    ) -> Connection:
        """Stop reading through a `Linked` connection. What was read stays."""
        answer = self._send(
            "unlink-connection",
            "PATCH",
            path(ONE, company=company_id, connection=connection_id),
            body={"status": "Unlinked"},
            idempotency_key=idempotency_key,
        )
        return read(answer, Connection.from_json)

    def delete_connection(self, company_id: str, connection_id: str) -> None:
        """Remove a connection; a later one has to be authorised anew. Cannot be undone.

        A repeated deletion raises `NotFoundError`.
        """
        self._send(
            "delete-connection",
            "DELETE",
            path(ONE, company=company_id, connection=connection_id),
        )
