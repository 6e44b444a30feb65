"""The page between the click and the connection that Codat makes for it."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRefresh

from onboarding.journey import steps
from onboarding.journey.cards import masked_address
from onboarding.journey.decorators import OWNER, session_required
from onboarding.journey.redirects import go
from onboarding.journey.tiles import own_button
from onboarding.linking.models import CodatWrite, Company, Pause, Problem
from onboarding.linking.on_offer import on_offer
from onboarding.linking.services import connecting, works_again
from onboarding.linking.services.errors import ServiceTrouble
from onboarding.linking.stages import Reason
from onboarding.ui.htmx import is_fragment, looks_so_far, poll_delay, render_page

from .leaving import goes_off_site, trouble_page

SLOW_AFTER = timedelta(seconds=30)
"""After so long a customer is told that preparing takes longer than usual."""


@session_required(*OWNER)
@goes_off_site
@require_safe
def preparing(request: Any, platform_key: str) -> HttpResponse:
    """Between the click and the connection that Codat makes for it: seconds, seldom minutes."""
    company = request.company
    platform = on_offer().known_platform(platform_key)
    software = platform.name if platform else _("your software")
    oldest = company.writes.open().order_by("pk").first()
    is_ready = connecting.is_prepared(company=company, platform_key=platform_key)
    if not is_ready and _is_refused(company):
        return _whole_page(request) or trouble_page(
            request, platform_key, software, ServiceTrouble("refused")
        )
    on_computer = platform is not None and platform.needs_computer
    if (is_ready and on_computer) or (not is_ready and oldest is None):
        return go(request, steps.address("leave", company, platform_key))
    context = {
        "company": company,
        "software": software,
        "platform_key": platform_key,
        "is_ready": is_ready,
        "own_button": own_button(platform) if platform else [],
        "is_slow": oldest is not None and timezone.now() - oldest.key_made_at > SLOW_AFTER,
        "tells": works_again.is_wanted(company=company, platform_key=platform_key),
        "email": masked_address(company),
    }
    return _preparing_page(request, context)


def _preparing_page(request: Any, context: dict[str, Any]) -> HttpResponse:
    looks = looks_so_far(request)
    delay = None if context["is_ready"] else poll_delay(looks)
    return render_page(
        request,
        "journey/preparing.html",
        {**context, "url": request.path, "looks": looks, "delay": delay, "uses_htmx": True},
        fragment="journey/_preparing_status.html",
        fragment_id="preparing_status",
    )


def _is_refused(company: Company) -> bool:
    """Codat will not make what we wait for: for this company, or for anybody now."""
    waits_for = CodatWrite.Kind.CREATE_COMPANY, CodatWrite.Kind.CREATE_CONNECTION
    return (
        Problem.objects.filter(company=company, reason=Reason.REFUSED).open().exists()
        or Pause.objects.filter(scope__in=[Pause.CODAT, *waits_for]).exists()
    )


def _whole_page(request: HttpRequest) -> HttpResponse | None:
    """A poll that can no longer be answered with its fragment fetches the page as a whole."""
    return HttpResponseClientRefresh() if is_fragment(request) else None
