"""How the client asks before it spends some of Codat's allowance, and reports what it learns."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Quota(Protocol):
    """Shared by every client that uses the same API key."""

    def acquire(self, operation: str) -> None:
        """Called before each HTTP request, repeats included. May wait, or raise to stop it.

        `operation` is Codat's operationId, such as `create-company`.
        """

    def observe(self, limit: int | None, remaining: int | None, reset: datetime | None) -> None:
        """Called with the `X-Rate-Limit-*` headers of an answer that carries any of them.

        `limit` and `remaining` are requests a day, `reset` is aware; None where unreadable.
        """

    def refused(self, retry_after: float | None) -> None:
        """Called on every 429, with the seconds to wait if Codat named them."""


class NoQuota:
    """Spends without asking."""

    def acquire(self, operation: str) -> None:
        pass

    def observe(self, limit: int | None, remaining: int | None, reset: datetime | None) -> None:
        pass

    def refused(self, retry_after: float | None) -> None:
        pass
