"""The language menu: the same page, in another language."""

from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from onboarding.journey import languages
from onboarding.journey.decorators import read_keys
from onboarding.journey.redirects import HttpResponseSeeOther
from onboarding.linking.services import contacts, invitations
from onboarding.linking.services.errors import SessionEnded


@login_not_required
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Kept by the browser, and for a customer we know by their row, so that mails follow.

    `next` is the page to go back to; any address that is not ours is left aside.
    """
    language, back = request.POST.get("language", ""), request.POST.get("next", "")
    if not languages.is_offered(language):
        raise Http404
    safe = url_has_allowed_host_and_scheme(
        back, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    path = urlsplit(back).path if safe else ""
    response = HttpResponseSeeOther(back if path else reverse("journey:start"))
    languages.remember(response, language)
    _tell_the_mails(request, path, language)
    return response


def _tell_the_mails(request: HttpRequest, path: str, language: str) -> None:
    """For the person whose page this is: a browser may hold keys of several businesses."""
    try:
        company = resolve(path).kwargs["company"]
        session = invitations.check_session(
            keys=read_keys(request), company_public_id=company, now=timezone.now(), touch=False
        )
    except (Resolver404, LookupError, SessionEnded):
        return
    contacts.write_in(session=session, language=language)
