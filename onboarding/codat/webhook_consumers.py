"""Where Codat delivers its webhooks. Codat Platform API: Webhooks.

The signing secret is in no answer: a person copies it from Codat's Portal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from . import fields
from .operations import Operations, path, read, without_none


@dataclass(frozen=True)
class WebhookConsumer:
    """One receiver. With `company_tags` (`key:value`) it hears only of companies that carry any."""

    id: str
    url: str = ""
    event_types: tuple[str, ...] = ()
    company_tags: tuple[str, ...] = ()
    disabled: bool = False

    @classmethod
    def from_json(cls, data: Any) -> WebhookConsumer:
        data = fields.mapping(data)
        return cls(
            id=fields.required_text(data, "id"),
            url=fields.text(data, "url"),
            event_types=fields.texts(data, "eventTypes"),
            company_tags=fields.texts(data, "companyTags"),
            disabled=fields.flag(data, "disabled"),
        )


class WebhookConsumers(Operations):
    """`/webhooks`"""

    def list_webhook_consumers(self) -> tuple[WebhookConsumer, ...]:
        """All consumers, 50 at most; the list is not paged."""
        answer = self._send("list-webhook-consumers", "GET", "/webhooks")
        return read(answer, _consumers)

    def create_webhook_consumer(
        self,
        *,
        url: str,
        event_types: Sequence[str],
        company_tags: Sequence[str] | None = None,
        disabled: bool = False,
        idempotency_key: str | None = None,
    ) -> WebhookConsumer:
        """A new consumer. There is no changing one: delete it and make another."""
        answer = self._send(
            "create-webhook-consumer",
            "POST",
            "/webhooks",
            body=without_none(
                url=url,
                eventTypes=list(event_types),
                disabled=disabled,
                companyTags=None if company_tags is None else list(company_tags),
            ),
            idempotency_key=idempotency_key,
        )
        return read(answer, WebhookConsumer.from_json)

    def delete_webhook_consumer(self, webhook_id: str) -> None:
        """Remove a consumer, with the deliveries still to be repeated to it."""
        self._send("delete-webhook-consumer", "DELETE", path("/webhooks/{id}", id=webhook_id))


def _consumers(data: Any) -> tuple[WebhookConsumer, ...]:
    return fields.required_items(fields.mapping(data), "results", WebhookConsumer.from_json)
