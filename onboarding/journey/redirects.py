"""Where a browser goes next. Every POST ends with 303, so that reloading repeats nothing."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django_htmx.http import HttpResponseClientRedirect

from onboarding.ui.htmx import is_fragment


class HttpResponseSeeOther(HttpResponseRedirect):
    status_code = 303


def go(request: HttpRequest, url: str) -> HttpResponse:
    """To another page of ours; a fragment that polls takes its whole page along."""
    response: HttpResponse
    if is_fragment(request):
        response = HttpResponseClientRedirect(url)
    else:
        response = HttpResponseSeeOther(url)
    response["Cache-Control"] = "no-store"
    return response


def leave(url: str) -> HttpResponse:
    """To the software's own sign-in; `leaving.leave_for_link` has checked the host."""
    response = HttpResponseSeeOther(url)
    response["Cache-Control"] = "no-store"
    return response
