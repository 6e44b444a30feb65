"""Giving permission, leaving for the software, and what stands in the way."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from onboarding.journey.views.leaving import trouble_page
from onboarding.linking.models import Branding, CodatWrite, Company, Platform
from onboarding.linking.services import consents
from onboarding.linking.services.errors import ServiceTrouble
from tests.factories import make_connection, make_session

from .customers import BRANDS, brook, confirmed, software, visit
from .registry import LONG, add, bare_request, customer
from .start_states import give_own_buttons


def permission(company: Company, *, long: bool = False, posted: Any = None) -> HttpResponse:
    software(long=long)
    address = reverse("journey:permission", args=[company.public_id, "gbol"])
    client = customer(company)
    return client.get(address) if posted is None else client.post(address, posted)


def permission_by_own_button() -> HttpResponse:
    software()
    give_own_buttons("qhyg")
    return visit("permission", brook(), "qhyg")


def permission_of(**fields: Any) -> HttpResponse:
    return permission(brook(**fields))


def permission_with_policy(colour: str = "") -> HttpResponse:
    policy = "https://northbank.example/privacy"
    Branding.objects.create(name="Northbank", privacy_url=policy, terms_url=policy, colour=colour)
    return permission(brook())


def already_connected() -> HttpResponse:
    software()
    company = brook()
    confirmed(make_connection(company, "qhyg", "Linked", platform_name="QuickBooks Online"))
    return visit("permission", company, "gbol")


def switching(*, agreed: bool = False) -> HttpResponse:
    software()
    company = brook()
    confirmed(make_connection(company, "qhyg", "Linked", platform_name="QuickBooks Online"))
    if not agreed:
        return visit("switch", company, "gbol")
    platform = Platform.objects.get(key="gbol")
    wording = consents.wording_for(platform=platform, language="", firm_name="Northbank")
    session, _key = make_session(company)
    consents.record(session=session, platform=platform, wording=wording, now=timezone.now())
    return visit("permission", company, "gbol")


def leave(
    key: str = "gbol", *, again: bool = False, own_button: bool = False, **fields: Any
) -> HttpResponse:
    software()
    if own_button:
        give_own_buttons(key)
    company = brook(**fields)
    status = "Deauthorized" if again else "PendingAuth"
    name = Platform.objects.get(key=key).name
    connection = make_connection(company, key, status, platform_name=name)
    if again:
        confirmed(connection)
    return visit("leave", company, key)


def preparing(*, ready: bool = False, minutes: float = 0) -> HttpResponse:
    software()
    company = brook()
    asked = timezone.now() - timedelta(minutes=minutes)
    CodatWrite.objects.create(
        company=company, kind="create_connection", target="gbol", key_made_at=asked, due_at=asked
    )
    if ready:
        make_connection(company)
    return visit("preparing", company, "gbol")


def trouble(kind: str, wait: int = 180) -> HttpResponse:
    request = bare_request()
    request.company = brook()
    return trouble_page(request, "gbol", "Xero", ServiceTrouble(kind, wait))


def too_new_a_version() -> HttpResponse:
    return permission(brook(), posted={"agree": "on", "version": "0"})


add("journey-permission--first", "journey/permission.html", permission_of)
add("journey-permission--policy", "journey/permission.html", permission_with_policy)
for _name, _colour in BRANDS.items():
    _page = "journey/permission.html"
    add(f"journey-permission--{_name}", _page, permission_with_policy, _colour)
add(
    "journey-permission--error",
    "journey/permission.html",
    lambda: permission(brook(), posted={"version": "1"}),
)
add("journey-permission--changed-words", "journey/permission.html", too_new_a_version)
add("journey-permission--cleaned-name", "journey/permission.html", permission_of, true_name="Bröök")
add("journey-permission--no-name", "journey/permission.html", permission_of, true_name="株式会社")
add(
    "journey-permission--long",
    "journey/permission.html",
    lambda: permission(brook(true_name=LONG), long=True),
)
add("journey-already_connected--other", "journey/already_connected.html", already_connected)
_SECOND = "journey/already_connected.html"
add("journey-already_connected--agreed", _SECOND, switching, agreed=True)
add("journey-permission--switch", "journey/permission.html", switching)
add("journey-permission--own-button", "journey/permission.html", permission_by_own_button)
add("journey-leave--own-button", "journey/leave.html", leave, "qhyg", own_button=True)
add("journey-leave--first", "journey/leave.html", leave)
add("journey-leave--reconnect", "journey/leave.html", leave, again=True)
add("journey-leave--long", "journey/leave.html", leave, true_name=LONG)
add("journey-preparing--waiting", "journey/preparing.html", preparing)
add("journey-preparing--slow", "journey/preparing.html", preparing, minutes=2)
add("journey-preparing--ready", "journey/preparing.html", preparing, ready=True)
for _kind in ("down", "busy", "refused"):
    add(f"journey-trouble--{_kind}", "journey/trouble.html", trouble, _kind)
