"""Where a form was sent from: the way back where its own address takes nothing but the form."""

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme


def page_before(request: HttpRequest) -> str:
    """The page of ours that the browser names as the one before; else the present address."""
    named = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(named, {request.get_host()})
    return named if is_ours else request.path
