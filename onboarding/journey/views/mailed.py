"""Mailed links: looking at one changes nothing, the button opens the customer's session."""

import math
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_POST

from onboarding.journey import languages, started, steps
from onboarding.journey.decorators import OWNER, answers_in_even_time, read_keys, remember_key
from onboarding.journey.forms import WayInForm
from onboarding.journey.redirects import HttpResponseSeeOther
from onboarding.journey.tiles import page_of
from onboarding.journey.views.starting import device_class, typed_address, why
from onboarding.linking import tasks
from onboarding.linking.invitation_links import read_token
from onboarding.linking.limits import limit_posts
from onboarding.linking.models import CustomerSession, Invitation, Platform
from onboarding.linking.models.invitation import Purpose
from onboarding.linking.services import connecting, contacts, invitations, mail_planning
from onboarding.linking.services import identity as identities
from onboarding.linking.services.errors import LinkEnded, SessionEnded
from onboarding.linking.stages import LINKED, Stage
from onboarding.ui.htmx import render_page
from onboarding.ui.templatetags.ui import mask_email

RENEWABLE = ("expired", "finished", "replaced")


def _by_token(request: HttpRequest, token: str) -> str:
    return token[:200]


@login_not_required
@limit_posts(_by_token)
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Whose request it is, and a button. Mail scanners open links, so GET consumes nothing."""
    now = timezone.now()
    try:
        found = invitations.find_invitation(token=token, now=now)
    except LinkEnded as ended:
        return _link_ended_page(request, token, ended, now)
    languages.speak_as_the_mail(request, found)
    if request.method == "POST":
        return _open(request, found, now)
    context = {
        "invitation": found,
        "company": found.company,
        "days": settings.INVITATION_DAYS,
        "software": steps.software_of(found),
        "on_computer": steps.is_on_computer(found),
        "token": token,
        "arrives": True,
        **(why(found.platform_key) if found.purpose == Purpose.ONBOARD else {}),
    }
    return render_page(request, "journey/invitation.html", context)


def _open(request: HttpRequest, found: Invitation, now: datetime) -> HttpResponse:
    session, key = invitations.open_session(
        company=found.company,
        purpose=found.purpose,
        channel=_channel(found),
        invitation=found,
        device_class=device_class(request),
        now=now,
    )
    response = HttpResponseSeeOther(_first_page(found, device_class(request)))
    remember_key(response, request, key)
    started.forget(response)
    language = get_language()
    if len(settings.LANGUAGES) > 1 and language:
        languages.remember(response, language)
        contacts.write_in(session=session, language=language)
    return response


def _channel(found: Invitation) -> str:
    channels = CustomerSession.Channel
    return str(channels.SELF_SERVICE if found.proves_a_start else channels.LINK)


def _first_page(found: Invitation, device: str) -> str:
    company, connection = found.company, found.connection
    if found.purpose == Purpose.RELINK and connection and connection.platform_key:
        return steps.address("reconnect", company, str(connection.public_id))
    if found.purpose == Purpose.DELEGATE:
        return steps.address("helping", company, found.platform_key)
    company.refresh_from_db(fields=["stage"])
    own = found.purpose in (Purpose.ONBOARD, Purpose.SIGN_IN)
    if own and found.platform_key and company.stage != Stage.CONFIRMING:
        return _page_of_the_software(found, device)
    if found.purpose == Purpose.SIGN_IN and company.stage != Stage.CONFIRMING:
        has_a_name = identities.awaiting(company=company) is not None
        return steps.address("progress" if has_a_name else "connections", company)
    return steps.next_page(company)


def _page_of_the_software(found: Invitation, device: str) -> str:
    """What comes next with the software that the link is about, unless it is connected."""
    company = found.company
    platform = Platform.objects.without_pictures().filter(key=found.platform_key).first()
    known = connecting.connection_for(company=company, platform_key=found.platform_key)
    if platform is None or (known and known.status == LINKED):
        return steps.next_page(company)
    page = page_of(company, platform)
    if device != "phone" and page == steps.address("computer", company, platform.key):
        # The mail and the page before said already which computer it takes.
        return steps.address("permission", company, platform.key)
    return page


@login_not_required
@limit_posts(_by_token)
@require_POST
def not_for_me(request: HttpRequest, token: str) -> HttpResponse:
    """The link ends, and its own address then says thank you, to whoever opens it again."""
    now = timezone.now()
    try:
        invitations.decline(invitation=invitations.find_invitation(token=token, now=now), now=now)
    except LinkEnded as ended:
        return _link_ended_page(request, token, ended, now)
    tasks.nudge_email()
    return HttpResponseSeeOther(request.path.removesuffix("not-for-me/"))


def _link_ended_page(
    request: HttpRequest, token: str, ended: LinkEnded, now: datetime
) -> HttpResponse:
    found = ended.invitation
    context: dict[str, Any] = {"why": ended.why, "days": settings.INVITATION_DAYS}
    if found is not None:
        newer = found.company.invitations.filter(purpose=found.purpose, ended_at=None).first()
        context |= {
            "invitation": found,
            "newer": newer,
            "email": mask_email(found.recipient.email),
            "token": token if _is_renewable(ended.why, found) else "",
            "carry_on_url": "",
        }
        if ended.why == "finished" and found.purpose != Purpose.DELEGATE:
            context["carry_on_url"] = _carry_on_url(request, found, now)
    return render_page(request, "journey/link_ended.html", context, status=410 if found else 404)


def _is_renewable(why: str, found: Invitation) -> bool:
    """A helper's link is sent anew only by who asked for the help."""
    return why in RENEWABLE and found.purpose != Purpose.DELEGATE


