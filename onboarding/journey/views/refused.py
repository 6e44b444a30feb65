"""What a browser gets that asked for something we do not do."""

from typing import Final

from django.conf import settings
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from onboarding.journey import forms, steps
from onboarding.journey.decorators import OWNER, read_keys
from onboarding.linking.services import invitations
from onboarding.ui.htmx import render_page
from onboarding.ui.page_before import page_before

TYPED_IN: Final[dict[str, type[Form]]] = {
    "journey:start": forms.StartForm,
    "journey:start_with": forms.StartForm,
    "journey:way_in": forms.WayInForm,
    "journey:write": forms.MessageForm,
    "journey:write_as_visitor": forms.VisitorsMessageForm,
    "journey:not_listed": forms.NotListedForm,
    "journey:hand_over": forms.HandOverForm,
}
"""The forms in which something is typed. None holds a password or a permission."""


def form_too_old(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's token does not fit: mostly a page left open for long, or cookies refused."""
    context = {"again_url": page_before(request), "form": _what_was_typed(request)}
    return render_page(request, "403_csrf.html", context, status=403)


def _what_was_typed(request: HttpRequest) -> Form | None:
    """The answers of one of our forms, to be sent once more under a token that fits.

    Only from a page of ours, as the browser itself says (`Origin`): a stranger's page could
    otherwise fill in what the customer then sends with one press.
    """
    ours = {f"{request.scheme}://{request.get_host()}", settings.PORTAL_BASE_URL}
    match = request.resolver_match
    form = TYPED_IN.get(match.view_name) if match else None
    if form is None or request.headers.get("Origin") not in ours or "own" in request.POST:
        return None
    shown = form(initial={name: request.POST.get(name, "") for name in form.base_fields})
    return shown if any(field.value() for field in shown.visible_fields()) else None


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "400.html", status=400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Only staff are refused by name: to a customer, what is not hers is not there."""
    return render(request, "desk/not_open.html", status=403)


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """To the connections of whoever is let in by this browser; else to the way in. Staff: home."""
    if getattr(request, "user", None) and request.user.is_staff:
        return render(request, "desk/not_found.html", status=404)
    session = invitations.newest_session(keys=read_keys(request), now=timezone.now())
    context = {}
    if session is not None and session.purpose in OWNER:
        context["connections_url"] = steps.address("connections", session.company)
    return render(request, "404.html", context, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    return render(request, "500.html", status=500)
