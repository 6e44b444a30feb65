"""From permission to the software's own sign-in, and back."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from csp.decorators import csp_replace
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.html import format_html, strip_tags
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from onboarding.journey import steps
from onboarding.journey.cards import masked_address
from onboarding.journey.decorators import (
    HELPER,
    OWNER,
    company_of,
    read_keys,
    session_required,
)
from onboarding.journey.forms import PermissionForm
from onboarding.journey.redirects import HttpResponseSeeOther
from onboarding.journey.redirects import leave as leave_portal
from onboarding.journey.tiles import current_wording, has_agreed, logo_url
from onboarding.journey.wording import at_hand
from onboarding.linking import tasks
from onboarding.linking.context_processors import current_firm
from onboarding.linking.limits import limit_posts
from onboarding.linking.models import (
    Company,
    Connection,
    Platform,
)
from onboarding.linking.on_offer import on_offer
from onboarding.linking.services import (
    connecting,
    consents,
    offering,
    onboarding,
    works_again,
)
from onboarding.linking.services.errors import (
    AlreadyConnected,
    NotOnOffer,
    NotReady,
    ServiceTrouble,
)
from onboarding.linking.stages import LINKED
from onboarding.ui.htmx import render_page

goes_off_site = csp_replace({"form-action": settings.LEAVING_FORM_ACTION})
"""Browsers hold every redirect after a form to this directive, the software's hosts included."""


def back_to_choosing(request: Any) -> HttpResponse:
    messages.warning(request, _("That software is not on offer now. Choose from this page."))
    return HttpResponseSeeOther(steps.address("choose", request.company))


# ── permission ───────────────────────────────────────────────────────────────────────────────────
@session_required(*OWNER)
@limit_posts(company_of)
@goes_off_site
@require_http_methods(["GET", "HEAD", "POST"])
def permission(request: Any, platform_key: str) -> HttpResponse:
    """What is read, why, and for how long; the ticked box leads straight to the software."""
    try:
        platform = offering.platform_on_offer(key=platform_key)
    except NotOnOffer:
        return back_to_choosing(request)
    other = steps.connected_instead(request.company, platform)
    if other is not None:
        return already_connected_page(request, platform.key, platform.name, other)
    wording = current_wording(platform)
    if request.method != "POST":
        onward = steps.page_for_platform(request.company, platform, version=wording.version)
        told_before = steps.address("computer", request.company, platform.key)
        if onward not in (request.path, told_before):
            return HttpResponseSeeOther(onward)
    form = PermissionForm(
        request.POST or None, label=box_label(platform.name), version=wording.version
    )
    if request.method == "POST" and form.is_valid():
        return agreed(request, platform, wording)
    return permission_page(request, platform, wording, form)


def box_label(software: str) -> str:
    firm = current_firm()
    text = _("I give {firm} permission to read this from {software}, as written here.")
    if firm.privacy_url:
        text = _(
            "I give {firm} permission to read this from {software}, as written here and in the "
            "{policy}."
        )
    policy = format_html(
        '<a href="{}" target="_blank" rel="noopener">{}</a>', firm.privacy_url, _("privacy policy")
    )
    return format_html(text, firm=firm.name or _("this firm"), software=software, policy=policy)


def permission_page(
    request: Any,
    platform: Platform,
    wording: consents.Wording,
    form: PermissionForm,
    replaces: str = "",
) -> HttpResponse:
    """`replaces` names the software that agreeing disconnects."""
    company = request.company
    shown, is_placeholder = onboarding.name_for_codat(company.true_name, company.reference)
    chooses = steps.only_platform() is None
    is_linked = steps.is_linked(company, platform)
    is_given = steps.was_given(request.customer_session, platform.key)
    context = {
        "company": company,
        "platform": platform,
        "logo_url": logo_url(platform),
        "wording": wording,
        "form": form,
        "replaces": replaces,
        "shown_name": shown if shown != company.true_name else "",
        "is_placeholder": is_placeholder,
        "step_text": "" if is_linked else steps.step_text("permission", is_given=is_given),
        "asks_again": steps.asks_again(company, platform),
        "is_linked": is_linked,
        "back_url": steps.address("choose", company) if chooses else "",
    }
    status = 422 if form.errors else 200
    return render_page(request, "journey/permission.html", context, status=status)


def agreed(
    request: Any,
    platform: Platform,
    wording: consents.Wording,
    begin: Callable[..., None] = connecting.begin_connection,
) -> HttpResponse:
    session = request.customer_session
    now = timezone.now()
    renews = steps.asks_again(request.company, platform)
    agreement = strip_tags(box_label(platform.name))
    consents.record(
        session=session, platform=platform, wording=wording, now=now, agreement=agreement
    )
    if renews and steps.is_linked(request.company, platform):
        messages.success(request, _("Thank you. Your permission is up to date."))
        return HttpResponseSeeOther(steps.address("connections", request.company))
    try:
        begin(session=session, platform=platform, now=now)
    except NotOnOffer:
        return back_to_choosing(request)
    except AlreadyConnected as other:
        return already_connected_page(request, platform.key, platform.name, other.connection)
    if "helper" in request.POST:
        tasks.nudge_turn(request.company)
        return HttpResponseSeeOther(steps.address("hand_over", request.company, platform.key))
    if platform.needs_computer:
        return prepare(request, platform.key, platform.name)
    return go_to_software(request, platform.key, platform.name)


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


# ── leaving ──────────────────────────────────────────────────────────────────────────────────────
def go_to_software(
    request: Any, platform_key: str, software: str, connection: Connection | None = None
) -> HttpResponse:
    """303 to a fresh address at the software, or the page that says why not yet."""

    def leave_for_link() -> HttpResponse:
        url = connecting.leave_for_link(
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
        connecting.prepare(session=session, platform_key=platform_key, now=now)
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
            return HttpResponseSeeOther(steps.address("progress", company))
        return _asked_again(company, platform_key)
    try:
        platform = offering.platform_on_offer(key=platform_key)
    except NotOnOffer:
        return back_to_choosing(request)
    version = current_wording(platform).version
    if consents.has_consent(company=company, platform_key=platform_key, version=version):
        return None
    return HttpResponseSeeOther(steps.address("permission", company, platform_key))


# ── coming back ──────────────────────────────────────────────────────────────────────────────────
@login_not_required
@require_safe
def link_return(request: HttpRequest) -> HttpResponse:
    """Where the software sends the browser back. Nothing in the query is believed.

    It can be typed by anybody: with this browser's own state it gives a hint and a word for the
    progress page; any other input gets one and the same page, which names nobody.
    """
    code = request.GET.get("statusCode", "")
    session = connecting.note_return(
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
