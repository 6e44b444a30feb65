"""Webhook consumers: list, create, delete. There is no update; secrets are never in an answer."""

import base64
import secrets
from typing import Any
from urllib.parse import urlsplit

from onboarding.simulator.answers import Answer, ApiError, consumer_json
from onboarding.simulator.assumptions import TOO_MANY_CONSUMERS_STATUS
from onboarding.simulator.records import Consumer
from onboarding.simulator.world import World, new_id

from .operation import invalid, json_body, operation

MAX_CONSUMERS = 50


@operation("GET", "/webhooks")
def list_webhook_consumers(world: World) -> Answer:
    return {"results": [consumer_json(consumer) for consumer in world.consumers.values()]}, 200


@operation("POST", "/webhooks")
def create_webhook_consumer(world: World) -> Answer:
    body = json_body()
    url, event_types = body.get("url"), body.get("eventTypes")
    if not _is_address(url):
        raise invalid("url", "'url' must be an address of http or https.")
    if not _are_texts(event_types) or not event_types:
        raise invalid("eventTypes", "At least one event type is required.")
    tags = body.get("companyTags")
    if tags is not None and (
        not _are_texts(tags) or len(tags) > 10 or max(map(len, tags), default=0) > 128
    ):
        raise invalid("companyTags", "At most 10 tags of at most 128 characters, as key:value.")
    if len(world.consumers) >= MAX_CONSUMERS:
        raise ApiError(
            TOO_MANY_CONSUMERS_STATUS, f"At most {MAX_CONSUMERS} webhook consumers are allowed."
        )
    consumer = world.add(
        Consumer(
            id=new_id(),
            url=str(url),
            secret="whsec_" + base64.b64encode(secrets.token_bytes(24)).decode(),
            event_types=list(event_types),
            disabled=bool(body.get("disabled")),
            company_tags=tags or None,
        )
    )
    return consumer_json(consumer), 201


@operation("DELETE", "/webhooks/<webhook_id>")
def delete_webhook_consumer(world: World, webhook_id: str) -> Answer:
    """Drops what was still to be repeated for it."""
    consumer = world.consumers.get(webhook_id)
    if consumer is None:
        raise ApiError(404, f"No webhook consumer was found with ID {webhook_id}")
    for delivery in world.deliveries.values():
        if delivery.consumer_id == consumer.id and delivery.due is not None:
            delivery.due, delivery.outcome = None, "consumer deleted"
            world.save(delivery)
    world.remove(consumer)
    return None, 204


def _is_address(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
