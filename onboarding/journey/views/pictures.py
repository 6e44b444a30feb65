"""The platforms' logos, from our own origin."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from onboarding.linking.models import Platform


@login_not_required
@require_safe
def logo(request: HttpRequest, key: str, digest: str) -> HttpResponse:
    """One logo as PNG. Its hash is part of the address, so a browser may keep it for a year."""
    platform = Platform.objects.filter(key=key, logo_hash=digest).only("logo").first()
    if platform is None or not platform.logo:
        raise Http404
    response = HttpResponse(bytes(platform.logo), content_type="image/png")
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
