"""What a customer may end or ask for: disconnect, delete; and the permission to keep or print."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from onboarding.journey import steps
from onboarding.journey.decorators import (
    OWNER,
    company_of,
    recent_link_required,
    session_required,
)
from onboarding.journey.redirects import HttpResponseSeeOther, go
from onboarding.journey.views.mailed import link_sent_page
from onboarding.linking import tasks
from onboarding.linking.limits import limit_posts
from onboarding.linking.models import Company, Connection, Platform
from onboarding.linking.models.invitation import Purpose
from onboarding.linking.services import connecting, deletions, invitations
from onboarding.linking.stages import LINKED
from onboarding.ui.htmx import is_fragment, looks_so_far, poll_delay, render_page
from onboarding.ui.templatetags.ui import mask_email


def _source(company: Company, public_id: UUID) -> Connection:
    sources = company.connections.present().filter(role=Connection.Role.SOURCE)
    return get_object_or_404(sources, public_id=public_id)


@session_required(*OWNER)
@recent_link_required
@limit_posts(company_of)
@require_http_methods(["GET", "HEAD", "POST"])
def disconnect(request: Any, connection_id: UUID) -> HttpResponse:
    """Says what stays and what goes; only the button disconnects."""
    company, found = request.company, _source(request.company, connection_id)
    after = steps.address("disconnected", company, str(found.public_id))
    if found.status != LINKED:
        return HttpResponseSeeOther(after)
    if request.method == "POST":
        connecting.unlink(connection=found, session=request.customer_session, now=timezone.now())
        tasks.nudge_turn(company)
        return HttpResponseSeeOther(after)
    context = {
        "company": company,
        "software": found.platform_name,
        "back_url": steps.address("connections", company),
    }
    return render_page(request, "journey/disconnect.html", context)


@session_required(*OWNER)
@require_safe
def disconnected(request: Any, connection_id: UUID) -> HttpResponse:
    """Where it stands after the button: asked for, or seen as ended."""
    company, found = request.company, _source(request.company, connection_id)
    if found.status == LINKED and found.codat_id not in connecting.being_disconnected(company):
        return go(request, steps.address("connections", company))
    is_ending = found.status == LINKED
    if is_fragment(request) and not is_ending:
        return go(request, request.path)
    if is_ending and not is_fragment(request):
        tasks.nudge_turn(company)
    looks = looks_so_far(request)
    context = {
        "company": company,
        "software": found.platform_name,
        "connection": found,
        "platform_key": found.platform_key,
        "is_ending": is_ending,
        "url": request.path,
        "looks": looks,
        "delay": poll_delay(looks) if is_ending else None,
        "uses_htmx": is_ending,
    }
    return render_page(
        request,
        "journey/disconnected.html",
        context,
        fragment="journey/_disconnected_status.html",
        fragment_id="disconnected_status",
    )


@session_required(*OWNER)
@require_safe
def receipt(request: Any, platform_key: str) -> HttpResponse:
    """The newest permission for one software, word for word as it was given; prints well."""
    company = request.company
    consent = company.consents.select_related("contact").filter(platform_key=platform_key).first()
    if consent is None:
        raise Http404
    platform = Platform.objects.filter(key=platform_key).without_pictures().first()
    contact = consent.contact
    context = {
        "company": company,
        "consent": consent,
        "software": platform.name if platform else platform_key,
        "who": contact.name or mask_email(contact.email) if contact else "",
        "back_url": steps.address("connections", company),
    }
    return render_page(request, "journey/receipt.html", context)


@session_required(*OWNER)
@recent_link_required
@limit_posts(company_of)
@require_http_methods(["GET", "HEAD", "POST"])
def ask_to_delete(request: Any) -> HttpResponse:
    """A request that staff carry out; the same page then says that we have it."""
    company = request.company
    if request.method == "POST":
        deletions.ask(session=request.customer_session, now=timezone.now())
        tasks.nudge_email()
        return HttpResponseSeeOther(request.path)
    asked_at = company.history.deletion_asked_at()
    answer_by = (asked_at or timezone.now()) + timedelta(days=settings.DELETION_ANSWER_DAYS)
    context = {
        "company": company,
        "asked_at": asked_at,
        "uses_script": asked_at is not None,
        "is_connected": company.connections.present().filter(status=LINKED).exists(),
        "answer_by": answer_by,
        "back_url": steps.address("connections", company),
    }
    return render_page(request, "journey/ask_to_delete.html", context)


@session_required(*OWNER)
@limit_posts(company_of)
@require_POST
def sign_in_link(request: Any) -> HttpResponse:
    """A link to sign in with, to the address on file of whoever this browser belongs to."""
    company, invitation = request.company, request.customer_session.invitation
    now = timezone.now()
    sent = invitations.invite(
        company=company,
        purpose=str(Purpose.SIGN_IN),
        recipient=invitation.recipient if invitation else None,
        now=now,
    )
    return link_sent_page(request, sent, now)
