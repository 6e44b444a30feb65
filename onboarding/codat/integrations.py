"""Operations on integrations. Codat Platform API: Integrations."""

from __future__ import annotations

from collections.abc import Iterator

from .operations import Filter, Operations
from .types import Integration


class Integrations(Operations):
    """`/integrations`"""

    def list_integrations(
        self, *, query: Filter = None, order_by: str | None = None, page_size: int = 100
    ) -> Iterator[Integration]:
        """Every platform Codat can connect; `enabled` tells whether our instance offers it."""
        return self._pages(
            "list-integrations",
            "/integrations",
            Integration.from_json,
            page_size=page_size,
            query=query,
            orderBy=order_by,
        )
