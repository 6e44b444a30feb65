"""Software on the customer's own computer: told before, the steps there, and the wait for it."""

from datetime import timedelta
from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from onboarding.journey import standing, steps
from onboarding.journey.cards import masked_address
from onboarding.journey.decorators import (
    OWNER,
    company_of,
    session_ended_page,
    session_required,
)
from onboarding.journey.redirects import HttpResponseSeeOther, go
from onboarding.journey.tiles import current_wording, logo_url
from onboarding.journey.views.connecting import known_connection, what_comes_first
from onboarding.journey.views.leaving import back_to_choosing, goes_off_site, prepare
from onboarding.journey.views.starting import device_class
from onboarding.linking import tasks
from onboarding.linking.limits import limit_posts
from onboarding.linking.models import Company, Connection, Platform
from onboarding.linking.services import connecting, invitations, leaving, looking, to_computer
from onboarding.linking.services.errors import NotAllowed, SessionEnded
from onboarding.linking.stages import LINKED
from onboarding.ui.htmx import is_fragment, looks_so_far, render_page

DAYS_OF_WAITING: Final = timedelta(days=7)
"""Who sets up a computer may be away from this page for long; it shows nothing but the wait."""

LONG_AFTER: Final = timedelta(minutes=30)
"""After so long a customer is told what may stand in the way."""


def _software(request: Any, platform_key: str) -> Platform | None:
    """None where it has no steps for a computer: not known, not ours to offer, or on the web."""
    platform = Platform.objects.without_pictures().filter(key=platform_key).first()
    if platform is None or not platform.needs_computer:
        return None
    is_offered = Platform.objects.on_offer().filter(pk=platform.pk).exists()
    return platform if is_offered or known_connection(request, platform_key) else None


def _context(request: Any, platform: Platform, **more: Any) -> dict[str, Any]:
    return {
        "company": request.company,
        "platform": platform,
        "software": platform.name,
        "platform_key": platform.key,
        "is_phone": device_class(request) == "phone",
        "email": masked_address(request.company),
        **more,
    }


@session_required(*OWNER)
@require_safe
def computer(request: Any, platform_key: str) -> HttpResponse:
    """Told before permission is asked: what must be at hand, and the way out of a phone."""
    platform = _software(request, platform_key)
    if platform is None:
        return back_to_choosing(request)
    if steps.connected_instead(request.company, platform) is not None:
        return HttpResponseSeeOther(steps.address("permission", request.company, platform_key))
    version = current_wording(platform).version
    onward = steps.page_for_platform(request.company, platform, version=version)
    if onward != request.path:
        return HttpResponseSeeOther(onward)
    more = {
        "logo_url": logo_url(platform),
        "back_url": "" if steps.only_platform() else steps.address("choose", request.company),
    }
    context = _context(request, platform, **more)
    return render_page(request, "journey/computer.html", context)


@session_required(*OWNER, idle=DAYS_OF_WAITING)
@limit_posts(company_of)
@require_POST
def send_steps(request: Any, platform_key: str) -> HttpResponse:
    """To the address on file, so that the steps can be opened on the computer itself."""
    platform = _software(request, platform_key)
    if platform is None:
        return back_to_choosing(request)
    session, now = request.customer_session, timezone.now()
    try:
        to_computer.send_steps(session=session, platform=platform, now=now)
    except NotAllowed:
        messages.warning(request, _("We have no address to send the steps to. Contact us."))
    else:
        tasks.nudge_email()
        text = _("We sent the steps to %(email)s. Open that e-mail on the computer.")
        messages.success(request, text % {"email": masked_address(request.company)})
    return HttpResponseSeeOther(steps.address("waiting", request.company, platform_key))


@session_required(*OWNER)
@limit_posts(company_of)
@goes_off_site
@require_http_methods(["GET", "HEAD", "POST"])
def guide(request: Any, platform_key: str) -> HttpResponse:
    """The steps on that computer, with what must be typed there."""
    platform = _software(request, platform_key)
    if platform is None:
        return HttpResponseSeeOther(steps.address("leave", request.company, platform_key))
    connection = known_connection(request, platform_key)
    first = what_comes_first(request, platform_key, connection)
    if first is not None:
        return first
    if request.method == "POST":
        return prepare(request, platform_key, platform.name)
    company = request.company
    if steps.connected_instead(company, connection or platform) is not None:
        return HttpResponseSeeOther(steps.address("permission", company, platform_key))
    signs_in_again = connection is not None and connection.status == LINKED
    is_ready = signs_in_again or connecting.is_prepared(company=company, platform_key=platform_key)
    if not is_ready and company.writes.open().exists():
        return HttpResponseSeeOther(steps.address("preparing", company, platform_key))
    more = {
        "licence_key": company.codat_id or "",  # Sage 50 knows a business by it
        "uses_script": is_ready,
        "is_ready": is_ready,
        "reconnects": connection is not None and connecting.reconnects(connection=connection),
        "back_url": "" if steps.only_platform() else steps.address("choose", company),
    }
    return render_page(request, "journey/guide.html", _context(request, platform, **more))


@session_required(*OWNER, idle=DAYS_OF_WAITING)
@require_safe
def waiting(request: Any, platform_key: str) -> HttpResponse:
    """A page to leave open or to come back to, for as long as that computer takes."""
    company = request.company
    platform = _software(request, platform_key)
    if platform is None:
        return go(request, steps.choosing_page(company))
    connection = connecting.connection_for(company=company, platform_key=platform_key)
    if connection is not None and _has_news(request, connection):
        return _news(request, connection)
    if not is_fragment(request) and connection is not None:
        looking.hint_from_page(company=company)
        tasks.nudge_turn(company)
    return _waiting_page(request, platform)


def _has_news(request: Any, connection: Connection) -> bool:
    """It was connected, or the sign-in ended in a way that the progress page has words for."""
    if connection.status == LINKED:
        return True
    state = standing.progress_of(
        request.company, now=timezone.now(), session=request.customer_session
    )
    waits = state.kind in (standing.Kind.COMPUTER, standing.Kind.CHOOSE)
    return state.connection == connection and not waits


def _news(request: Any, connection: Connection) -> HttpResponse:
    """Who was away for days is told that it is connected, and more behind a new link only."""
    company, session = request.company, request.customer_session
    if connection.status == LINKED and invitations.is_resting(session=session, now=timezone.now()):
        ended = SessionEnded(company, session.invitation)
        return session_ended_page(request, ended, connected=connection.platform_name)
    return go(request, steps.address("progress", company))


def _waiting_page(request: Any, platform: Platform) -> HttpResponse:
    looks = looks_so_far(request)
    more = {
        "is_long": timezone.now() - _began_waiting(request.company, platform) > LONG_AFTER,
        "url": request.path,
        "looks": looks,
        "delay": delay(looks),
        "uses_htmx": True,
    }
    return render_page(
        request,
        "journey/waiting.html",
        _context(request, platform, **more),
        fragment="journey/_waiting_status.html",
        fragment_id="waiting_status",
    )


def delay(looks: int) -> int:
    """Seconds to the next look at our own rows: a page that may stay open for days polls little."""
    return 10 if looks < 30 else 60 if looks < 150 else 600


def _began_waiting(company: Company, platform: Platform) -> Any:
    sent = to_computer.latest(company=company, platform_key=platform.key)
    attempt = leaving.latest_attempt(company=company)
    moments = [sent.created_at if sent else None, attempt.sent_at if attempt else None]
    return max((moment for moment in moments if moment), default=timezone.now())
