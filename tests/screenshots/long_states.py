"""Names of 80 characters on the pages that have no such state of their own."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from onboarding.journey.views.leaving import trouble_page
from onboarding.linking.invitation_links import make_token
from onboarding.linking.models import Branding, Connection, Invitation
from onboarding.linking.services import connecting, deletions
from onboarding.linking.services.errors import ServiceTrouble
from onboarding.linking.services.onboarding import close
from tests.factories import (
    make_company,
    make_connection,
    make_invitation,
    make_operation,
    make_platform,
    make_session,
)

from .customers import confirmed, hop, linked_now, visit
from .registry import LONG, add, bare_request, browser, customer

ADDRESS = "accounts.payable.and.receivable@aberystwyth-and-llanfairpwllgwyngyll.example"


def firm() -> None:
    """A firm whose own name is as long."""
    Branding.objects.create(name=LONG, support_email=ADDRESS, support_phone="020 7946 0001")
    make_platform(name=LONG)


def business() -> Any:
    firm()
    return make_company(LONG, contact_name=LONG, email=ADDRESS)


def pause() -> HttpResponse:
    return visit("pause", business())


def ask_to_delete(*, asked: bool = False) -> HttpResponse:
    company = business()
    confirmed(linked_now(company, platform_name=LONG))
    if asked:
        deletions.ask(session=make_session(company)[0], now=timezone.now())
    return visit("ask_to_delete", company)


def write() -> HttpResponse:
    company = business()
    address = reverse("journey:write", args=[company.public_id])
    return customer(company).post(address, {"text": LONG * 30})


def already_connected() -> HttpResponse:
    company = business()
    make_platform("qhyg", LONG[::-1])
    confirmed(make_connection(company, "qhyg", "Linked", platform_name=LONG[::-1]))
    return visit("permission", company, "gbol")


def link_ended(why: str) -> HttpResponse:
    company, now = business(), timezone.now()
    link = make_invitation(company, now=now - timedelta(days=20))
    if why == "closed":
        close(company=company, by=None, now=now)
    else:
        ended = {"ended_at": now, "ended_why": why} if why != "expired" else {"ended_at": None}
        Invitation.objects.update(**ended, expires_at=now - timedelta(days=6))
    return browser().get(reverse("journey:invitation", args=[make_token(link)]))


def link_sent() -> HttpResponse:
    link = make_invitation(business(), expires_at=timezone.now() - timedelta(days=6))
    return browser().post(reverse("journey:invitation_renew", args=[make_token(link)]))


def session_ended() -> HttpResponse:
    company = business()
    client = customer(company, now=timezone.now() - timedelta(minutes=31))
    return client.get(reverse("journey:choose", args=[company.public_id]))


def trouble(kind: str) -> HttpResponse:
    request = bare_request()
    request.company = business()
    return trouble_page(request, "gbol", LONG, ServiceTrouble(kind, 180))


def told_later() -> HttpResponse:
    company = business()
    return customer(company).post(reverse("journey:tell_me", args=[company.public_id, "gbol"]))


def returned(hint: str) -> HttpResponse:
    company = business()
    hop(make_connection(company, platform_name=LONG), hint)
    return visit("progress", company)


def linked(operations: dict[str, str], *, minutes: float = 0) -> HttpResponse:
    company = business()
    at = timezone.now() - timedelta(minutes=minutes)
    times = {"linked_first_at": at, "linked_last_at": at}
    connection = make_connection(company, status="Linked", platform_name=LONG, **times)
    if operations:
        confirmed(connection, LONG)
    for data_type, status in operations.items():
        make_operation(connection, data_type, status)
    return visit("progress", company)


def lost() -> HttpResponse:
    company = business()
    confirmed(make_connection(company, status="Deauthorized", platform_name=LONG), LONG)
    return visit("progress", company)


def disconnected(*, is_ending: bool) -> HttpResponse:
    company = business()
    connection = linked_now(company, platform_name=LONG)
    confirmed(connection, LONG)
    connecting.unlink(connection=connection, session=make_session(company)[0], now=timezone.now())
    if not is_ending:
        company.writes.update(done_at=timezone.now())
        Connection.objects.update(status="Unlinked", status_changed_at=timezone.now())
    return visit("disconnected", company, str(connection.public_id))


def recent_link() -> HttpResponse:
    company = business()
    confirmed(linked_now(company, platform_name=LONG))
    address = reverse("journey:ask_to_delete", args=[company.public_id])
    return customer(company, purpose="relink").get(address)


def stop_reminders() -> HttpResponse:
    link = make_invitation(business())
    return browser().get(reverse("journey:stop_reminders", args=[make_token(link)]))


def visitor(page: str) -> HttpResponse:
    firm()
    return browser().get(reverse(f"journey:{page}"))


def returned_as_stranger() -> HttpResponse:
    firm()
    return browser().get("/link/return")


_READING = {"company": "Complete", "bills": "AuthError"}
_LONG: dict[str, tuple[str, Callable[[], HttpResponse]]] = {
    "pause--long": ("pause", pause),
    "ask_to_delete--long": ("ask_to_delete", ask_to_delete),
    "ask_to_delete--asked-long": ("ask_to_delete", lambda: ask_to_delete(asked=True)),
    "write--long-error": ("write", write),
    "already_connected--long": ("already_connected", already_connected),
    "link_sent--long": ("link_sent", link_sent),
    "session_ended--long": ("session_ended", session_ended),
    "told_later--long": ("told_later", told_later),
    "disconnected--asked-long": ("disconnected", lambda: disconnected(is_ending=True)),
    "disconnected--done-long": ("disconnected", lambda: disconnected(is_ending=False)),
    "recent_link--long": ("recent_link", recent_link),
    "stop_reminders--long": ("stop_reminders", stop_reminders),
    "progress--naming-long": ("progress", lambda: linked({})),
    "progress--slow-long": ("progress", lambda: linked({}, minutes=5)),
    "progress--needs-sign-in-long": ("progress", lambda: linked(_READING)),
    "progress--lost-long": ("progress", lost),
    "how--long": ("how_it_works", lambda: visitor("how_it_works")),
    "way_in--long": ("way_in", lambda: visitor("way_in")),
    "thank_you--long": ("thank_you", returned_as_stranger),
}
for _name, (_page, _draw) in _LONG.items():
    add(f"journey-{_name}", f"journey/{_page}.html", _draw)
for _why in ("expired", "finished", "replaced", "closed"):
    add(f"journey-link_ended--{_why}-long", "journey/link_ended.html", link_ended, _why)
for _kind in ("down", "busy", "refused"):
    add(f"journey-trouble--{_kind}-long", "journey/trouble.html", trouble, _kind)
for _kind, _hint in {"cancelled": "403", "failed": "500", "not_supported": "501"}.items():
    add(f"journey-progress--{_kind}-long", "journey/progress.html", returned, _hint)
for _kind, _hint in {"checking": "200", "unheard": "", "unchanged": "201"}.items():
    add(f"journey-progress--{_kind}-long", "journey/progress.html", returned, _hint)
