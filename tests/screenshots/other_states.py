"""Sign-in of staff, the pages of trouble, and every mail."""

from datetime import timedelta
from typing import Any
from unittest.mock import patch

from django.contrib.auth.tokens import default_token_generator
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.http import HttpResponse
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import get_language

from onboarding.journey.views import refused
from onboarding.linking import emails, limits
from onboarding.linking.models import Branding, Contact, OutgoingEmail
from onboarding.linking.services.onboarding import add_act
from tests.desk.cast import make_user
from tests.factories import (
    make_company,
    make_connection,
    make_identity,
    make_invitation,
    make_operation,
    make_platform,
)

from .desk_states import alice
from .registry import BUSINESSES, LONG, NOTE, add, bare_request, browser, member, straight


# ── sign-in ──────────────────────────────────────────────────────────────────────────────────────
def accounts(page: str, *args: str, posted: dict[str, str] | None = None) -> HttpResponse:
    address = reverse(f"accounts:{page}", args=args)
    return browser().get(address) if posted is None else browser().post(address, posted)


def password_change(page: str, posted: dict[str, str] | None = None) -> HttpResponse:
    client = member(alice())
    address = reverse(f"accounts:{page}")
    return client.get(address) if posted is None else client.post(address, posted)


def reset_confirm(token: str = "", posted: dict[str, str] | None = None) -> HttpResponse:
    user = alice()
    client = browser()
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    token = token or default_token_generator.make_token(user)
    page = client.get(reverse("accounts:password_reset_confirm", args=[uid, token]), follow=True)
    return page if posted is None else client.post(page.request["PATH_INFO"], posted)


SHORT = {"new_password1": "abc", "new_password2": "abd"}
add("accounts-login--empty", "accounts/login.html", accounts, "login")
_WRONG = {"username": "alice@example.com", "password": "wrong"}
add("accounts-login--refused", "accounts/login.html", accounts, "login", posted=_WRONG)
add("accounts-login--nothing-entered", "accounts/login.html", accounts, "login", posted={})


def locked_out() -> HttpResponse:
    with patch.object(limits, "is_over", lambda *_uses, **_limit: True):
        return accounts("login", posted=_WRONG)


add("accounts-login--locked-out", "accounts/too_often.html", locked_out)
_CHANGE = "accounts/password_change.html"
add("accounts-password_change--empty", _CHANGE, password_change, "password_change")
add("accounts-password_change--error", _CHANGE, password_change, "password_change", SHORT)
_CHANGED = "accounts/password_changed.html"
add("accounts-password_changed--default", _CHANGED, password_change, "password_change_done")
_RESET = "accounts/password_reset.html"
add("accounts-password_reset--empty", _RESET, accounts, "password_reset")
add("accounts-password_reset--error", _RESET, accounts, "password_reset", posted={"email": "a"})
_SENT = "accounts/password_reset_sent.html"
add("accounts-password_reset_sent--default", _SENT, accounts, "password_reset_done")
_CONFIRM = "accounts/password_reset_confirm.html"
add("accounts-password_reset_confirm--empty", _CONFIRM, reset_confirm)
add("accounts-password_reset_confirm--error", _CONFIRM, reset_confirm, posted=SHORT)
add("accounts-password_reset_confirm--used", _CONFIRM, reset_confirm, "used-before")
_FINISHED = "accounts/password_reset_finished.html"
add("accounts-password_reset_finished--default", _FINISHED, accounts, "password_reset_complete")


# ── trouble ──────────────────────────────────────────────────────────────────────────────────────
def without_firm(template: str, **context: Any) -> HttpResponse:
    with override_settings(FIRM_NAME="", FIRM_SUPPORT_EMAIL="", FIRM_SUPPORT_PHONE=""):
        return straight(template, **context)


def forbidden() -> HttpResponse:
    return member(make_user("Vera")).get(reverse("desk:add"))


add("error-400--default", "400.html", lambda: refused.bad_request(bare_request()))
add("desk-not_open--default", "desk/not_open.html", forbidden)


def form_left_open() -> HttpResponse:
    late = browser(enforce_csrf_checks=True)
    typed = {"email": "owner@brook.example", "text": f"Brook & Sons Ltd{NOTE}"}
    url = reverse("journey:write_as_visitor")
    return late.post(url, typed, headers={"origin": "http://testserver"})


add("error-403_csrf--typed", "403_csrf.html", form_left_open)
add("error-403_csrf--default", "403_csrf.html", lambda: refused.form_too_old(bare_request()))
add("error-404--default", "404.html", lambda: browser().get("/nowhere/"))
add("desk-not_found--default", "desk/not_found.html", lambda: member(alice()).get("/desk/nowhere/"))
add("error-429--default", "429.html", straight, "429.html")
add("error-500--default", "500.html", lambda: refused.server_error(bare_request()))
add("error-503--default", "503.html", straight, "503.html")
_BACK_AT = timezone.now() + timedelta(days=2)
add("error-503--until", "503.html", straight, "503.html", back_at=_BACK_AT)
for _code in ("404", "500", "503"):
    add(f"error-{_code}--no-firm", f"{_code}.html", without_firm, f"{_code}.html")


