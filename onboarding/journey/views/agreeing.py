"""Permission: what is read, why, and for how long."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.html import format_html, strip_tags
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from onboarding.journey import steps
from onboarding.journey.decorators import OWNER, company_of, session_required
from onboarding.journey.forms import PermissionForm
from onboarding.journey.redirects import HttpResponseSeeOther
from onboarding.journey.tiles import current_wording, logo_url, own_button
from onboarding.linking import tasks
from onboarding.linking.context_processors import current_firm
from onboarding.linking.limits import limit_posts
from onboarding.linking.models import Platform
from onboarding.linking.services import connecting, consents, offering, onboarding
from onboarding.linking.services.errors import AlreadyConnected, NotOnOffer
from onboarding.ui.htmx import render_page

from .leaving import (
    already_connected_page,
    back_to_choosing,
    go_to_software,
    goes_off_site,
    prepare,
)


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
        "own_button": [] if platform.needs_computer else own_button(platform),
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
