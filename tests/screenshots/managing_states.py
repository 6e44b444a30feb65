"""What customers end, ask for and keep; and the way in without a mail."""

from datetime import timedelta

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from onboarding.linking.invitation_links import make_token
from onboarding.linking.models import CodatInstance, Company, Connection
from onboarding.linking.models.invitation import Purpose
from onboarding.linking.services import connecting, consents, deletions, unlisted
from tests.factories import (
    make_connection,
    make_invitation,
    make_operation,
    make_platform,
    make_session,
)

from .customers import brook, confirmed, linked_now, visit
from .registry import LONG, add, browser, customer


def connected(*, name: str = "Brook & Sons Ltd", software: str = "Xero") -> Connection:
    connection = linked_now(brook(true_name=name), platform_name=software)
    confirmed(connection)
    return connection


def disconnect(*, long: bool = False) -> HttpResponse:
    connection = connected(name=LONG, software=LONG) if long else connected()
    return visit("disconnect", connection.company, str(connection.public_id))


def disconnected(*, is_ending: bool) -> HttpResponse:
    connection = connected()
    company = connection.company
    now = timezone.now()
    session, _key = make_session(company)
    connecting.unlink(connection=connection, session=session, now=now)
    if not is_ending:
        company.writes.update(done_at=now)
        Connection.objects.update(status="Unlinked", status_changed_at=now)
    return visit("disconnected", company, str(connection.public_id))


def recent_link() -> HttpResponse:
    company = connected().company
    address = reverse("journey:ask_to_delete", args=[company.public_id])
    return customer(company, purpose=Purpose.RELINK).get(address)


def receipt(*, long: bool = False) -> HttpResponse:
    platform = make_platform(name=LONG if long else "Xero")
    company: Company = connected(name=LONG if long else "Brook & Sons Ltd").company
    session, _key = make_session(company)
    wording = consents.wording_for(platform=platform, language="", firm_name="Northbank")
    consents.record(session=session, platform=platform, wording=wording, now=timezone.now())
    return visit("receipt", company, platform.key)


def ask_to_delete(*, asked: bool = False) -> HttpResponse:
    company = connected().company
    if asked:
        deletions.ask(session=make_session(company)[0], now=timezone.now())
    return visit("ask_to_delete", company)


def not_listed(*, told: str = "", posted: dict[str, str] | None = None) -> HttpResponse:
    company = brook()
    session, _key = make_session(company)
    if told:
        unlisted.tell(session=session, software=told, phone="", now=timezone.now())
    address = reverse("journey:not_listed", args=[company.public_id])
    client = customer(company)
    return client.get(address) if posted is None else client.post(address, posted)


def way_in(posted: dict[str, str] | None = None) -> HttpResponse:
    address = reverse("journey:way_in")
    return browser().get(address) if posted is None else browser().post(address, posted)


add("journey-disconnect--default", "journey/disconnect.html", disconnect)
add("journey-disconnect--long", "journey/disconnect.html", disconnect, long=True)
for _name, _is_ending in {"asked": True, "done": False}.items():
    _page = "journey/disconnected.html"
    add(f"journey-disconnected--{_name}", _page, disconnected, is_ending=_is_ending)
add("journey-recent_link--default", "journey/recent_link.html", recent_link)
add("journey-receipt--default", "journey/receipt.html", receipt)
add("journey-receipt--long", "journey/receipt.html", receipt, long=True)
add("journey-ask_to_delete--default", "journey/ask_to_delete.html", ask_to_delete)
add("journey-ask_to_delete--asked", "journey/ask_to_delete.html", ask_to_delete, asked=True)
add("journey-way_in--empty", "journey/way_in.html", way_in)
add("journey-way_in--error", "journey/way_in.html", way_in, {"email": "owner"})
add("journey-way_in--sent", "journey/way_in_sent.html", way_in, {"email": "owner@brook.example"})
_LISTED = "journey/not_listed.html"
add("journey-not_listed--empty", _LISTED, not_listed)
add("journey-not_listed--error", _LISTED, not_listed, posted={"software": ""})
add("journey-not_listed--told", _LISTED, not_listed, told=LONG)


def told_later() -> HttpResponse:
    make_platform()
    company = brook()
    return customer(company).post(reverse("journey:tell_me", args=[company.public_id, "gbol"]))


add("journey-told_later--default", "journey/told_later.html", told_later)


def stop_reminders(*, stopped: bool = False) -> HttpResponse:
    link = make_invitation(brook())
    address = reverse("journey:stop_reminders", args=[make_token(link)])
    client = browser()
    if stopped:
        client.post(address)
    return client.get(address)


_STOP = "journey/stop_reminders.html"
add("journey-stop_reminders--default", _STOP, stop_reminders)
add("journey-stop_reminders--stopped", _STOP, stop_reminders, stopped=True)


def every_kind_of_connection() -> HttpResponse:
    """Read and read again, in trouble, unfinished, read once, and deleted at Codat."""
    now = timezone.now()
    CodatInstance.objects.create(client_id="ours", seen_at=now, read_every={"company": 24})
    connection = connected()
    company = connection.company
    make_operation(connection, "company")
    Connection.objects.update(stage="ready", last_read_at=now)
    error = {"statusCode": "500", "status": "Active"}
    more = {"source_type": "Commerce", "stage": "ready"}
    make_connection(company, "fztf", "Linked", platform_name="Shopify", errors=[error], **more)
    make_connection(company, "bank", platform_name="Plaid", source_type="Banking")
    last = {"last_read_at": now - timedelta(days=49)}
    idle = make_connection(company, "rdlb", "Linked", platform_name="Square", **more, **last)
    confirmed(idle)
    make_operation(idle, "commerce-orders")
    once = {"one_time": True, "stage": "ready"}
    make_connection(company, "kkdm", "Deauthorized", platform_name="KashFlow", **once)
    gone = {"deleted_at": now, "stage": "gone"}
    make_connection(company, "wave", "Unlinked", platform_name="Wave", **gone)
    return visit("connections", company)


add("journey-connections--every-kind", "journey/connections.html", every_kind_of_connection)
