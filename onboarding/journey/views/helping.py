"""Someone else has the login: asking them, and the one page that they see."""

from typing import Any
from urllib.parse import quote, urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from onboarding.journey import steps
from onboarding.journey.decorators import HELPER, OWNER, company_of, session_required
from onboarding.journey.forms import HandOverForm, OwnMailForm
from onboarding.journey.redirects import HttpResponseSeeOther, go
from onboarding.journey.redirects import leave as leave_portal
from onboarding.journey.tiles import own_button
from onboarding.journey.views.connecting import known_connection, what_comes_first
from onboarding.journey.views.leaving import goes_off_site
from onboarding.linking import tasks
from onboarding.linking.invitation_links import invitation_url
from onboarding.linking.limits import limit_posts
from onboarding.linking.models import Connection, Invitation, Platform
from onboarding.linking.services import connecting, handing_over, leaving
from onboarding.linking.services.errors import (
    AlreadyConnected,
    NotOnOffer,
    NotReady,
    ServiceTrouble,
)
from onboarding.linking.stages import LINKED, ConnectionStage
from onboarding.ui.htmx import is_fragment, looks_so_far, poll_delay, render_page


# ── who asks ─────────────────────────────────────────────────────────────────────────────────────
@session_required(*OWNER)
@limit_posts(company_of)
@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: Any, platform_key: str) -> HttpResponse:
    """Who can sign in, or how it stands with the person who was asked."""
    asked = handing_over.latest(company=request.company, platform_key=platform_key)
    if asked and request.method != "POST" and "other" not in request.GET and _is_shown(asked):
        return _asked_page(request, asked)
    connection = known_connection(request, platform_key)
    first = what_comes_first(request, platform_key, connection)
    if first is not None:
        return first
    by_hand = "own" in request.POST
    form_class = OwnMailForm if by_hand else HandOverForm
    form = form_class(request.POST or None, initial=_asked_before(asked))
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        session, now = request.customer_session, timezone.now()
        handing_over.ask(session=session, platform_key=platform_key, now=now, **values)
        tasks.nudge_email()
        return HttpResponseSeeOther(request.path)
    platform = Platform.objects.filter(key=platform_key).only("name").first()
    context = {
        "company": request.company,
        "form": form,
        "software": platform.name if platform else connection.platform_name if connection else "",
        "back_url": steps.address("leave", request.company, platform_key),
    }
    status = 422 if form.errors else 200
    return render_page(request, "journey/hand_over.html", context, status=status)


def _is_shown(asked: Invitation) -> bool:
    return asked.ended_at is None or asked.ended_why == Invitation.EndedWhy.FINISHED


def _asked_before(asked: Invitation | None) -> dict[str, str]:
    """Whose link has run out: asking the same person again is one press."""
    if asked is None or asked.ended_at or asked.expires_at > timezone.now():
        return {}
    return {"name": asked.recipient.name, "email": asked.recipient.email}


def _asked_page(request: Any, asked: Invitation) -> HttpResponse:
    now, remind_from = timezone.now(), handing_over.remind_from(asked)
    context = {
        "company": request.company,
        "asked": asked,
        "software": steps.software_of(asked),
        "platform_key": asked.platform_key,
        "is_done": asked.ended_at is not None,
        "asks": _is_to_be_checked(request, asked.platform_key),
        "has_expired": asked.expires_at <= now,
        "remind_from": remind_from,
        "may_remind": now >= remind_from and bool(asked.recipient.email),
        "uses_script": True,
        **({} if asked.recipient.email else _passed_on_by_hand(asked)),
    }
    return render_page(request, "journey/handed_over.html", context)


def _is_to_be_checked(request: Any, platform_key: str) -> bool:
    """Somebody signed in, and nobody has said yet whose business that is."""
    known = connecting.connection_for(company=request.company, platform_key=platform_key)
    return known is not None and known.stage == ConnectionStage.VERIFYING


def _passed_on_by_hand(asked: Invitation) -> dict[str, str]:
    """The link itself, and a mail of the customer's own with it; it leads to our page only."""
    url = invitation_url(asked)
    values = {"software": steps.software_of(asked), "business": asked.company.true_name, "url": url}
    subject = _("Connect %(software)s for %(business)s") % values
    body = _(
        "Hello,\n\nI need somebody who can sign in to %(software)s for %(business)s. This link "
        "leads there, and to nothing else:\n\n%(url)s\n"
    )
    mail = {"subject": subject, "body": body % values}
    return {"link": url, "mailto": f"mailto:?{urlencode(mail, quote_via=quote)}"}


