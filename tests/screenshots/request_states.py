"""What customers asked of the firm itself, and staff answer."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from onboarding.linking.models import Company, HistoryEntry
from onboarding.linking.services import deletions, unlisted
from tests.factories import make_company, make_connection, make_operation, make_session

from .desk_states import alice, at_codat
from .registry import LONG, add, member


def _asked(name: str, *, connected: bool, days_ago: int = 1, closed: bool = False) -> Company:
    now = timezone.now()
    owner = alice()
    company = make_company(name, owner=owner, by=owner, contact_name="Olive Brook", **at_codat())
    session, _key = make_session(company)
    deletions.ask(session=session, now=now - timedelta(days=days_ago))
    software = LONG if name == LONG else "Xero"
    more: dict[str, Any] = {} if connected else {"deleted_at": now}
    connection = make_connection(company, status="Linked", platform_name=software, **more)
    for data_type in ("company", "invoices", "bills", "payments"):
        make_operation(connection, data_type)
    Company.objects.filter(pk=company.pk).update(closed_at=now if closed else None)
    return company


def deletion(
    name: str = "Brook & Sons Ltd", posted: dict[str, str] | None = None, **more: Any
) -> HttpResponse:
    company = _asked(name, **{"connected": True, **more})
    client = member(company.owner)
    address = reverse("desk:deletion", args=[company.public_id])
    if posted is None:
        return client.get(address)
    asked_at = company.history.deletion_asked_at().isoformat()
    return client.post(address, {**posted, "asked_at": asked_at})


def not_listed(
    software: str = "Abacus 9", phone: str = "020 7946 0001", posted: bool = False
) -> HttpResponse:
    company = make_company(LONG if software == LONG else "Brook & Sons Ltd", owner=alice())
    session, _key = make_session(company)
    unlisted.tell(session=session, software=software, phone=phone, now=timezone.now())
    client = member(company.owner)
    address = reverse("desk:not_listed", args=[company.public_id])
    if not posted:
        return client.get(address)
    return client.post(address, {"text": LONG * 6, "told": company.history.not_listed()})


def answered() -> HttpResponse:
    """The customer's page after the answer, with what happened in words."""
    company = _asked("Brook & Sons Ltd", connected=True)
    HistoryEntry.objects.filter(company=company).update(at=timezone.now() - timedelta(days=1))
    address = reverse("desk:deletion", args=[company.public_id])
    asked_at = company.history.deletion_asked_at().isoformat()
    answer = {"answer": "refused", "text": "The law makes us keep invoices for six years."}
    return member(company.owner).post(address, {**answer, "asked_at": asked_at}, follow=True)


DELETION = "desk/deletion.html"
add("desk-deletion--held", DELETION, deletion)
add("desk-deletion--overdue", DELETION, deletion, connected=False, days_ago=40)
add("desk-deletion--closed", DELETION, deletion, connected=False, closed=True)
add("desk-deletion--error", DELETION, deletion, posted={"answer": "carried_out"})
add("desk-deletion--nothing-chosen", DELETION, deletion, posted={"text": LONG * 6})
add("desk-deletion--long", DELETION, deletion, LONG)
add("desk-company--answered", "desk/company.html", answered)
NOT_LISTED = "desk/not_listed.html"
add("desk-not_listed--phone", NOT_LISTED, not_listed)
add("desk-not_listed--long", NOT_LISTED, not_listed, LONG, "")
add("desk-not_listed--error", NOT_LISTED, not_listed, posted=True)
