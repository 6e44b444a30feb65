"""The step from our pages to the software's own sign-in, or why it cannot be taken now."""

from collections.abc import Callable
from typing import Any

from csp.decorators import csp_replace
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from onboarding.journey import steps
from onboarding.journey.cards import masked_address
from onboarding.journey.decorators import OWNER, company_of, session_required
from onboarding.journey.redirects import HttpResponseSeeOther
from onboarding.journey.redirects import leave as leave_portal
from onboarding.journey.tiles import has_agreed
from onboarding.linking import tasks
from onboarding.linking.limits import limit_posts
from onboarding.linking.models import Connection, Platform
from onboarding.linking.on_offer import on_offer
from onboarding.linking.services import leaving, offering, works_again
from onboarding.linking.services.errors import (
    AlreadyConnected,
    NotOnOffer,
    NotReady,
    ServiceTrouble,
)
from onboarding.ui.htmx import render_page

goes_off_site = csp_replace({"form-action": settings.LEAVING_FORM_ACTION})
"""Browsers hold every redirect after a form to this directive, the software's hosts included."""


def back_to_choosing(request: Any) -> HttpResponse:
    messages.warning(request, _("That software is not on offer now. Choose from this page."))
    return HttpResponseSeeOther(steps.address("choose", request.company))


def already_connected_page(
    request: Any, platform_key: str, software: str, connection: Connection
) -> HttpResponse:
    """One at a time: keep it, or switch. The same software has nothing to refuse, only to see."""
    company = request.company
    if connection.platform_key == platform_key:
        return HttpResponseSeeOther(steps.address("progress", company))
    platform = on_offer().known_platform(platform_key)
    context = {
        "company": company,
        "software": software,
        "connection": connection,
        "switch_url": steps.address("switch", company, platform_key),
        "agreed": platform is not None and has_agreed(company, platform),
    }
    status = 409 if request.method == "POST" else 200
    return render_page(request, "journey/already_connected.html", context, status=status)


def go_to_software(
    request: Any, platform_key: str, software: str, connection: Connection | None = None
) -> HttpResponse:
    """303 to a fresh address at the software, or the page that says why not yet."""

    def leave_for_link() -> HttpResponse:
        url = leaving.leave_for_link(
            session=request.customer_session,
            platform_key=platform_key,
            connection=connection,
            now=timezone.now(),
        )
        return leave_portal(url)

    return _attempt(request, platform_key, software, leave_for_link)


def prepare(request: Any, platform_key: str, software: str) -> HttpResponse:
    """303 to the steps for the computer once what they need is made at Codat."""

    def make() -> HttpResponse:
        session, now = request.customer_session, timezone.now()
        leaving.prepare(session=session, platform_key=platform_key, now=now)
        return HttpResponseSeeOther(steps.address("guide", request.company, platform_key))

    return _attempt(request, platform_key, software, make)


def _attempt(
    request: Any, platform_key: str, software: str, act: Callable[[], HttpResponse]
) -> HttpResponse:
    company = request.company
    try:
        return act()
    except NotReady:
        tasks.nudge_turn(company)
        return HttpResponseSeeOther(steps.address("preparing", company, platform_key))
    except ServiceTrouble as trouble:
        tasks.nudge_turn(company)
        return trouble_page(request, platform_key, software, trouble)
    except AlreadyConnected as other:
        return already_connected_page(request, platform_key, software, other.connection)
    except NotOnOffer:
        return back_to_choosing(request)


def trouble_page(
    request: Any, platform_key: str, software: str, trouble: ServiceTrouble
) -> HttpResponse:
    """It is on our side, and what was entered is kept."""
    minutes = max(1, round((trouble.retry_after or 60) / 60))
    context = {
        "company": request.company,
        "kind": trouble.kind,
        "minutes": minutes,
        "software": software,
        "platform_key": platform_key,
        "tells": works_again.is_wanted(company=request.company, platform_key=platform_key),
        "email": masked_address(request.company),
        "uses_script": True,
    }
    response = render_page(request, "journey/trouble.html", context, status=503)
    response["Retry-After"] = str(minutes * 60)
    return response


@session_required(*OWNER)
@limit_posts(company_of)
@require_POST
def tell_me(request: Any, platform_key: str) -> HttpResponse:
    """“E-mail me when it works”: said once, kept, and true."""
    try:
        offering.platform_on_offer(key=platform_key)
    except NotOnOffer:
        return back_to_choosing(request)
    company = request.company
    works_again.ask(session=request.customer_session, platform_key=platform_key, now=timezone.now())
    tasks.nudge_turn(company)
    platform = Platform.objects.only("name").get(key=platform_key)
    context = {
        "company": company,
        "software": platform.name,
        "email": masked_address(company),
        "uses_script": True,
    }
    return render_page(request, "journey/told_later.html", context)
