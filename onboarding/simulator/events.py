"""Webhook events: who hears of what, and the words that are sent."""

import json
import secrets
from typing import Any

from .answers import company_details, reference_company
from .clock import iso
from .records import Company, Connection, Consumer, Delivery
from .world import World, new_id

EVENT_TYPES = (
    "company.created",
    "company.deleted",
    "company.product.added",
    "company.product.removed",
    "connection.created",
    "connection.connected",
    "connection.failed",
    "connection.disconnected",
    "connection.reconnected",
    "connection.deleted",
    "read.completed",
    "read.completed.initial",
    "client.rateLimit.reached",
    "client.rateLimit.reset",
)


def emit(
    world: World,
    event_type: str,
    payload: dict[str, Any],
    *,
    moment: float,
    company: Company | None = None,
    connection_id: str | None = None,
    to_all: bool = False,
) -> None:
    """Puts one delivery per listening consumer into the post; `to_all` asks nobody's wishes."""
    body = {
        "id": new_id(),
        "eventType": event_type,
        "generatedDate": iso(moment),
        "payload": payload,
    }
    text = json.dumps(body)
    for consumer in world.consumers.values():
        if hears(consumer, event_type, company) or (to_all and not consumer.disabled):
            delivery = world.add(
                Delivery(
                    id=f"msg_{secrets.token_urlsafe(18)}",
                    consumer_id=consumer.id,
                    event_type=event_type,
                    company_id=company.id if company else None,
                    connection_id=connection_id,
                    body=text,
                    created=moment,
                    due=moment,
                )
            )
            world.plan(moment, "deliver", delivery.id)


def hears(consumer: Consumer, event_type: str, company: Company | None) -> bool:
    if consumer.disabled or event_type not in consumer.event_types:
        return False
    if not consumer.company_tags:
        return True
    tags = {f"{key}:{value}" for key, value in company.tags.items()} if company else set()
    return bool(tags & set(consumer.company_tags))


def company_event(world: World, event_type: str, company: Company, *, moment: float) -> None:
    payload = company_details(
        company,
        redirect=company_link_url(world, company),
        last_sync=world.last_sync_of(company.id),
    )
    emit(world, event_type, payload, moment=moment, company=company)


def connection_event(
    world: World, event_type: str, connection: Connection, body: dict[str, Any], *, moment: float
) -> None:
    company = world.companies[connection.company_id]
    payload = {"referenceCompany": reference_company(company), "connection": body}
    emit(world, event_type, payload, moment=moment, company=company, connection_id=connection.id)


def company_link_url(world: World, company: Company) -> str:
    return f"{world.link_origin}/company/{company.id}"


def sample_payload(
    world: World, event_type: str, company: Company | None, connection_id: str | None
) -> dict[str, Any]:
    """What events carry that do not happen here by themselves, since nobody writes or syncs."""
    now, kind = iso(world.now), event_type.split(".")
    if company is None:
        return {}
    if event_type.startswith("company.product."):
        product = {"productId": "expenses", "productName": "Expenses", "products": ["expenses"]}
        return {"id": company.id, "name": company.name, **product}
    payload: dict[str, Any] = {"referenceCompany": reference_company(company)}
    if event_type.startswith("expenses.sync."):
        status = "Completed" if kind[-1] == "successful" else "PushError"
        return payload | {"syncId": new_id(), "transactions": [{"id": "t-1", "status": status}]}
    if ".write." in event_type:
        return payload | {
            "id": new_id(),
            "type": "Create",
            "connectionId": connection_id or new_id(),
            "requestedOnDate": now,
            "completedOnDate": now,
            "status": "Success" if kind[-1] == "successful" else "Failed",
            "record": {"id": "r-1"},
        }
    return payload | {"dataTypes": [], "modifiedFromDate": now}
