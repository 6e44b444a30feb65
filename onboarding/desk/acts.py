"""What staff do at the desk: each act is a POST, safe to press twice, answered with 303."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from onboarding.linking import permissions
from onboarding.linking.models import Company, Connection, Invitation, Platform
from onboarding.linking.models.invitation import Purpose
from onboarding.linking.services import connecting, invitations, looking, to_computer
from onboarding.linking.services.errors import NotAllowed
from onboarding.linking.tasks import nudge_email, nudge_turn

from .decorators import desk_page
from .views import see_other, to_company, visible_company


@require_POST
@desk_page
def send_link(request: HttpRequest, public_id: Any) -> HttpResponse:
    company = visible_company(request, public_id, may=permissions.INVITE)
    _send(request, company, Purpose.ONBOARD)
    return back(request, company)


@require_POST
@desk_page
def relink(request: HttpRequest, public_id: Any, connection_id: Any) -> HttpResponse:
    company = visible_company(request, public_id, may=permissions.INVITE)
    connection = get_object_or_404(company.connections.present(), public_id=connection_id)
    mail = "about_to_end" if connecting.is_about_to_end(connection=connection) else ""
    _send(request, company, Purpose.RELINK, connection, mail=mail)
    return back(request, company)


@require_POST
@desk_page
def send_steps(request: HttpRequest, public_id: Any, connection_id: Any) -> HttpResponse:
    """What to do at the computer that has the software, to the address on file."""
    company = visible_company(request, public_id, may=permissions.INVITE)
    connection = get_object_or_404(company.connections.present(), public_id=connection_id)
    offline = Platform.objects.without_pictures().filter(is_offline=True)
    platform, now = offline.filter(key=connection.platform_key).first(), timezone.now()
    if platform is None:
        messages.error(request, _("Not sent: this is no software of a computer."))
        return back(request, company)
    with _said_if_refused(request):
        link = to_computer.send_steps_by_staff(
            company=company, platform=platform, by=request.user, now=now
        )
        _say_sent(request, link, now)
    return back(request, company)


@require_POST
@desk_page
def look_again(request: HttpRequest, public_id: Any) -> HttpResponse:
    """Whoever may see a company may ask for a look: it changes nothing by itself."""
    company = visible_company(request, public_id)
    looking.hint_now(company=company)
    nudge_turn(company)
    messages.info(request, _("We are looking again. Reload in a few seconds."))
    return back(request, company)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def revoke(request: HttpRequest, public_id: Any, invitation_id: Any) -> HttpResponse:
    company = visible_company(request, public_id, may=permissions.INVITE)
    links = company.invitations.select_related("recipient", "connection")
    link = get_object_or_404(links, public_id=invitation_id)
    if request.method != "POST":
        context = {"section": "customers", "company": company, "link": link}
        return render(request, "desk/revoke.html", context)
    if link.ended_at is None:
        invitations.revoke(invitation=link, by=request.user, now=timezone.now())
    messages.success(request, _("The link no longer works."))
    return back(request, company)


def _send(
    request: HttpRequest,
    company: Company,
    purpose: Any,
    connection: Connection | None = None,
    mail: str = "",
) -> None:
    """A second press within a minute gets the first one's link back, and sends nothing."""
    now = timezone.now()
    with _said_if_refused(request):
        link = invitations.invite(
            company=company,
            purpose=purpose,
            by=request.user,
            connection=connection,
            mail=mail,
            now=now,
        )
        _say_sent(request, link, now)


@contextmanager
def _said_if_refused(request: HttpRequest) -> Iterator[None]:
    try:
        yield
    except NotAllowed:
        messages.error(request, _("Not sent: the customer is closed, or has no e-mail address."))


def _say_sent(request: HttpRequest, link: Invitation, now: datetime) -> None:
    nudge_email()
    if link.created_at < now:
        messages.info(request, _sent_already(link, now))
        return
    sent = _("Sent to %(email)s. You can send again in %(seconds)d seconds.")
    seconds = invitations.AGAIN_AFTER.total_seconds()
    messages.success(request, sent % {"email": link.recipient.email, "seconds": seconds})


def _sent_already(link: Invitation, now: datetime) -> str:
    left = math.ceil((link.created_at + invitations.AGAIN_AFTER - now).total_seconds())
    return ngettext(
        "Sent already. You can send again in %(seconds)d second.",
        "Sent already. You can send again in %(seconds)d seconds.",
        left,
    ) % {"seconds": left}


def back(request: HttpRequest, company: Company) -> HttpResponse:
    """To the list the button stood in, or else to the company's page."""
    if request.POST.get("from") == "worklist":
        return see_other(reverse("desk:worklist"))
    return to_company(company)