def _live(request: Any, platform_key: str) -> Invitation:
    asked = handing_over.latest(company=request.company, platform_key=platform_key)
    if asked is None:
        raise Http404
    return asked


@session_required(*OWNER)
@limit_posts(company_of)
@require_POST
def hand_over_remind(request: Any, platform_key: str) -> HttpResponse:
    asked = _live(request, platform_key)
    if handing_over.remind(invitation=asked, now=timezone.now()):
        tasks.nudge_email()
        messages.success(request, _("We reminded %(name)s.") % {"name": asked.recipient.name})
    return HttpResponseSeeOther(steps.address("hand_over", request.company, platform_key))


@session_required(*OWNER)
@limit_posts(company_of)
@require_POST
def hand_over_take_back(request: Any, platform_key: str) -> HttpResponse:
    handing_over.take_back(invitation=_live(request, platform_key), now=timezone.now())
    messages.success(request, _("The link no longer works. You can ask someone else."))
    return HttpResponseSeeOther(steps.address("hand_over", request.company, platform_key))


# ── who helps ────────────────────────────────────────────────────────────────────────────────────
@session_required(*HELPER, after_link=True)
@limit_posts(company_of)
@goes_off_site
@require_http_methods(["GET", "HEAD", "POST"])
def helping(request: Any, platform_key: str) -> HttpResponse:
    """All that a helper sees: whose sign-in comes next, and whether it worked."""
    invitation = request.customer_session.invitation
    if invitation is None or invitation.platform_key != platform_key:
        raise Http404
    company = request.company
    connection = _connection_of(request, invitation)
    state = _how_it_stands(request, invitation, connection)
    if request.method == "POST" and state not in ("done", "not_now"):
        return _go(request, platform_key, connection)
    if is_fragment(request) and state != "waiting":
        return go(request, request.path)
    if state == "waiting" and not is_fragment(request):
        tasks.nudge_turn(company)
    return _helping_page(request, state)


def _connection_of(request: Any, invitation: Invitation) -> Connection | None:
    """The one this helper was asked about, or has been to: there may be more of that software."""
    tried = request.customer_session.attempts.select_related("connection").first()
    known = tried.connection if tried else invitation.connection
    if known is not None and known.deleted_at is None:
        return known
    company, key = invitation.company, invitation.platform_key
    return connecting.connection_for(company=company, platform_key=key)


def _how_it_stands(request: Any, invitation: Invitation, connection: Connection | None) -> str:
    """By what we read and this helper's own last hop: the word that `helping.html` asks for."""
    is_linked = connection is not None and connection.status == LINKED
    if is_linked or invitation.ended_why == Invitation.EndedWhy.FINISHED:
        return "done"
    if invitation.ended_at or invitation.expires_at <= timezone.now():
        return "not_now"
    attempt = request.customer_session.attempts.first() if connection else None
    if attempt is None:
        return "first"
    return "waiting" if attempt.return_hint in ("", "200", "201") else "stopped"


def _helping_page(request: Any, state: str, status: int = 200) -> HttpResponse:
    invitation = request.customer_session.invitation
    asker = invitation.asked_by
    platform = Platform.objects.without_pictures().filter(key=invitation.platform_key).first()
    looks, waits = looks_so_far(request), state == "waiting"
    context = {
        "company": request.company,
        "state": state,
        "platform": platform,
        "licence_key": request.company.codat_id or "",
        "software": steps.software_of(invitation),
        "own_button": own_button(platform) if platform else [],
        "asker": (asker and asker.name) or request.company.true_name,
        "uses_script": platform is not None and platform.needs_computer,
        "url": request.path,
        "looks": looks,
        "delay": poll_delay(looks) if waits else None,
        "uses_htmx": waits,
    }
    return render_page(
        request,
        "journey/helping.html",
        context,
        fragment="journey/_waiting_status.html",
        fragment_id="waiting_status",
        status=status,
    )


def _go(request: Any, platform_key: str, connection: Connection | None) -> HttpResponse:
    try:
        url = leaving.leave_for_link(
            session=request.customer_session,
            platform_key=platform_key,
            connection=connection,
            now=timezone.now(),
        )
    except (NotReady, ServiceTrouble):
        tasks.nudge_turn(request.company)
        return _helping_page(request, "trouble", status=503)
    except (AlreadyConnected, NotOnOffer):
        return _helping_page(request, "not_now", status=409)
    return leave_portal(url)
