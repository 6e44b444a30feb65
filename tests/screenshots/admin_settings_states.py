"""The administration: settings, what staff repair, and staff themselves."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from django.db.models import Model
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from onboarding.accounts.models import User
from onboarding.linking.models import (
    Branding,
    CallCount,
    Category,
    CodatInstance,
    CodatWrite,
    ConsentText,
    Lane,
    OutgoingEmail,
    Pause,
    Platform,
    SiteText,
)
from onboarding.linking.models.work import OutgoingEmailQuerySet
from tests.factories import make_platform

from .admin_states import FORM, LIST, filled, nobody, one, row, rows, url, with_allowance
from .desk_states import charlie
from .registry import SOFTWARE, add, member


# ── settings ─────────────────────────────────────────────────────────────────────────────────────
def _firm(_user: User) -> None:
    Branding.objects.create(name="Northbank", colour="#14285f", support_email="help@northbank.com")


def _software(_user: User) -> None:
    for n, name in enumerate(SOFTWARE):
        make_platform(f"k{n:03}", name, enabled=n != 5, is_offline=name == "Sage 50", order=n)


def form(
    model: type[Model], query: str = "", posted: dict[str, Any] | None = None, page: str = "add"
) -> HttpResponse:
    client, address = member(charlie()), url(model, page) + query
    return client.get(address) if posted is None else client.post(address, posted)


BRANDING = "admin/linking/branding/change_form.html"
add("admin-branding--empty", BRANDING, form, Branding)
add("admin-branding--full", BRANDING, row, Branding, _firm)
_BAD = {"name": "Northbank", "colour": "blue", "support_email": "help"}
add("admin-branding--error", BRANDING, row, Branding, _firm, posted=_BAD)
PREVIEW = "admin/linking/branding/preview.html"
add("admin-branding_preview--yellow", PREVIEW, form, Branding, "?colour=%23ffd400", page="preview")
add("admin-branding_preview--error", PREVIEW, form, Branding, posted=_BAD, page="preview")
TEXTS, TEXT = "admin/linking/sitetext/change_list.html", "admin/linking/sitetext/change_form.html"


def _words(_user: User) -> None:
    SiteText.objects.create(key="start.gain", language="en", text="Northbank")


add("admin-texts--full", TEXTS, rows, SiteText, _words)
add("admin-text--empty", TEXT, form, SiteText, "?key=start.gain&language=en")
add("admin-text--full", TEXT, row, SiteText, _words)
_UNKNOWN = {"key": "start.gain", "language": "en", "text": "{name}"}
add("admin-text--error", TEXT, form, SiteText, posted=_UNKNOWN)
_TYPED = {"key": "start.gain", "language": "en", "text": "Northbank"}
_TEXT_PREVIEW = "admin/linking/sitetext/preview.html"
add("admin-text_preview--full", _TEXT_PREVIEW, form, SiteText, posted=_TYPED, page="preview")
add("admin-text_preview--error", _TEXT_PREVIEW, form, SiteText, posted=_UNKNOWN, page="preview")
add("admin-categories--full", LIST, rows, Category, nobody)
add("admin-category--data-types", FORM, row, Category, nobody)
add("admin-category--error", FORM, row, Category, nobody, posted={"name": ""})
add("admin-software--empty", LIST, rows, Platform, nobody)
add("admin-software--many", LIST, rows, Platform, _software)
add("admin-software_one--full", FORM, row, Platform, _software)


def _permission(_user: User) -> None:
    sections = ("purpose", "access", "account_information", "platform_data", "retention")
    ConsentText.objects.create(version=2, **dict.fromkeys(sections, "Northbank"))


add("admin-permission_texts--full", LIST, rows, ConsentText, _permission)
add("admin-permission_text--full", FORM, row, ConsentText, _permission)
add("admin-permission_text--empty", FORM, form, ConsentText)


# ── repair ───────────────────────────────────────────────────────────────────────────────────────
def _set_aside(_user: User) -> None:
    filled()
    Lane.objects.update(parked_reason="The log says why", attempts=12, due_at=None)
    OutgoingEmail.objects.update(parked_reason=str(OutgoingEmailQuerySet.MAY_HAVE_BEEN_SENT))


def _pause(_user: User) -> None:
    now = timezone.now()
    Pause.objects.create(scope="codat", reason="401: the key is not accepted", since=now)


def _calls(_user: User) -> None:
    now = timezone.now().replace(hour=9, minute=0, second=0, microsecond=0)
    for n, operation in enumerate(["create-company", "list-connections", "get-company"]):
        for hour in range(3):
            CallCount.objects.create(
                hour=now - timedelta(hours=hour), operation=operation, count=40 + 7 * n + hour
            )


def report(fill: Callable[[User], None], **known: int) -> HttpResponse:
    user = charlie()
    fill(user)
    with with_allowance(**known) if known else patch("builtins.id", id):
        return member(user).get(url(CallCount, "report"))


def end_pause() -> HttpResponse:
    user = charlie()
    _pause(user)
    return member(user).get(url(Pause, "delete", Pause.objects.get().pk))


add("admin-lanes--set-aside", LIST, rows, Lane, _set_aside, "?parked_reason__isempty=0")
add("admin-lanes--released", LIST, rows, Lane, _set_aside, action="release")
add("admin-lane--set-aside", FORM, row, Lane, _set_aside)
add("admin-mails--set-aside", LIST, rows, OutgoingEmail, _set_aside, "?parked_reason__isempty=0")
_ASK = "admin/linking/confirm_release.html"
add("admin-mails--release", _ASK, rows, OutgoingEmail, _set_aside, action="release")
add("admin-mails--release-nothing", _ASK, rows, OutgoingEmail, one, action="release")
add("admin-writes--full", LIST, rows, CodatWrite)
add("admin-pauses--empty", LIST, rows, Pause, nobody)
add("admin-pauses--full", LIST, rows, Pause, _pause)
add("admin-pause--end", "admin/linking/pause/delete_confirmation.html", end_pause)
CALLS = "admin/linking/callcount/report.html"
add("admin-calls--empty", CALLS, report, nobody)
add("admin-calls--full", CALLS, report, _calls, remaining=7400)
add("admin-calls--rows", "admin/linking/callcount/change_list.html", rows, CallCount, _calls)


def _account(_user: User) -> None:
    CodatInstance.objects.create(client_id="ours", seen_at=timezone.now(), read_every={"bills": 24})


add("admin-account_at_codat--full", FORM, row, CodatInstance, _account)


# ── staff ────────────────────────────────────────────────────────────────────────────────────────
def staff(page: str, posted: dict[str, str] | None = None) -> HttpResponse:
    user = charlie()
    address = reverse(
        f"admin:accounts_user_{page}", args=[] if page in ("changelist", "add") else [user.pk]
    )
    client = member(user)
    return client.get(address) if posted is None else client.post(address, posted)


add("admin-staff--full", LIST, staff, "changelist")
add("admin-staff_one--full", FORM, staff, "change")
add("admin-staff_one--add", "admin/auth/user/add_form.html", staff, "add")
add("admin-staff_one--error", "admin/auth/user/add_form.html", staff, "add", {"email": "a"})
