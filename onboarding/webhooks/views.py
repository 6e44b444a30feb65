"""Codat's door: verify the raw body, have the event and its hint stored together, answer."""

import logging

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from onboarding.codat import MalformedEventError, SignatureError, parse_event, verify_signature
from onboarding.linking import tasks
from onboarding.linking.services import hearing, pauses

logger = logging.getLogger(__name__)


def _answer(status: int, text: str) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")


@csrf_exempt
@login_not_required
@require_POST
def codat_event(request):
    """A webhook of Codat (FACTS 7). The event is only a reason to look again.

    200 known or unknown type, and for a second delivery; 400 malformed; 401 not proven to be
    Codat's; 413 too large; 503 when no secret is configured: nothing is ever accepted unproven.
    """
    if not settings.CODAT_WEBHOOK_SECRETS:
        logger.error("webhook_without_secret")
        return _answer(503, "not configured")
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isascii() or not length.isdigit():
        return _answer(400, "not accepted")
    if int(length) > settings.WEBHOOK_MAX_BYTES:
        return _answer(413, "too large")
    body = request.body
    try:
        webhook_id = verify_signature(body, request.headers, settings.CODAT_WEBHOOK_SECRETS)
        event = parse_event(body)
    except (SignatureError, MalformedEventError) as error:
        logger.warning("webhook_refused %s", error)
        return _answer(401 if isinstance(error, SignatureError) else 400, "not accepted")
    company_id = hearing.hear(event, webhook_id=webhook_id, now=timezone.now())
    if company_id is not None:
        tasks.nudge_turn_of(company_id)
    pauses.heed_allowance(event_type=event.event_type)
    return _answer(200, "ok")
