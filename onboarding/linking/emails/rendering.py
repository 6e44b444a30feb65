"""The message of one row, in its recipient's language."""

from copy import copy
from dataclasses import replace
from email.utils import formataddr
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.html import format_html
from django.utils.translation import gettext as _

from onboarding.linking.context_processors import Firm, current_firm
from onboarding.linking.invitation_links import absolute_url
from onboarding.linking.models import OutgoingEmail

from . import digest
from .contexts import CONTEXT


def render(row: OutgoingEmail) -> EmailMultiAlternatives:
    """The message of one row, in its recipient's language."""
    firm = current_firm()
    person = _person(row)
    zone = row.user.zone if row.user else None
    with translation.override(row.language or settings.LANGUAGE_CODE), timezone.override(zone):
        context = {
            "firm": firm,
            "company": row.company,
            "contact": row.contact or row.user,
            "portal_url": absolute_url("/"),
            "language": translation.get_language(),
            "firm_name": firm.name,
            **_logo(firm),
            **_about(row),
        }
        subject = render_to_string(f"emails/{row.kind}_subject.txt", context)
        context["subject"] = " ".join(subject.split())
        message = EmailMultiAlternatives(
            subject=context["subject"],
            body=render_to_string(f"emails/{row.kind}.txt", context),
            from_email=_from_address(person, firm.name),
            to=[_address(row, firm)],
            reply_to=_reply_to(row, person, firm),
            headers=_headers(row, context),
        )
        html = render_to_string(f"emails/{row.kind}.html", _isolated(context))
        message.attach_alternative(html, "text/html")
        for name, text in context.get("attached", {}).items():
            message.attach(name, text, "text/plain")
    return message


def _about(row: OutgoingEmail) -> dict:
    if row.message:
        return {"message": row.message}
    return digest.context(row) if row.user else CONTEXT[row.kind](row)


def _address(row: OutgoingEmail, firm: Firm) -> str:
    if row.message:
        return firm.support_email
    return row.user.email if row.user else row.contact.email


LOGO_HEIGHT = 40


def _logo(firm: Firm) -> dict:
    """The firm's logo at our own address, no higher than a line of a mail bears."""
    if not firm.logo_url or not firm.logo_height:
        return {}
    height = min(firm.logo_height, LOGO_HEIGHT)
    width = round(firm.logo_width * height / firm.logo_height)
    return {
        "logo_url": absolute_url(firm.logo_url),
        "logo_width": width,
        "logo_height": height,
    }


_NO_NAMES = {
    *("url", "stop_url", "logo_url", "portal_url", "language", "subject", "firm_name"),
    "set_up_by",
}


def _isolated(context: dict) -> dict:
    """For the HTML part: names in `<bdi>`, so that no writing direction spills over.

    They are wrapped here, not in the templates: both parts then share their sentences.
    """
    company, contact = copy(context["company"]), copy(context["contact"])
    if company is not None:
        company.true_name = _bdi(company.true_name)
        unbroken = '<bdi dir="ltr" style="white-space:nowrap">{}</bdi>'
        company.reference = format_html(unbroken, company.reference)
    if contact is not None:
        contact.name = _bdi(contact.name)
    texts = {
        key: _bdi(value)
        for key, value in context.items()
        if isinstance(value, str) and key not in _NO_NAMES
    }
    firm = replace(context["firm"], name=_bdi(context["firm"].name))
    return {**context, **texts, "company": company, "contact": contact, "firm": firm}


def _bdi(name: str) -> str:
    return format_html("<bdi>{}</bdi>", name) if name else ""


def _person(row: OutgoingEmail):
    """Who writes: the one who sent the link, else who looks after the customer, if anybody."""
    if row.message or row.user:
        return None
    sender = row.invitation.sent_by if row.invitation else None
    person = sender or row.company.owner
    return person if person and person.is_active else None


def _headers(row: OutgoingEmail, context: dict) -> dict[str, str]:
    headers = {"Message-ID": message_id(row)}
    if "stop_url" in context:
        headers["List-Unsubscribe"] = f"<{context['stop_url']}>"
    return headers


def _from_address(person, firm_name: str) -> str:
    name = firm_name
    if person and person.get_full_name() and firm_name:
        name = _("%(person)s at %(firm)s") % {"person": person.get_full_name(), "firm": firm_name}
    return formataddr((name, settings.DEFAULT_FROM_EMAIL)) if name else settings.DEFAULT_FROM_EMAIL


def _reply_to(row: OutgoingEmail, person, firm: Firm) -> list[str]:
    if row.message:
        return [row.message.email]
    address = person.email if person else firm.support_email
    return [address] if address else []


def message_id(row: OutgoingEmail) -> str:
    host = urlsplit(settings.PORTAL_BASE_URL).hostname or "localhost"
    key = row.company.public_id if row.company else row.message and row.message.key
    return f"<mail-{row.pk}-{key.hex[:12] if key else row.kind}@{host}>"
