"""Which language a page is in: what its reader chose, else what their browser asks for.

Pages of staff are English: they are not translated, and half a translation is worse than none.
Machines are answered without asking what they would like to read.
"""

from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.locale import LocaleMiddleware
from django.utils import translation
from django.utils.cache import patch_vary_headers

from onboarding.linking.models import Invitation

OF_STAFF: Final = ("/admin/", "/desk/", "/accounts/", "/demo/")
OF_MACHINES: Final = ("/webhooks/", "/health/")
UNTRANSLATED: Final = "en"


class LanguageMiddleware(LocaleMiddleware):
    """Django's, but for staff and machines; and caches hear that the cookie decides as well."""

    def process_request(self, request: Any) -> None:
        if request.path_info.startswith(OF_STAFF + OF_MACHINES):
            translation.activate(UNTRANSLATED)
            request.LANGUAGE_CODE = UNTRANSLATED
        else:
            super().process_request(request)

    def process_response(self, request: HttpRequest, response: Any) -> Any:
        if request.path_info.startswith(OF_MACHINES):
            return response
        answer = super().process_response(request, response)
        if len(settings.LANGUAGES) > 1:
            patch_vary_headers(answer, ["Cookie"])
        return answer


def is_offered(language: str) -> bool:
    return any(language == code for code, _name in settings.LANGUAGES)


def has_chosen(request: HttpRequest) -> bool:
    """Whether this browser keeps a choice already."""
    return is_offered(request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, ""))


def remember(response: HttpResponse, language: str) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        samesite=settings.LANGUAGE_COOKIE_SAMESITE,
        path=settings.LANGUAGE_COOKIE_PATH,
    )


def speak_as_the_mail(request: HttpRequest, invitation: Invitation) -> None:
    """A mailed link opens in the language of its mail, where this browser has chosen none."""
    if is_offered(invitation.language) and not has_chosen(request):
        translation.activate(invitation.language)
