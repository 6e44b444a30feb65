"""The demo's post box: every mail that the portal sent, for whoever can open the page.

Mailed links open customers' sessions, so these pages exist with DEMO=1 only, and the demo listens
on this machine alone.
"""

from pathlib import Path

from csp.constants import NONE, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from .mailbox import Mail, read_mails

SHOWN = 50


@login_not_required
@never_cache
@require_safe
def mails(request: HttpRequest) -> HttpResponse:
    return render(request, "demo/mails.html", {"mails": _mails()[:SHOWN], "shown": SHOWN})


@login_not_required
@never_cache
@require_safe
@csp_replace(  # type: ignore[arg-type]  # its types know only views without arguments
    {
        "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox"],
        "script-src": [NONE],
        "style-src": [UNSAFE_INLINE],
        "form-action": [NONE],
    }
)
def mail_html(request: HttpRequest, mail_id: str) -> HttpResponse:
    """The HTML part as it was sent; the policy keeps it from doing anything but be seen."""
    return HttpResponse(_find(mail_id).html)


@login_not_required
@never_cache
@require_safe
def mails_json(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"mails": [_as_json(mail) for mail in _mails()]})


def _as_json(mail: Mail) -> dict[str, object]:
    return {
        "id": mail.id,
        "sent_at": mail.sent_at and mail.sent_at.isoformat(),
        "from": mail.sender,
        "to": mail.recipient,
        "subject": mail.subject,
        "text": mail.text,
        "html": mail.html,
        "links": mail.links,
    }


def _mails() -> list[Mail]:
    folder = getattr(settings, "EMAIL_FILE_PATH", None)
    return read_mails(Path(folder)) if folder else []


def _find(mail_id: str) -> Mail:
    for found in _mails():
        if found.id == mail_id:
            return found
    raise Http404
