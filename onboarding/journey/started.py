"""What a visitor typed at the start, kept by their own browser for an hour.

So that the page after it can say where the link went, and a slip in the address is mended without
typing all of it again. Signed: nobody else can put words on our pages.
"""

from typing import Final

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

COOKIE: Final = "started"
SALT: Final = "journey.started"
KEPT_SECONDS: Final = 3600


def remember(response: HttpResponse, *, name: str, email: str, platform_key: str) -> None:
    answers = {"name": name, "email": email, "platform_key": platform_key}
    response.set_cookie(
        COOKIE,
        signing.dumps(answers, salt=SALT, compress=True),
        max_age=KEPT_SECONDS,
        httponly=True,
        secure=settings.SECURE,
        samesite="Lax",
        path="/",
    )


def answers(request: HttpRequest) -> dict[str, str]:
    """`name`, `email` and `platform_key` as they were sent; empty for any other browser."""
    kept = request.COOKIES.get(COOKIE, "")
    try:
        return signing.loads(kept, salt=SALT, max_age=KEPT_SECONDS) if kept else {}
    except signing.BadSignature:
        return {}


def forget(response: HttpResponse) -> None:
    response.delete_cookie(COOKIE, path="/", samesite="Lax")
