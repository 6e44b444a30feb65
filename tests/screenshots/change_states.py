"""What staff change about a customer, and the pages that ask before it harms."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from onboarding.accounts.models import User
from onboarding.linking.services import deletions
from tests.desk.cast import make_user
from tests.factories import make_company, make_connection, make_session

from .desk_states import alice, at_codat
from .registry import LONG, add, member


def senior() -> User:
    return make_user("Sam", "senior")


def change(
    page: str,
    name: str = "Brook & Sons Ltd",
    *,
    posted: dict[str, str] | None = None,
    asked: bool = False,
    **fields: Any,
) -> HttpResponse:
    """One act on a customer with one linked software, as a senior meets it."""
    user = senior()
    company = make_company(
        name, owner=alice(), by=user, contact_name="Olive Brook", **at_codat(), **fields
    )
    software = LONG if name == LONG else "Xero"
    connection = make_connection(company, status="Linked", platform_name=software)
    if asked:
        session, _key = make_session(company)
        deletions.ask(session=session, now=timezone.now())
    of_connection = [connection.public_id] if page in ("unlink", "delete") else []
    address = reverse(f"desk:{page}", args=[company.public_id, *of_connection])
    client = member(user)
    return client.get(address) if posted is None else client.post(address, posted, follow=True)


CHANGE = "desk/change.html"
add("desk-change--rename", CHANGE, change, "rename")
add("desk-change--rename-long", CHANGE, change, "rename", LONG)
add("desk-change--rename-error", CHANGE, change, "rename", posted={"true_name": "…"})
add("desk-change--address", CHANGE, change, "address")
add("desk-change--address-error", CHANGE, change, "address", posted={"email": "owner"})
add("desk-change--account-manager", CHANGE, change, "reassign")
add("desk-change--note", CHANGE, change, "note")
add("desk-change--note-error", CHANGE, change, "note", posted={"text": ""})
add("desk-company--address-changed", "desk/company.html", change, "address",
    posted={"email": "olive@brook.example", "name": "Olive Brook"})  # fmt: skip
add("desk-company--asked-to-unlink", "desk/company.html", change, "unlink", posted={})
CLOSE = "desk/close.html"
add("desk-close--linked", CLOSE, change, "close")
add("desk-close--request-open", CLOSE, change, "close", asked=True)
add("desk-close--long", CLOSE, change, "close", LONG)
UNLINK = "desk/unlink.html"
add("desk-unlink--default", UNLINK, change, "unlink")
add("desk-unlink--long", UNLINK, change, "unlink", LONG)
DELETE = "desk/delete.html"
add("desk-delete--default", DELETE, change, "delete")
add("desk-delete--error", DELETE, change, "delete", posted={"typed": "Harbour Cafe"})
add("desk-delete--long", DELETE, change, "delete", LONG)
