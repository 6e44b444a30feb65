"""Rows that the states of the customers' pages stand on."""

import secrets
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from onboarding.linking.models import Company, Connection, LinkAttempt
from onboarding.linking.services.invitations import key_hash
from tests.factories import (
    make_company,
    make_connection,
    make_identity,
    make_platform,
    make_session,
    restage,
)

from .registry import LONG, customer

BRANDS = {"navy": "#14285f", "yellow": "#ffd400", "pink": "#f9d5e5"}


def brook(**fields: Any) -> Company:
    return make_company(**{"true_name": "Brook & Sons Ltd", "contact_name": "Olive Brook"} | fields)


def software(*, long: bool = False) -> None:
    """A small catalogue: three kinds of software."""
    make_platform(name=LONG if long else "Xero", order=1)
    make_platform("qhyg", LONG[::-1] if long else "QuickBooks Online", order=2)
    make_platform("hcws", "Sage 50", is_offline=True, order=3)
    make_platform("fztf", "Shopify", "Commerce")
    make_platform("rdlb", "Square", "Commerce")
    make_platform("aszz", "Plaid", "Banking")


def hop(connection: Connection, hint: str = "", **sent: float) -> None:
    """One hop to the software and back; `sent` is how long ago."""
    session, _key = make_session(connection.company)
    at = timezone.now() - timedelta(**sent)
    LinkAttempt.objects.create(
        session=session,
        connection=connection,
        state_hash=key_hash(secrets.token_hex()),
        sent_at=at,
        returned_at=at,
        return_hint=hint,
    )


def linked_now(company: Company, **fields: Any) -> Connection:
    now = timezone.now()
    times = {"linked_first_at": now, "linked_last_at": now}
    return make_connection(company, status="Linked", **times | fields)


def confirmed(connection: Connection, name: str = "Brook & Sons") -> None:
    make_identity(connection, name, confirmed_at=timezone.now())


def visit(page: str, company: Company, *more: str, query: str = "") -> HttpResponse:
    restage(company)
    address = reverse(f"journey:{page}", args=[company.public_id, *more])
    return customer(company).get(address + query)