# ── mails ────────────────────────────────────────────────────────────────────────────────────────
def letter(kind: str, *, long: bool = False, on_computer: bool = False) -> EmailMultiAlternatives:
    now = timezone.now()
    name = LONG if long else "Brook & Sons Ltd"
    sender = alice(LONG if long else "Alice Lopez")
    company = make_company(name, contact_name=name if long else "Olive Brook", owner=sender)
    usual = "Sage 50" if on_computer or kind == "to_computer" else "Xero"
    software = LONG if long else usual
    connection = make_connection(
        company, status="Linked", platform_name=software, status_changed_at=now - timedelta(hours=1)
    )
    for data_type in ("company", "invoices", "bills", "payments"):
        make_operation(connection, data_type)
    if on_computer:
        make_platform(connection.platform_key, name=software, is_offline=True)
    helper = Contact(company=company, name="Carla Stone", email="carla@stone.example")
    if kind in ("delegate_done", "delegate_declined"):
        make_platform(connection.platform_key, name=software)
        helper.name = name if long else helper.name
        helper.save()
        ended = {"ended_at": now, "ended_why": "declined"} if kind == "delegate_declined" else {}
        key = connection.platform_key
        make_invitation(company, "delegate", platform_key=key, recipient=helper, **ended)
    if kind == "deletion_asked":
        add_act(company, kind, now=now)
    if kind in ("connected", "name_confirmed"):
        make_identity(connection, name, confirmed_at=now)
    if kind == "about_to_end":
        connection.last_read_at = now - timedelta(days=50)
    if kind == "connected":
        company.consents.create(
            platform_key=connection.platform_key,
            version=1,
            text="Why we ask",
            data_types=["company", "invoices", "bills"],
            at=now,
        )
    if kind == "deletion_answered":
        add_act(company, "deletion_refused", now=now, text=f"{name}{NOTE}")
    invitation = make_invitation(company, "onboard" if kind == "onboard" else "relink")
    invitation.sent_by, invitation.note = sender, f"{name}{NOTE}"
    if kind == "delegate":
        invitation.asked_by, invitation.platform_key = company.primary_contact, "gbol"
    if kind == "to_computer":
        make_platform(connection.platform_key, name=software)
        invitation.platform_key = connection.platform_key
    about = None if kind in ("onboard", "sign_in") else connection
    company.refresh_from_db()
    row = OutgoingEmail(
        kind=kind,
        company=company,
        contact=helper if kind == "delegate" else company.primary_contact,
        invitation=invitation,
        connection=about,
        language=get_language() or "",
        dedupe_key=f"{kind}:1",
    )
    return emails.render(row)


def reminder(number: int, stage: str = "authorizing") -> EmailMultiAlternatives:
    """One of the three, for a customer who stopped at this stage."""
    company = make_company("Brook & Sons Ltd", contact_name="Olive Brook", owner=alice())
    if stage in ("authorizing", "confirming"):
        make_connection(company, platform_name="Xero")
    company.stage = stage
    row = OutgoingEmail(
        kind="reminder",
        company=company,
        contact=company.primary_contact,
        invitation=make_invitation(company),
        language=get_language() or "",
        dedupe_key=f"reminder:{number}",
    )
    return emails.render(row)


def digest(*names: str) -> EmailMultiAlternatives:
    """Of today, at whatever hour the catalogue is drawn: the window moves with the setting."""
    now, user = timezone.now(), alice()
    lost_at = now - timedelta(hours=3)
    for number, name in enumerate(names):
        company = make_company(name, owner=user, observed_at=now)
        lost = make_connection(company, status="Deauthorized", status_changed_at=lost_at)
        company.problems.create(reason="access_lost", connection=lost, since=lost_at)
        about = {"company": company, "connection": lost, "kind": "access_lost"}
        if number < 2:
            moment = {"sent_at": now} if number else {"due_at": now}
            OutgoingEmail.objects.create(dedupe_key=f"access_lost:{number}", **about, **moment)
    day = now.date() + timedelta(days=1)
    row = OutgoingEmail(kind="digest", user=user, dedupe_key=f"digest:1:{day.isoformat()}")
    row.language = get_language() or ""
    with override_settings(DIGEST_HOUR=0, LOSS_MAIL_SECONDS=0):
        return emails.render(row)


def in_yellow() -> EmailMultiAlternatives:
    Branding.objects.create(name="Northbank", colour="#FFD400")
    return letter("connected")


def password_letter() -> EmailMultiAlternatives:
    alice()
    browser().post(reverse("accounts:password_reset"), {"email": "alice@example.com"})
    return mail.outbox[-1]


for _kind in sorted(emails.CONTEXT):
    add(f"mail-{_kind}--html", f"emails/{_kind}.html", letter, _kind, part="html")
    add(f"mail-{_kind}--text", f"emails/{_kind}.txt", letter, _kind, part="text")
for _kind in ("onboard", "access_lost", "reminder", "delegate"):
    _name, _mail = f"mail-{_kind}--on-computer", f"emails/{_kind}.html"
    add(_name, _mail, letter, _kind, on_computer=True, part="html")
for _number, _stage in enumerate(("invited", "authorizing", "confirming"), start=1):
    _mail = "emails/reminder.html"
    add(f"mail-reminder--{_number}", _mail, reminder, _number, _stage, part="html")
_DIGEST = "emails/digest.html"
add("mail-digest--html", _DIGEST, digest, *BUSINESSES[:3], LONG, part="html")
add("mail-digest--one", _DIGEST, digest, BUSINESSES[0], part="html")
add("mail-digest--text", "emails/digest.txt", digest, *BUSINESSES[:3], part="text")
add("mail-connected--yellow", "emails/connected.html", in_yellow, part="html")
for _kind in sorted(emails.CONTEXT):
    add(f"mail-{_kind}--long", f"emails/{_kind}.html", letter, _kind, long=True, part="html")
_PASSWORD = "accounts/password_reset_email.txt"
add("accounts-password_reset_email--text", _PASSWORD, password_letter, part="text")
