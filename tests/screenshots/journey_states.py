"""Every page that customers see, in every state."""

import io
import secrets
import uuid
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone
from PIL import Image, ImageDraw, ImageFont

from onboarding.journey.views.connecting import trouble_page
from onboarding.linking.invitation_links import make_token
from onboarding.linking.models import (
    Branding,
    Category,
    CodatWrite,
    Company,
    Connection,
    Invitation,
    LinkAttempt,
    Platform,
)
from onboarding.linking.models.invitation import Purpose
from onboarding.linking.pictures import platform_button
from onboarding.linking.services import consents
from onboarding.linking.services.errors import ServiceTrouble
from onboarding.linking.services.invitations import key_hash
from onboarding.linking.services.onboarding import close
from tests.factories import (
    make_company,
    make_connection,
    make_identity,
    make_invitation,
    make_operation,
    make_platform,
    make_session,
    restage,
)

from .registry import LONG, MANY, add, bare_request, browser, customer

WORDS_OF_READING = {
    "company": "Complete",
    "invoices": "Complete",
    "bills": "Fetching",
    "bankTransactions": "Queued",
    "payments": "FetchError",
    "suppliers": "AuthError",
    "purchaseOrders": "NotSupported",
}


# ── rows ─────────────────────────────────────────────────────────────────────────────────────────
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


# ── the front door ───────────────────────────────────────────────────────────────────────────────
def landing() -> HttpResponse:
    with override_settings(SELF_SERVICE=False):
        return browser().get("/")


def start(posted: dict[str, str] | None = None, **firm: Any) -> HttpResponse:
    if firm:
        Branding.objects.create(**{"name": "Northbank"} | firm)
    software()
    return browser().post("/", posted) if posted is not None else browser().get("/")


def start_of_nobody() -> HttpResponse:
    software()
    nothing = {"FIRM_NAME": "", "FIRM_SUPPORT_EMAIL": "", "FIRM_SUPPORT_PHONE": ""}
    with override_settings(**nothing):
        return browser().get("/")


def start_after_leaving() -> HttpResponse:
    software()
    company = brook()
    client = customer(company)
    return client.post(reverse("journey:sign_out", args=[company.public_id]), follow=True)


add("journey-landing--default", "journey/landing.html", landing)
add("journey-start--empty", "journey/start.html", start)
add("journey-start--error", "journey/start.html", start, {"name": "…", "email": "owner"})
add("journey-start--nothing-entered", "journey/start.html", start, {"name": ""})
add("journey-start--long", "journey/start.html", start, name=LONG, home_url="https://a.example")
add("journey-start--no-firm", "journey/start.html", start_of_nobody)
add("journey-start--finished-here", "journey/start.html", start_after_leaving)
BRANDS = {"navy": "#14285f", "yellow": "#ffd400", "pink": "#f9d5e5"}
for _name, _colour in BRANDS.items():
    add(f"journey-start--{_name}", "journey/start.html", start, colour=_colour)


# ── choosing ─────────────────────────────────────────────────────────────────────────────────────
def choose(
    query: str = "", *, many: bool = False, long: bool = False, colour: str = ""
) -> HttpResponse:
    if colour:
        Branding.objects.create(name="Northbank", colour=colour)
    software(long=long)
    for number, name in enumerate(MANY * 6 if many else []):
        make_platform(f"m{number}", f"{name} {number}", order=200)
    return visit("choose", brook(), query=query)


def choose_among_states() -> HttpResponse:
    software()
    company = brook()
    confirmed(make_connection(company, status="Linked"))
    make_connection(company, "fztf", source_type="Commerce")
    lost = make_connection(company, "aszz", "Deauthorized", source_type="Banking")
    confirmed(lost)
    return visit("choose", company)