def _carry_on_url(request: HttpRequest, found: Invitation, now: datetime) -> str:
    """For the browser that used the link; empty for any other."""
    try:
        invitations.check_session(
            keys=read_keys(request),
            company_public_id=found.company.public_id,
            now=now,
            touch=False,
            purposes=OWNER,
        )
    except (SessionEnded, LookupError):
        return ""
    return steps.next_page(found.company)


@login_not_required
@limit_posts(typed_address)
@require_http_methods(["GET", "HEAD", "POST"])
@answers_in_even_time
def way_in(request: HttpRequest) -> HttpResponse:
    """For customers without a mail of ours at hand; the answer is the same for any address."""
    form = WayInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        invitations.send_sign_in_links(email=form.cleaned_data["email"], now=timezone.now())
        tasks.nudge_email()
        return render_page(request, "journey/way_in_sent.html")
    status = 422 if form.errors else 200
    return render_page(request, "journey/way_in.html", {"form": form}, status=status)


@login_not_required
@limit_posts(_by_token)
@require_POST
def invitation_renew(request: HttpRequest, token: str) -> HttpResponse:
    """Send a new link to the address on file; a link that still works is simply shown again."""
    now = timezone.now()
    try:
        invitations.find_invitation(token=token, now=now)
    except LinkEnded as ended:
        old, sent = ended.invitation, None
        if old is not None and _is_renewable(ended.why, old):
            sent = invitations.send_new_link(invitation=old, now=now)
        if sent is None:
            return _link_ended_page(request, token, ended, now)
        return link_sent_page(request, sent, now)
    return HttpResponseSeeOther(request.path.removesuffix("new/"))


def link_sent_page(request: HttpRequest, sent: Invitation, now: datetime) -> HttpResponse:
    """After `invitations.invite`: a link was made, or one of this last minute works and is told."""
    tasks.nudge_email()
    again_in = (sent.created_at + invitations.AGAIN_AFTER - now).total_seconds()
    context = {
        "email": mask_email(sent.recipient.email),
        "earlier": sent if sent.created_at < now else None,
        "seconds": min(math.ceil(again_in), invitations.AGAIN_AFTER.seconds),
    }
    return render_page(request, "journey/link_sent.html", context)


@login_not_required
@limit_posts(_by_token)
@require_http_methods(["GET", "HEAD", "POST"])
def stop_reminders(request: HttpRequest, token: str) -> HttpResponse:
    """“Stop these reminders”: the link of a reminder leads here, whatever has become of it."""
    found = read_token(token)
    if found is None:
        return render_page(request, "journey/link_ended.html", {"why": "unreadable"}, status=404)
    if request.method == "POST":
        mail_planning.stop_reminders(contact=found.recipient, now=timezone.now())
        return HttpResponseSeeOther(request.path)
    context = {
        "company": found.company,
        "email": mask_email(found.recipient.email),
        "is_stopped": found.recipient.stopped_at is not None,
    }
    return render_page(request, "journey/stop_reminders.html", context)
