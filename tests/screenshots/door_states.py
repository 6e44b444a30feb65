"""The ways in and out: begun alone, the mailed proof, and leaving for now."""

import uuid

from django.core.mail import EmailMultiAlternatives
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language

from onboarding.linking import emails
from onboarding.linking.invitation_links import make_token
from onboarding.linking.models import Connection, ConsentText, Invitation, OutgoingEmail
from onboarding.linking.services import handing_over, messages, self_service
from tests.factories import make_invitation, make_session

from .customers import brook, confirmed, software, visit
from .helping_states import asked, permitted
from .registry import AGREEMENT, LONG, NOTE, add, browser, customer

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


def write(posted: dict[str, str] | None = None) -> HttpResponse:
    company = brook()
    address = reverse("journey:write", args=[company.public_id])
    client = customer(company)
    return client.get(address) if posted is None else client.post(address, posted)


def written() -> HttpResponse:
    software()
    company = brook()
    address = reverse("journey:write", args=[company.public_id])
    return customer(company).post(address, {"text": "Which login do I need?"}, follow=True)


def mailed_message(*, known: bool) -> EmailMultiAlternatives:
    now, text = timezone.now(), f"Brook & Sons Ltd{NOTE}"
    session = make_session(brook())[0] if known else None
    messages.write(text=text, key=uuid.uuid4(), now=now, session=session, email="o@brook.example")
    OutgoingEmail.objects.update(language=get_language())  # the firm's, as if it were this one
    return emails.render(OutgoingEmail.objects.get())


def passed_on_by_hand(**changes: object) -> HttpResponse:
    company = permitted().company
    session, _key = make_session(company)
    handing_over.ask(session=session, platform_key="gbol", name="", now=timezone.now())
    Invitation.objects.filter(company=company, platform_key="gbol").update(**{"note": ""} | changes)
    return customer(company).get(reverse("journey:hand_over", args=[company.public_id, "gbol"]))


def declined(*, by_helper: bool) -> HttpResponse:
    link = asked(permitted()) if by_helper else make_invitation(brook())
    address = reverse("journey:invitation", args=[make_token(link)])
    client = browser()
    client.post(f"{address}not-for-me/")
    return client.get(address)


def words_changed(page: str) -> HttpResponse:
    """Connected once, in words that are not those of today."""
    connection = permitted()
    now = timezone.now()
    linked = {"linked_first_at": now, "linked_last_at": now}
    Connection.objects.update(status="Linked", **linked)
    connection.refresh_from_db()
    confirmed(connection)
    ConsentText.objects.create(version=2, language=get_language() or "en", **AGREEMENT)
    return visit(page, connection.company, *(["gbol"] if page == "permission" else []))


_ENDED = "journey/link_ended.html"
add("journey-permission--words-changed", "journey/permission.html", words_changed, "permission")
add("journey-connections--words-changed", "journey/connections.html", words_changed, "connections")
add("journey-link_ended--not-for-helper", _ENDED, declined, by_helper=True)
add("journey-link_ended--not-for-me", _ENDED, declined, by_helper=False)
add("journey-handed_over--by-hand", "journey/handed_over.html", passed_on_by_hand)
add(
    "journey-handed_over--by-hand-too-old",
    "journey/handed_over.html",
    passed_on_by_hand,
    expires_at=timezone.now(),
)
_WRITE, _MESSAGE = "journey/write.html", "emails/message"
add("journey-write--empty", _WRITE, write)
add("journey-write--error", _WRITE, write, {"text": ""})
add("journey-write--visitor", _WRITE, lambda: browser().get(reverse("journey:write_as_visitor")))
add("journey-choose--written", "journey/choose.html", written)
add("mail-message--html", f"{_MESSAGE}.html", mailed_message, known=True, part="html")
add("mail-message--text", f"{_MESSAGE}.txt", mailed_message, known=False, part="text")
_GUIDE = "journey:how_it_works"
add("journey-how--default", "journey/how_it_works.html", lambda: browser().get(reverse(_GUIDE)))
add("journey-start--one-software", "journey/start.html", start_with, "qhyg")
add("journey-start_sent--default", "journey/start_sent.html", sent)
add("journey-start_sent--long", "journey/start_sent.html", sent, f"{'owner' * 9}@brook.example")
add("journey-invitation--own-start", "journey/invitation.html", own_link)
add("journey-invitation--own-start-long", "journey/invitation.html", own_link, LONG)
add("journey-pause--default", "journey/pause.html", lambda: visit("pause", brook()))
