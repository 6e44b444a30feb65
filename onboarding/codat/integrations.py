"""Operations on integrations. Codat Platform API: Integrations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from . import fields
from .operations import Filter, Operations, path, read
from .types import Integration


@dataclass(frozen=True)
class Image:
    """An image on Codat's own server: `src` is its address, `alt` the text instead."""

    src: str
    alt: str = ""


@dataclass(frozen=True)
class Branding:
    """How a platform wants to be shown. Any image may be missing, then it is None."""

    logo_full: Image | None = None
    logo_square: Image | None = None
    button_default: Image | None = None
    button_hover: Image | None = None
    source_id: str = ""

    @classmethod
    def from_json(cls, data: Any) -> Branding:
        data = fields.mapping(data)
        logo, button = fields.part(data, "logo"), fields.part(data, "button")
        return cls(
            logo_full=_image(fields.part(logo, "full")),
            logo_square=_image(fields.part(logo, "square")),
            button_default=_image(fields.part(button, "default")),
            button_hover=_image(fields.part(button, "hover")),
            source_id=fields.text(data, "sourceId"),
        )


def _image(data: Mapping[str, Any]) -> Image | None:
    image = fields.part(data, "image")
    src = fields.text(image, "src")
    return Image(src, fields.text(image, "alt")) if src else None


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

    def get_integration(self, platform_key: str) -> Integration:
        """One platform by its 4-letter key."""
        answer = self._send("get-integration", "GET", path("/integrations/{key}", key=platform_key))
        return read(answer, Integration.from_json)

    def get_integrations_branding(self, platform_key: str) -> Branding:
        """A platform's logo and button. They change rarely: keep them."""
        answer = self._send(
            "get-integrations-branding",
            "GET",
            path("/integrations/{key}/branding", key=platform_key),
        )
        return read(answer, Branding.from_json)
