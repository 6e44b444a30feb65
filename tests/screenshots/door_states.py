"""The ways in and out: begun alone, the mailed proof, and leaving for now."""

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from onboarding.linking.invitation_links import make_token
from onboarding.linking.models import Invitation
from onboarding.linking.services import self_service

from .journey_states import brook, software, visit
from .registry import LONG, add, browser

_ANSWERS = {"name": "Brook & Sons Ltd", "email": "owner@brook.example"}


def sent(email: str = "owner@brook.example") -> HttpResponse:
    software()
    client = browser()
    client.post("/", _ANSWERS | {"email": email})
    return client.get(reverse("journey:start_sent"))


def own_link(name: str = "Brook & Sons Ltd") -> HttpResponse:
    email = _ANSWERS["email"]
    self_service.begin(true_name=name, email=email, now=timezone.now())
    return browser().get(reverse("journey:invitation", args=[make_token(Invitation.objects.get())]))


def start_with(key: str) -> HttpResponse:
    software()
    return browser().get(reverse("journey:start_with", args=[key]))


add("journey-start--one-software", "journey/start.html", start_with, "qhyg")
add("journey-start_sent--default", "journey/start_sent.html", sent)
add("journey-start_sent--long", "journey/start_sent.html", sent, f"{'owner' * 9}@brook.example")
add("journey-invitation--own-start", "journey/invitation.html", own_link)
add("journey-invitation--own-start-long", "journey/invitation.html", own_link, LONG)
add("journey-pause--default", "journey/pause.html", lambda: visit("pause", brook()))
