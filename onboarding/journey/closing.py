"""Closed for work: customers are told when to come back, while staff and machines go on."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_datetime

RETRY_SECONDS: Final = 600
"""Said where nobody knows how long it takes, or where it takes longer than was thought."""

STAYS_OPEN: Final = {"journey:logo", "journey:brand", "journey:brand_picture"}
"""What pages for staff are drawn with."""


class ClosedForWork:
    """Answers 503 for every page of the journey while `CLOSED_FOR_WORK` is set.

    It is `yes`, or the moment of opening with its zone, such as `2026-11-24T06:00+00:00`. That
    moment is told and not obeyed: work that takes longer is not overrun by customers. Raises
    ImproperlyConfigured for anything else.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        if not settings.CLOSED_FOR_WORK:
            raise MiddlewareNotUsed
        self.get_response, self.back_at = get_response, _moment(settings.CLOSED_FOR_WORK)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        match = request.resolver_match
        if match is None or match.app_name != "journey" or match.view_name in STAYS_OPEN:
            return None
        left = (self.back_at - timezone.now()).total_seconds() if self.back_at else 0
        context = {"back_at": self.back_at if left > 0 else None}
        response = render(request, "503.html", context, status=503)
        response["Retry-After"] = str(round(left) if left > 0 else RETRY_SECONDS)
        response["Cache-Control"] = "no-store"
        return response


def _moment(text: str) -> datetime | None:
    if text.lower() in ("1", "yes", "true"):
        return None
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None or timezone.is_naive(moment):
        reason = f"CLOSED_FOR_WORK must be yes, or a moment with its zone, not {text!r}."
        raise ImproperlyConfigured(reason)
    return moment
