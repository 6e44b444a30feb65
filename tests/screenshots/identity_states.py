"""Whose business it is: the question in its variants, and what stands in its place."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.utils import timezone

from onboarding.linking.models import CustomerSession
from tests.factories import make_company, make_connection, make_double, make_identity, restage

from .customers import brook, hop, linked_now, software
from .desk_states import alice
from .progress_states import NOTHING, PROGRESS
from .registry import LONG, add, customer, member

CONFIRM = "journey/confirm.html"


def visit(page: str, company: Any, **session: Any) -> HttpResponse:
    restage(company)
    return customer(company, **session).get(f"/journey/{company.public_id}/{page}/")


def question(found: str, *, before: str = "", kind: str = "", **fields: Any) -> HttpResponse:
    software()
    company = brook()
    platform = {"platform_name": "Plaid", "source_type": "Banking"} if kind == "bank" else {}
    connection = linked_now(company, **platform)
    if before:
        connection.linked_first_at = timezone.now() - timedelta(days=90)
        connection.save(update_fields=["linked_first_at"])
        earlier = make_identity(connection, before, confirmed_at=timezone.now())
        fields |= {"compared": "unknown", "compared_with": earlier}
    make_identity(connection, found, **fields)
    return visit("confirm", company)


SHOP = {**NOTHING, "web_address": "https://brook.example", "currency": "GBP"}
add("journey-confirm--spelt-differently", CONFIRM, question, "BROOK & SONS", legal_name="")
add("journey-confirm--relink-unknown", CONFIRM, question, "Brook & Sons", before="Brook & Sons")
add("journey-confirm--relink-renamed", CONFIRM, question, "Harbour Cafe", before="Brook & Sons")
add("journey-confirm--web-address", CONFIRM, question, "", **SHOP)
add("journey-confirm--bank", CONFIRM, question, "", kind="bank", **NOTHING)


def elsewhere() -> HttpResponse:
    company = brook()
    make_identity(make_connection(company, status="Linked"), "Harbour Cafe")
    return visit("progress", company, channel=CustomerSession.Channel.SELF_SERVICE)


def stopped(found: str = "Harbour Cafe", *, back: bool = True, **answer: Any) -> HttpResponse:
    """Another business, disconnected again; `back` is whether the browser that left came back."""
    company = brook()
    connection = make_connection(company, status="Unlinked")
    if back:
        hop(connection, "200", minutes=5)
    earlier = timezone.now() - timedelta(days=90)
    before = make_identity(connection, linked_at=earlier, confirmed_at=earlier)
    now = timezone.now()
    answer |= {"compared": "different", "compared_with": before, "rejected_at": now}
    make_identity(connection, found, **answer)
    return visit("progress", company, channel=CustomerSession.Channel.SELF_SERVICE)


add("journey-progress--elsewhere", PROGRESS, elsewhere)
add("journey-progress--other-business", PROGRESS, stopped)
add("journey-progress--other-business-long", PROGRESS, stopped, LONG)
add("journey-progress--other-business-unseen", PROGRESS, stopped, back=False)
add("journey-progress--same-business-claimed", PROGRESS, stopped, claimed_at=timezone.now())


NAMES = "desk/names.html"


def names(status: str = "Linked", *, long: bool = False, **answer: Any) -> HttpResponse:
    owner = alice()
    owner.is_superuser = True
    owner.save(update_fields=["is_superuser"])
    company = brook(owner=owner, **({"true_name": LONG} if long else {}))
    connection = make_connection(company, status=status)
    earlier = timezone.now() - timedelta(days=90)
    before = make_identity(connection, linked_at=earlier, confirmed_at=earlier)
    numbers = {"registration_number": "11223344", "tax_number": "GB123456789", "legal_name": ""}
    found = LONG if long else "Harbour Cafe"
    make_identity(connection, found, compared_with=before, **numbers, **answer)
    restage(company)
    address = f"/desk/companies/{company.public_id}/connections/{connection.public_id}/names/"
    return member(owner).get(address)


STOPPED = {"compared": "different", "rejected_at": timezone.now()}
add("desk-names--unknown", NAMES, names, compared="unknown")
add("desk-names--long", NAMES, names, compared="unknown", long=True)
add("desk-names--stopped", NAMES, names, "Unlinked", **STOPPED)
add("desk-names--claimed", NAMES, names, "Unlinked", claimed_at=timezone.now(), **STOPPED)


# ── another customer has the number ──────────────────────────────────────────────────────────────
COMPARE = "desk/compare.html"


def known(**fields: Any) -> Any:
    other = make_company("Brook Brothers Ltd", email="office@brothers.example", **fields)
    return make_identity(
        make_connection(other, status="Linked", platform_name="QuickBooks Online"),
        confirmed_at=timezone.now(),
        tax_number="GB123456789",
    )


def held() -> HttpResponse:
    software()
    company = brook()
    make_double(company, known())
    return visit("progress", company)


def compare(*, senior: bool = True, long: bool = False) -> HttpResponse:
    owner = alice()
    owner.is_superuser = senior
    owner.save(update_fields=["is_superuser"])
    company = brook(owner=owner, **({"true_name": LONG} if long else {}))
    found = make_double(company, known())
    connection = found.connection
    address = f"/desk/companies/{company.public_id}/connections/{connection.public_id}/compare/"
    return member(owner).get(address)


add("journey-progress--comparing", PROGRESS, held)
add("desk-compare--default", COMPARE, compare)
add("desk-compare--long", COMPARE, compare, long=True)
add("desk-compare--other-not-seen", COMPARE, compare, senior=False)
