"""Codat's webhooks: whether a delivery is genuine, and what it says.

Standard Webhooks: HMAC-SHA256 over id, time and the raw body. Delivery is at least once and in any
order, so an event is a reason to look again, never a fact to store.
"""

from __future__ import annotations

import hmac
import json
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook

from . import fields


class SignatureError(ValueError):
    """A delivery that is not proven to come from Codat. Its text quotes nothing of it."""


class MalformedEventError(ValueError):
    """A body that is no event. Its text quotes nothing of it."""


def verify_signature(
    body: bytes,
    headers: Mapping[str, str],
    secrets: Sequence[str],
    *,
    tolerance: float = 300.0,
    now: float | None = None,
) -> str:
    """The `webhook-id` of a genuine delivery; raises `SignatureError` for everything else.

    `body` is the raw request body, `secrets` are `whsec_…` texts (several while one is being
    replaced), `tolerance` and `now` are seconds (since 1970 for `now`, by default the clock's).
    Deliveries of one event repeat its id under a fresh time and signature.
    """
    named = {name.lower(): value for name, value in headers.items()}
    webhook_id = named.get("webhook-id", "")
    written_time = named.get("webhook-timestamp", "")
    signatures = named.get("webhook-signature", "")
    if not (webhook_id and written_time and signatures):
        raise SignatureError("a webhook header is missing")
    if not (written_time.isascii() and written_time.isdigit() and len(written_time) < 12):
        raise SignatureError("the timestamp is not in whole seconds")
    if abs((time.time() if now is None else now) - int(written_time)) > tolerance:
        raise SignatureError("the timestamp is too far from now")
    expected = _expected_signatures(webhook_id, int(written_time), body, secrets)
    # The header may list several, of several versions; each stands for itself, malformed or not.
    for signature in signatures.encode("utf-8", "replace").split():
        if any(hmac.compare_digest(signature, each) for each in expected):
            return webhook_id
    raise SignatureError("no signature matches")


def _expected_signatures(
    webhook_id: str, seconds: int, body: bytes, secrets: Sequence[str]
) -> list[bytes]:
    try:
        signed = body.decode()
        sent_at = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        raise SignatureError("the body is not UTF-8 or the timestamp is no time") from None
    expected = []
    for secret in secrets:
        # An unusable secret proves nothing, and must not disable the one it is replaced by.
        with suppress(ValueError, EmptyWebhookSecretError):
            expected.append(Webhook(secret).sign(webhook_id, sent_at, signed).encode())
    return expected


@dataclass(frozen=True)
class Event:
    """One webhook event. `event_type` may be one that this code has never met.

    `connection_id` is "" unless the event speaks of exactly one connection; `connection_ids` holds
    all that it speaks of, and `data_types` what was read. `company_id` is "" for
    events of the whole account.
    """

    id: str
    event_type: str
    generated_date: datetime | None
    company_id: str = ""
    connection_id: str = ""
    connection_ids: tuple[str, ...] = ()
    data_types: tuple[str, ...] = ()
    payload: Mapping[str, Any] = field(default_factory=dict, repr=False)


def parse_event(body: bytes) -> Event:
    """The event in a delivery's body; raises `MalformedEventError` when there is none."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        raise MalformedEventError("the body is not JSON") from None
    if not isinstance(data, dict):
        raise MalformedEventError("the body is not a JSON object")
    event_type = data.get("eventType")
    if not isinstance(event_type, str) or not event_type or not event_type.isprintable():
        raise MalformedEventError("eventType is missing or not a text")
    payload = fields.part(data, "payload")
    connection_ids = _connection_ids(payload)
    return Event(
        id=fields.text(data, "id"),
        event_type=event_type,
        generated_date=fields.timestamp(data, "generatedDate"),
        company_id=_company_id(event_type, payload),
        connection_id=connection_ids[0] if len(connection_ids) == 1 else "",
        connection_ids=connection_ids,
        data_types=_data_types(payload),
        payload=payload,
    )


def _company_id(event_type: str, payload: Mapping[str, Any]) -> str:
    referenced = fields.text(fields.part(payload, "referenceCompany"), "id")
    if referenced:
        return referenced
    # Events about the company itself are the company; elsewhere a bare id is something else's.
    return fields.text(payload, "id") if event_type.startswith("company.") else ""


def _data_types(payload: Mapping[str, Any]) -> tuple[str, ...]:
    found = [
        fields.text(entry, "dataType")
        for entry in fields.elements(payload, "dataTypes")
        if isinstance(entry, dict)
    ]
    return tuple(dict.fromkeys(each for each in found if each))


def _connection_ids(payload: Mapping[str, Any]) -> tuple[str, ...]:
    found = [
        fields.text(fields.part(payload, "connection"), "id"),
        fields.text(payload, "connectionId"),
    ]
    found += [
        fields.text(entry, "connectionId")
        for entry in fields.elements(payload, "dataTypes")
        if isinstance(entry, dict)
    ]
    return tuple(dict.fromkeys(each for each in found if each))
