"""Mailed links and sessions, and how they end."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from onboarding.linking.invitation_links import make_token
from onboarding.linking.models import Invitation
from onboarding.linking.models.invitation import Purpose
from onboarding.linking.services.onboarding import close
from tests.factories import make_connection, make_invitation

from .customers import brook, software
from .registry import LONG, add, browser, customer


def mailed(purpose: str = "onboard", *, note: str = "", **fields: Any) -> HttpResponse:
    company = brook(**fields)
    invitation = make_invitation(company, purpose, note=note)
    if purpose == Purpose.RELINK:
        invitation.connection = make_connection(company, status="Deauthorized")
        invitation.save()
    return browser().get(reverse("journey:invitation", args=[make_token(invitation)]))


def link_ended(why: str, purpose: str = "onboard", *, here: bool = False) -> HttpResponse:
    software()
    company, now = brook(), timezone.now()
    invitation = make_invitation(company, purpose, now=now - timedelta(days=2))
    if why == "closed":
        close(company=company, by=None, now=now)
    elif why == "expired":
        Invitation.objects.update(expires_at=now - timedelta(days=6), ended_at=None, ended_why="")
    else:
        Invitation.objects.update(ended_at=now, ended_why=why)
    client = customer(company) if here else browser()
    return client.get(reverse("journey:invitation", args=[make_token(invitation)]))


def link_unreadable() -> HttpResponse:
    return browser().get(reverse("journey:invitation", args=["cut.by-the-mail-program"]))


def link_sent(*, times: int = 1) -> HttpResponse:
    ago = [timezone.now() - timedelta(days=days) for days in (20, 6)]
    invitation = make_invitation(brook(), created_at=ago[0], expires_at=ago[1])
    address = reverse("journey:invitation_renew", args=[make_token(invitation)])
    return [browser().post(address) for _ in range(times)][-1]


def session_ended(*, closed: bool = False) -> HttpResponse:
    software()
    company = brook()
    now = timezone.now()
    client = customer(company, now=now - timedelta(minutes=31))
    if closed:
        close(company=company, by=None, now=now)
    return client.get(reverse("journey:choose", args=[company.public_id]))


LETTER = f"We spoke on the phone on Monday. Dana at {LONG} says that you use Xero. " * 5
LINK_ENDED = "journey/link_ended.html"
add("journey-invitation--onboard", "journey/invitation.html", mailed)
add("journey-invitation--relink", "journey/invitation.html", mailed, "relink")
add("journey-invitation--sign_in", "journey/invitation.html", mailed, "sign_in")
add("journey-invitation--long", "journey/invitation.html", mailed, note=LETTER, true_name=LONG)
for _why in ("expired", "finished", "replaced", "revoked", "closed"):
    add(f"journey-link_ended--{_why}", LINK_ENDED, link_ended, _why)
add("journey-link_ended--expired-sign_in", LINK_ENDED, link_ended, "expired", "sign_in")
add("journey-link_ended--finished-here", LINK_ENDED, link_ended, "finished", here=True)
add("journey-link_ended--session-closed", LINK_ENDED, session_ended, closed=True)
add("journey-link_ended--unreadable", LINK_ENDED, link_unreadable)
add("journey-link_sent--default", "journey/link_sent.html", link_sent)
add("journey-link_sent--again", "journey/link_sent.html", link_sent, times=2)
add("journey-session_ended--default", "journey/session_ended.html", session_ended)
add("journey-thank_you--default", "journey/thank_you.html", lambda: browser().get("/link/return"))
