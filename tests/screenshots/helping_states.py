"""Someone else has the login: the asker's pages and the helper's."""

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from onboarding.linking.invitation_links import make_token
from onboarding.linking.models import Connection, Invitation, LinkAttempt
from onboarding.linking.models.invitation import Purpose
from onboarding.linking.services import consents, handing_over
from tests.factories import make_connection, make_platform, make_session

from .customers import brook
from .registry import LONG, NOTE, add, browser, customer


def permitted(*, long: bool = False) -> Connection:
    platform = make_platform(name=LONG if long else "Xero")
    company = brook(true_name=LONG) if long else brook()
    wording = consents.wording_for(platform=platform, language="", firm_name="Northbank")
    session, _key = make_session(company)
    consents.record(session=session, platform=platform, wording=wording, now=timezone.now())
    return make_connection(company, platform_name=platform.name)


def asked(connection: Connection, *, long: bool = False) -> Invitation:
    session, _key = make_session(connection.company)
    return handing_over.ask(
        session=session,
        platform_key="gbol",
        name=LONG if long else "Alice Lopez",
        email="alice@example.com",
        note=f"{LONG if long else 'Brook & Sons Ltd'}{NOTE}",
        now=timezone.now(),
    )


def form(posted: dict[str, str] | None = None, *, long: bool = False) -> HttpResponse:
    company = permitted(long=long).company
    address = reverse("journey:hand_over", args=[company.public_id, "gbol"])
    client = customer(company)
    return client.get(address) if posted is None else client.post(address, posted)


def handed_over(*, long: bool = False, **changes: object) -> HttpResponse:
    link = asked(permitted(long=long), long=long)
    Invitation.objects.filter(pk=link.pk).update(**changes)
    address = reverse("journey:hand_over", args=[link.company.public_id, "gbol"])
    return customer(link.company).get(address)


def taken_back() -> HttpResponse:
    """The form again, under a word that the link no longer works."""
    link = asked(permitted())
    address = reverse("journey:hand_over_take_back", args=[link.company.public_id, "gbol"])
    return customer(link.company).post(address, follow=True)


def mailed_link(*, long: bool = False) -> HttpResponse:
    link = asked(permitted(long=long), long=long)
    return browser().get(reverse("journey:invitation", args=[make_token(link)]))


def helping(hint: str | None = None, *, long: bool = False, **changes: object) -> HttpResponse:
    link = asked(permitted(long=long), long=long)
    client, address = browser(), reverse("journey:helping", args=[link.company.public_id, "gbol"])
    client.post(reverse("journey:invitation", args=[make_token(link)]))
    if hint is not None:
        LinkAttempt.objects.create(
            session=link.sessions.get(purpose=Purpose.DELEGATE),
            connection=link.connection,
            state_hash="0",
            sent_at=timezone.now(),
            return_hint=hint,
        )
    Invitation.objects.filter(pk=link.pk).update(**changes)
    return client.get(address)


_ENDED = {"ended_at": timezone.now()}
_HAND, _HANDED = "journey/hand_over.html", "journey/handed_over.html"
_HELPING = "journey/helping.html"
add("journey-hand_over--empty", _HAND, form)
add("journey-hand_over--error", _HAND, form, {"name": "", "email": "dana"})
add("journey-hand_over--long", _HAND, form, long=True)
add("journey-hand_over--taken-back", _HAND, taken_back)
add("journey-handed_over--sent", _HANDED, handed_over)
add("journey-handed_over--opened", _HANDED, handed_over, opened_at=timezone.now())
add("journey-handed_over--done", _HANDED, handed_over, **_ENDED, ended_why="finished")
add("journey-handed_over--too-old", _HANDED, handed_over, expires_at=timezone.now())
add("journey-handed_over--long", _HANDED, handed_over, long=True)
add("journey-invitation--helper", "journey/invitation.html", mailed_link)
add("journey-invitation--helper-long", "journey/invitation.html", mailed_link, long=True)
add("journey-helping--first", _HELPING, helping)
add("journey-helping--waiting", _HELPING, helping, "200")
add("journey-helping--stopped", _HELPING, helping, "403")
add("journey-helping--done", _HELPING, helping, **_ENDED, ended_why="finished")
add("journey-helping--replaced", _HELPING, helping, **_ENDED, ended_why="replaced")
add("journey-helping--long", _HELPING, helping, long=True)
