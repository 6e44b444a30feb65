"""From one accounting software to another: permission for the new one ends the old one."""

from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from onboarding.journey import steps
from onboarding.journey.decorators import (
    OWNER,
    company_of,
    recent_link_required,
    session_required,
)
from onboarding.journey.forms import PermissionForm
from onboarding.journey.redirects import HttpResponseSeeOther
from onboarding.journey.tiles import current_wording, has_agreed
from onboarding.linking.limits import limit_posts
from onboarding.linking.services import offering, switching
from onboarding.linking.services.errors import NotOnOffer

from .agreeing import agreed, box_label, permission_page
from .leaving import back_to_choosing, goes_off_site


@session_required(*OWNER)
@recent_link_required
@limit_posts(company_of)
@goes_off_site
@require_http_methods(["GET", "HEAD", "POST"])
def switch(request: Any, platform_key: str) -> HttpResponse:
    """Permission for the new software; agreeing disconnects the old one and goes to the new one.

    Where permission was given before, the page that asks “keep or switch” posts here directly.
    """
    try:
        platform = offering.platform_on_offer(key=platform_key)
    except NotOnOffer:
        return back_to_choosing(request)
    company, wording = request.company, current_wording(platform)
    old = steps.connected_instead(company, platform)
    has_permission = has_agreed(company, platform)
    if request.method != "POST" and (old is None or has_permission):
        return HttpResponseSeeOther(steps.address("permission", company, platform_key))
    form = PermissionForm(
        request.POST or None, label=box_label(platform.name), version=wording.version
    )
    if request.method == "POST" and (has_permission or form.is_valid()):
        return agreed(request, platform, wording, begin=switching.switch)
    return permission_page(request, platform, wording, form, old.platform_name if old else "")
