"""What a browser gets that asked for something we do not do."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from onboarding.journey import steps
from onboarding.journey.decorators import OWNER, read_keys
from onboarding.linking.services import invitations


def form_too_old(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's token does not fit: mostly a page left open for long, or cookies refused."""
    came_from = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(came_from, {request.get_host()})
    context = {"again_url": came_from if is_ours else request.path}
    return render(request, "403_csrf.html", context, status=403)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "400.html", status=400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", status=403)


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """To the connections of whoever is let in by this browser; else to the way in."""
    session = invitations.newest_session(keys=read_keys(request), now=timezone.now())
    context = {}
    if session is not None and session.purpose in OWNER:
        context["connections_url"] = steps.address("connections", session.company)
    return render(request, "404.html", context, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    return render(request, "500.html", status=500)
