"""After the return: how it goes on, and whose business it is."""

import uuid
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from onboarding.linking.models import Category
from tests.factories import make_connection, make_identity, make_operation

from .customers import brook, confirmed, hop, linked_now, software, visit
from .registry import LONG, add, customer

WORDS_OF_READING = {
    "company": "Complete",
    "invoices": "Complete",
    "bills": "Fetching",
    "bankTransactions": "Queued",
    "payments": "FetchError",
    "suppliers": "AuthError",
    "purchaseOrders": "NotSupported",
}


def returned(hint: str, *, known: bool = False) -> HttpResponse:
    software()
    company = brook()
    connection = make_connection(company, status="Deauthorized" if known else "PendingAuth")
    if known:
        confirmed(connection)
    hop(connection, hint)
    return visit("progress", company)


def linked(minutes: float = 0, *, hint: str = "") -> HttpResponse:
    """Linked so long ago, and no name read yet."""
    software()
    company = brook()
    at = timezone.now() - timedelta(minutes=minutes)
    connection = linked_now(company, linked_first_at=at, linked_last_at=at)
    if hint:
        hop(connection, hint)
    return visit("progress", company)


def reading(operations: dict[str, str], **fields: Any) -> HttpResponse:
    software()
    company = brook(**fields, observed_at=timezone.now())
    connection = make_connection(company, status="Linked")
    confirmed(connection)
    for data_type, status in operations.items():
        make_operation(connection, data_type, status)
    return visit("progress", company)


def read_with_more_to_do() -> HttpResponse:
    Category.objects.filter(slug="banking").update(required=True)
    return reading({"company": "Complete"})


def rejected(status: str, found: str = "Harbour Cafe") -> HttpResponse:
    software()
    company = brook()
    connection = make_connection(company, status=status)
    make_identity(connection, found, rejected_at=timezone.now())
    return visit("progress", company)


def ended(*, was_confirmed: bool) -> HttpResponse:
    software()
    company = brook()
    connection = make_connection(company, status="Deauthorized" if was_confirmed else "Unlinked")
    if was_confirmed:
        confirmed(connection)
    return visit("progress", company)


_HINTS = {
    "checking": "200",
    "unchanged": "201",
    "cancelled": "403",
    "failed": "500",
    "not_supported": "501",
    "unheard": "",
}
PROGRESS = "journey/progress.html"
for _kind, _hint in _HINTS.items():
    add(f"journey-progress--{_kind}", PROGRESS, returned, _hint)
add("journey-progress--cancelled-reconnect", PROGRESS, returned, "403", known=True)
add("journey-progress--already", PROGRESS, linked, 5, hint="201")
add("journey-progress--naming", PROGRESS, linked)
add("journey-progress--slow", PROGRESS, linked, 5)
add("journey-progress--reading", PROGRESS, reading, WORDS_OF_READING)
add("journey-progress--about-to-read", PROGRESS, reading, {})
add(
    "journey-progress--long",
    PROGRESS,
    reading,
    {f"aKindOfInformationThatNobodyHasHeardOf{n}": "Fetching" for n in range(30)},
    true_name=LONG,
)
add("journey-progress--read", PROGRESS, read_with_more_to_do)
add("journey-progress--rejecting", PROGRESS, rejected, "Linked")
add("journey-progress--rejected", PROGRESS, rejected, "Unlinked")
add("journey-progress--rejected-long", PROGRESS, rejected, "Unlinked", LONG)
add("journey-progress--lost", PROGRESS, ended, was_confirmed=True)
add("journey-progress--ended", PROGRESS, ended, was_confirmed=False)


def confirm(found: str, *, posted: Any = None, true_name: str = "", **fields: Any) -> HttpResponse:
    software()
    company = brook(**{"true_name": true_name} if true_name else {})
    make_identity(linked_now(company), found, **fields)
    if posted is None:
        return visit("confirm", company)
    address = reverse("journey:confirm", args=[company.public_id])
    return customer(company).post(address, {"identity": uuid.uuid4(), **posted})


NOTHING = {"legal_name": "", "registration_number": "", "town": ""}
add("journey-confirm--same", "journey/confirm.html", confirm, "Brook & Sons")
HARBOUR = {"found": "Harbour Cafe", "legal_name": "Harbour Cafe Ltd", "town": "Whitby"}
add("journey-confirm--different", "journey/confirm.html", confirm, **HARBOUR)
add("journey-confirm--error", "journey/confirm.html", confirm, posted={}, **HARBOUR)
add("journey-confirm--no-name", "journey/confirm.html", confirm, "", legal_name="")
add("journey-confirm--nothing", "journey/confirm.html", confirm, "", **NOTHING)
add("journey-confirm--long", "journey/confirm.html", confirm, LONG, legal_name=LONG, town=LONG)
add("journey-confirm--long-same", "journey/confirm.html", confirm, LONG, true_name=LONG)
