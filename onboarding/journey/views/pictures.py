"""The firm's look and the platforms' logos, from our own origin, each under its hash."""

from csp.decorators import csp_exempt
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from onboarding.linking.models import Branding, Platform


def _kept_for_a_year(content: str | bytes, content_type: str) -> HttpResponse:
    """The hash is part of the address: other content has another address."""
    response = HttpResponse(content, content_type=content_type)
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


@login_not_required
@csp_exempt()  # a picture loads nothing, and such headers weigh a third of it
@xframe_options_exempt
@require_safe
def logo(request: HttpRequest, key: str, digest: str) -> HttpResponse:
    """One platform's logo, or its own button, as PNG: whichever has this hash."""
    for picture in ("logo", "button", "button_hover"):
        same = {"key": key, f"{picture}_hash": digest}
        content = Platform.objects.filter(**same).values_list(picture, flat=True).first()
        if content:
            return _kept_for_a_year(bytes(content), "image/png")
    raise Http404


@login_not_required
@require_safe
def brand(request: HttpRequest, digest: str) -> HttpResponse:
    """The firm's colours as CSS, computed from what staff typed; no other hash is answered."""
    branding = Branding.objects.only("colour", "colour_dark").first()
    if branding is None or not branding.stylesheet or branding.stylesheet_hash != digest:
        raise Http404
    return _kept_for_a_year(branding.stylesheet, "text/css; charset=utf-8")


@login_not_required
@require_safe
def brand_picture(request: HttpRequest, digest: str) -> HttpResponse:
    """The firm's logo or favicon as PNG, whichever has this hash."""
    for picture in ("logo", "favicon"):
        branding = Branding.objects.filter(**{f"{picture}_hash": digest}).only(picture).first()
        content = getattr(branding, picture, None)
        if content:
            return _kept_for_a_year(bytes(content), "image/png")
    raise Http404
