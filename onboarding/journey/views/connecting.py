"""To the software's own sign-in, for the first time or again, and back."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from onboarding.journey import steps
from onboarding.journey.decorators import HELPER, OWNER, company_of, read_keys, session_required
from onboarding.journey.redirects import HttpResponseSeeOther
from onboarding.journey.tiles import current_wording, logo_url, own_button
from onboarding.journey.wording import at_hand
from onboarding.linking import tasks
from onboarding.linking.limits import limit_posts
from onboarding.linking.models import Company, Connection
from onboarding.linking.on_offer import on_offer
from onboarding.linking.services import connecting, consents, leaving, offering
from onboarding.linking.services.errors import AlreadyConnected, NotOnOffer
from onboarding.linking.stages import LINKED
from onboarding.ui.htmx import render_page

from .leaving import already_connected_page, back_to_choosing, go_to_software, goes_off_site


def known_connection(request: Any, platform_key: str) -> Connection | None:
    """The connection a mailed link is about, else the present one of that software."""
    invitation = request.customer_session.invitation
    asked = invitation.connection if invitation else None
    if asked and asked.platform_key == platform_key and asked.deleted_at is None:
        if asked.status != LINKED:
            return asked
    return connecting.connection_for(company=request.company, platform_key=platform_key)


@session_required(*OWNER)
@limit_posts(company_of)
@goes_off_site
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: Any, platform_key: str) -> HttpResponse:
    """Whose sign-in page comes next; the button fetches a fresh address and goes there."""
    return _leave(request, platform_key, known_connection(request, platform_key))


@session_required(*OWNER)
@limit_posts(company_of)
@goes_off_site
@require_http_methods(["GET", "HEAD", "POST"])
def reconnect(request: Any, connection_id: UUID) -> HttpResponse:
    """The same, for one of perhaps several connections of that software."""
    sources = request.company.connections.present().exclude(platform_key="")
    connection = get_object_or_404(sources, public_id=connection_id)
    return _leave(request, connection.platform_key, connection)


@session_required(*OWNER)
@limit_posts(company_of)
@goes_off_site
@require_POST
def another(request: Any, platform_key: str) -> HttpResponse:
    """One more shop, or one more bank, beside those that are there."""
    try:
        platform = offering.platform_on_offer(key=platform_key)
    except NotOnOffer:
        return back_to_choosing(request)
    company, session = request.company, request.customer_session
    version = current_wording(platform).version
    if not consents.has_consent(company=company, platform_key=platform_key, version=version):
        return HttpResponseSeeOther(steps.address("permission", company, platform_key))
    try:
        connecting.add_another(session=session, platform=platform, now=timezone.now())
    except AlreadyConnected as other:
        return already_connected_page(request, platform_key, platform.name, other.connection)
    tasks.nudge_turn(company)
    return HttpResponseSeeOther(steps.address("preparing", company, platform_key))


def _leave(request: Any, platform_key: str, connection: Connection | None) -> HttpResponse:
    first = what_comes_first(request, platform_key, connection)
    if first is not None:
        return first
    platform = on_offer().known_platform(platform_key)
    software = platform.name if platform else connection.platform_name if connection else ""
    on_computer = platform is not None and platform.needs_computer
    if on_computer and "setup" not in request.POST:
        return HttpResponseSeeOther(steps.address("guide", request.company, platform_key))
    if request.method == "POST":
        return go_to_software(request, platform_key, software, connection)
    other = steps.connected_instead(request.company, connection or platform)
    if other is not None:
        return already_connected_page(request, platform_key, software, other)
    about = connection or platform
    context = {
        "company": request.company,
        "software": software,
        "platform_key": platform_key,
        "logo_url": logo_url(platform) if platform else "",
        "own_button": own_button(platform) if platform else [],
        "at_hand": at_hand(platform_key, about.source_type if about else "", software),
        "reconnects": connection is not None and connecting.reconnects(connection=connection),
    }
    return render_page(request, "journey/leave.html", context)


def _asked_again(company: Company, platform_key: str) -> HttpResponse | None:
    """Permission in the words of today, where it was given in others."""
    offered = on_offer().platform(platform_key)
    if offered is None or not steps.asks_again(company, offered):
        return None
    return HttpResponseSeeOther(steps.address("permission", company, platform_key))


def what_comes_first(
    request: Any, platform_key: str, connection: Connection | None
) -> HttpResponse | None:
    """Nothing to sign in to, or permission still to be given. None: the way out is free."""
    company = request.company
    if connection is not None:
        is_linked = connection.status == LINKED
        if is_linked and connecting.needs_customer(connection=connection):
            return None
        if is_linked:
            ends = connecting.is_about_to_end(connection=connection)
            return HttpResponseSeeOther(
                steps.address("connections" if ends else "progress", company)
            )
        return _asked_again(company, platform_key)
    try:
        platform = offering.platform_on_offer(key=platform_key)
    except NotOnOffer:
        return back_to_choosing(request)
    version = current_wording(platform).version
    if consents.has_consent(company=company, platform_key=platform_key, version=version):
        return None
    return HttpResponseSeeOther(steps.address("permission", company, platform_key))


@login_not_required
@require_safe
def link_return(request: HttpRequest) -> HttpResponse:
    """Where the software sends the browser back. Nothing in the query is believed.

    It can be typed by anybody: with this browser's own state it gives a hint and a word for the
    progress page; any other input gets one and the same page, which names nobody.
    """
    code = request.GET.get("statusCode", "")
    session = leaving.note_return(
        state=request.GET.get("state", "")[:200],
        status_code=code if code.isascii() and code.isdigit() and len(code) == 3 else "",
        keys=read_keys(request),
        now=timezone.now(),
    )
    if session is None:
        return render_page(request, "journey/thank_you.html")
    tasks.nudge_turn(session.company)
    asked = session.invitation
    if session.purpose in HELPER and asked:
        return HttpResponseSeeOther(steps.address("helping", session.company, asked.platform_key))
    return HttpResponseSeeOther(steps.address("progress", session.company))
