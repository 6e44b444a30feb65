"""Who may open a page of the journey: the browser's keys, and the session they belong to."""

import time
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django_htmx.http import HttpResponseClientRefresh

from onboarding.linking.models import CustomerSession, Invitation
from onboarding.linking.models.invitation import Purpose
from onboarding.linking.services import invitations
from onboarding.linking.services.errors import SessionEnded
from onboarding.ui.htmx import is_fragment, render_page
from onboarding.ui.templatetags.ui import mask_email

COOKIE: Final = "journey"
MOST_KEYS: Final = 6
KEPT_SECONDS: Final = 14 * 24 * 3600
"""So that who comes back late is offered a new link. Whether a page opens, the row decides."""

OWNER: Final = tuple(str(each) for each in (Purpose.ONBOARD, Purpose.RELINK, Purpose.SIGN_IN))
"""Sessions of the customer's own people, who see all of the business's connections."""

HELPER: Final = (str(Purpose.DELEGATE),)
"""Sessions of who was asked to sign in to one software, and sees nothing else of the business."""

P = ParamSpec("P")
View = Callable[Concatenate[Any, P], HttpResponse]


def read_keys(request: HttpRequest) -> list[str]:
    """The keys this browser holds, the newest last; at most six, whatever was sent."""
    keys = request.COOKIES.get(COOKIE, "").split(".")
    return [key for key in keys if key and len(key) <= 100][-MOST_KEYS:]


def remember_key(response: HttpResponse, request: HttpRequest, key: str) -> None:
    """Give the browser one more key; the oldest goes when there are more than six."""
    keys = [*(known for known in read_keys(request) if known != key), key][-MOST_KEYS:]
    response.set_cookie(
        COOKIE,
        ".".join(keys),
        max_age=KEPT_SECONDS,
        httponly=True,
        secure=settings.SECURE,
        samesite="Lax",
        path="/",
    )


def forget_keys(response: HttpResponse) -> None:
    response.delete_cookie(COOKIE, path="/", samesite="Lax")


def session_required(
    *purposes: str, after_link: bool = False, idle: timedelta | None = None
) -> Callable[[View[P]], Callable[..., HttpResponse]]:
    """Let in only a browser with a live session of these purposes for the company in the address.

    Puts `customer_session` and `company` on the request. A session that ended gets its own page;
    anybody else gets 404. `after_link` keeps the page open for 24 hours after the last hop to the
    software; `idle` keeps it open for so long after anything was done. Polling does not extend a
    session.
    """

    def decorate(view: View[P]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def checked(request: Any, company: UUID, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            try:
                session = _session(request, company, purposes, after_link=after_link, idle=idle)
            except SessionEnded as ended:
                return session_ended_page(request, ended)
            except LookupError as stranger:
                raise Http404 from stranger
            request.customer_session, request.company = session, session.company
            return view(request, *args, **kwargs)

        return login_not_required(checked)

    return decorate


def _session(
    request: HttpRequest,
    company: UUID,
    purposes: tuple[str, ...],
    *,
    after_link: bool,
    idle: timedelta | None,
) -> CustomerSession:
    asked: dict[str, Any] = {
        "keys": read_keys(request),
        "company_public_id": company,
        "now": timezone.now(),
        "purposes": purposes,
    }
    try:
        return invitations.check_session(**asked, touch=not is_fragment(request))
    except SessionEnded:
        if not after_link and not idle:
            raise
        # This page stays open longer than others; looking at it must not reopen those.
        return invitations.check_session(**asked, after_link=after_link, idle=idle, touch=False)


def recent_link_required(view: View[P]) -> Callable[..., HttpResponse]:
    """Below `session_required`: what harms asks for a link to sign in that was opened just now."""

    @wraps(view)
    def checked(request: Any, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if invitations.may_manage(session=request.customer_session, now=timezone.now()):
            return view(request, *args, **kwargs)
        context = {
            "company": request.company,
            "email": mask_email(_address_on_file(request.customer_session)),
            "minutes": settings.SIGN_IN_LINK_MINUTES,
            "back_url": reverse("journey:connections", args=[request.company.public_id]),
        }
        return render_page(request, "journey/recent_link.html", context, status=403)

    return checked


def _address_on_file(session: CustomerSession) -> str:
    person = session.invitation.recipient if session.invitation else session.company.primary_contact
    return person.email if person else ""


ANSWER_AFTER = 0.5
"""Seconds from the press to the answer, so that its time does not tell whom we know."""


def answers_in_even_time(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For forms in which anybody may type any address."""

    @wraps(view)
    def even(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        began = time.monotonic()
        response = view(request, *args, **kwargs)
        if request.method == "POST" and response.status_code < 400:
            time.sleep(max(0, began + ANSWER_AFTER - time.monotonic()))
        return response

    return even


def company_of(request: Any, **_kwargs: Any) -> str:
    """The subject of `limit_posts` on pages behind a session."""
    return str(request.company.public_id)


def was_closed(ended: SessionEnded) -> bool:
    """Staff closed the request or took the link back: then nothing is mailed again either."""
    invitation = ended.invitation
    shut = invitation is not None and invitation.ended_why in Invitation.SHUT
    return shut or ended.company.closed_at is not None


def session_ended_page(
    request: HttpRequest, ended: SessionEnded, *, connected: str = ""
) -> HttpResponse:
    """What a customer sees who was away for long; a poll fetches it as a whole page.

    `connected` names the software that was waited for meanwhile, and with success.
    """
    if is_fragment(request):
        return HttpResponseClientRefresh()
    if was_closed(ended):
        return render_page(request, "journey/link_ended.html", {"why": "closed"}, status=403)
    context = {
        "company": ended.company,
        "minutes": settings.SESSION_IDLE_MINUTES,
        "is_helper": ended.invitation is not None and ended.invitation.purpose in HELPER,
        "connected": connected,
    }
    status = 200 if connected else 403
    return render_page(request, "journey/session_ended.html", context, status=status)