def own_button(words: str, ground: str) -> bytes:
    """A button as software firms draw theirs: wide, in their colour, with words in it."""
    image = Image.new("RGBA", (446, 80))
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((0, 0, 445, 79), 8, fill=ground)
    pen.text((223, 40), words, "white", ImageFont.load_default(36), anchor="mm")
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def choose_by_own_buttons() -> HttpResponse:
    software()
    make_platform("btnl", LONG, order=4)
    company = brook()
    make_connection(company, "qhyg", source_type="Accounting")
    pictures = {"": "#1f7a1f", "_hover": "#0f5c0f"}
    for part, ground in pictures.items():
        png = platform_button(own_button("Connect to QuickBooks", ground))
        shown = {f"button{part}": png.png, f"button{part}_hash": png.digest}
        Platform.objects.filter(key__in=["qhyg", "btnl", "hcws"]).update(**shown)
    return visit("choose", company)


def choose_after_it_went() -> HttpResponse:
    software()
    company = brook()
    address = reverse("journey:permission", args=[company.public_id, "gone"])
    return customer(company).get(address, follow=True)


add("journey-choose--empty", "journey/choose.html", lambda: visit("choose", brook()))
add("journey-choose--few", "journey/choose.html", choose)
add("journey-choose--many", "journey/choose.html", choose, many=True)
add("journey-choose--long", "journey/choose.html", choose, long=True)
add("journey-choose--found", "journey/choose.html", choose, "?q=sage")
add("journey-choose--not-found", "journey/choose.html", choose, "?q=Lotus+Organizer")
add("journey-choose--states", "journey/choose.html", choose_among_states)
add("journey-choose--own-buttons", "journey/choose.html", choose_by_own_buttons)
add("journey-choose--not-on-offer", "journey/choose.html", choose_after_it_went)
for _name, _colour in BRANDS.items():
    add(f"journey-choose--{_name}", "journey/choose.html", choose, colour=_colour)


# ── permission, leaving ──────────────────────────────────────────────────────────────────────────
def permission(company: Company, *, long: bool = False, posted: Any = None) -> HttpResponse:
    software(long=long)
    address = reverse("journey:permission", args=[company.public_id, "gbol"])
    client = customer(company)
    return client.get(address) if posted is None else client.post(address, posted)


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


def leave(key: str = "gbol", *, again: bool = False, **fields: Any) -> HttpResponse:
    software()
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
add("journey-leave--first", "journey/leave.html", leave)
add("journey-leave--reconnect", "journey/leave.html", leave, again=True)
add("journey-leave--long", "journey/leave.html", leave, true_name=LONG)
add("journey-preparing--waiting", "journey/preparing.html", preparing)
add("journey-preparing--slow", "journey/preparing.html", preparing, minutes=2)
add("journey-preparing--ready", "journey/preparing.html", preparing, ready=True)
for _kind in ("down", "busy", "refused"):
    add(f"journey-trouble--{_kind}", "journey/trouble.html", trouble, _kind)


# ── after the return ─────────────────────────────────────────────────────────────────────────────
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


# ── done, connections ────────────────────────────────────────────────────────────────────────────
def done(
    *, more: bool = False, unfinished: bool = False, long: bool = False, home: str = ""
) -> HttpResponse:
    if home:
        Branding.objects.create(name="Northbank", home_url=home)
    software()
    name = LONG if long else "Xero"
    company = brook(true_name=LONG if long else "Brook & Sons Ltd")
    connection = make_connection(company, status="Linked", platform_name=name)
    confirmed(connection)
    make_operation(connection, "company")
    if more or unfinished:
        shop = {"platform_name": "Shopify", "source_type": "Commerce"}
        confirmed(make_connection(company, "fztf", "Linked", **shop))
    if unfinished:
        make_connection(company, "aszz", platform_name="Plaid", source_type="Banking")
    return visit("done", company)


def connections(*, long: bool = False, empty: bool = False) -> HttpResponse:
    """All four statuses, one in trouble, one of a word we do not know."""
    software()
    company = brook(true_name=LONG if long else "Brook & Sons Ltd")
    if not empty:
        name = LONG if long else "Xero"
        read_at = timezone.now() - timedelta(hours=3)
        first = make_connection(company, status="Linked", platform_name=name, last_read_at=read_at)
        confirmed(first, LONG if long else "Brook & Sons")
        trouble = [{"status": "Active", "statusCode": "500"}]
        rows: list[tuple[str, str, str, list]] = [
            ("fztf", "Shopify", "PendingAuth", []),
            ("rdlb", "Square", "Unlinked", []),
        ]
        rows += [("aszz", "Plaid", "Linked", trouble), ("hcws", "Sage 50", "Paused", [])]
        for key, shown, status, errors in rows:
            make_connection(company, key, status, platform_name=shown, errors=errors)
        lost = make_connection(company, "qhyg", "Deauthorized", platform_name="QuickBooks Online")
        confirmed(lost)
    return visit("connections", company)


add("journey-done--one", "journey/done.html", done)
add("journey-done--several", "journey/done.html", done, more=True)
add("journey-done--unfinished", "journey/done.html", done, unfinished=True)
add("journey-done--home", "journey/done.html", done, home="https://northbank.example")
add("journey-done--long", "journey/done.html", done, long=True)
add("journey-connections--empty", "journey/connections.html", connections, empty=True)
add("journey-connections--statuses", "journey/connections.html", connections)
add("journey-connections--long", "journey/connections.html", connections, long=True)


# ── mailed links, sessions ───────────────────────────────────────────────────────────────────────
def mailed(purpose: str = "onboard", *, note: str = "", **fields: Any) -> HttpResponse:
    company = brook(**fields)
    invitation = make_invitation(company, purpose, note=note)
    if purpose == Purpose.RELINK:
        invitation.connection = make_connection(company, status="Deauthorized")
        invitation.save()
    return browser().get(reverse("journey:invitation", args=[make_token(invitation)]))


def link_ended(why: str, purpose: str = "onboard", *, here: bool = False) -> HttpResponse:
    software()
    company, now = brook(), timezone.now()
    invitation = make_invitation(company, purpose, now=now - timedelta(days=2))
    if why == "closed":
        close(company=company, by=None, now=now)
    elif why == "expired":
        Invitation.objects.update(expires_at=now - timedelta(days=6), ended_at=None, ended_why="")
    else:
        Invitation.objects.update(ended_at=now, ended_why=why)
    client = customer(company) if here else browser()
    return client.get(reverse("journey:invitation", args=[make_token(invitation)]))


def link_unreadable() -> HttpResponse:
    return browser().get(reverse("journey:invitation", args=["cut.by-the-mail-program"]))


def link_sent(*, times: int = 1) -> HttpResponse:
    ago = [timezone.now() - timedelta(days=days) for days in (20, 6)]
    invitation = make_invitation(brook(), created_at=ago[0], expires_at=ago[1])
    address = reverse("journey:invitation_renew", args=[make_token(invitation)])
    return [browser().post(address) for _ in range(times)][-1]


def session_ended(*, closed: bool = False) -> HttpResponse:
    software()
    company = brook()
    now = timezone.now()
    client = customer(company, now=now - timedelta(minutes=31))
    if closed:
        close(company=company, by=None, now=now)
    return client.get(reverse("journey:choose", args=[company.public_id]))


LETTER = f"We spoke on the phone on Monday. Dana at {LONG} says that you use Xero. " * 5
LINK_ENDED = "journey/link_ended.html"
add("journey-invitation--onboard", "journey/invitation.html", mailed)
add("journey-invitation--relink", "journey/invitation.html", mailed, "relink")
add("journey-invitation--sign_in", "journey/invitation.html", mailed, "sign_in")
add("journey-invitation--long", "journey/invitation.html", mailed, note=LETTER, true_name=LONG)
for _why in ("expired", "finished", "replaced", "revoked", "closed"):
    add(f"journey-link_ended--{_why}", LINK_ENDED, link_ended, _why)
add("journey-link_ended--expired-sign_in", LINK_ENDED, link_ended, "expired", "sign_in")
add("journey-link_ended--finished-here", LINK_ENDED, link_ended, "finished", here=True)
add("journey-link_ended--session-closed", LINK_ENDED, session_ended, closed=True)
add("journey-link_ended--unreadable", LINK_ENDED, link_unreadable)
add("journey-link_sent--default", "journey/link_sent.html", link_sent)
add("journey-link_sent--again", "journey/link_sent.html", link_sent, times=2)
add("journey-session_ended--default", "journey/session_ended.html", session_ended)
add("journey-thank_you--default", "journey/thank_you.html", lambda: browser().get("/link/return"))
