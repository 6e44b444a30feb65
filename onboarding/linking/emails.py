"""E-mails: one function per kind says what goes into it; one sends a claimed row, at most once.

Rendered when sent, so that the words, the recipient's address and the link are the present ones.
"""

import logging
import smtplib
from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import formataddr
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _

from .context_processors import Firm, current_firm
from .data_types import customer_words
from .invitation_links import absolute_url, invitation_url, stop_url
from .models import Consent, Invitation, OutgoingEmail, Pause, Platform
from .models.invitation import Way, way_linked
from .models.work import moment
from .stages import LINKED, PENDING_AUTH, UNLINKED, ConnectionStage, Reason, Stage

logger = logging.getLogger(__name__)

MAX_TRIES = 6
RETRY_AFTER = timedelta(minutes=2)
WAIT_AGAIN = timedelta(minutes=5)


def _invitation(row: OutgoingEmail) -> dict:
    sender = row.invitation.sent_by
    return {
        "url": invitation_url(row.invitation),
        "expires_at": row.invitation.expires_at,
        "sender": sender.get_full_name() if sender else "",
        "note": row.invitation.note,
        "software": row.connection.platform_name if row.connection else "",
    }


def _first_read_done(row: OutgoingEmail) -> dict:
    done = row.connection.operations.filter(status="Complete").values_list("data_type", flat=True)
    return {**_invitation(row), "data_types": _words_of(done.order_by("data_type"))}


def _delegate(row: OutgoingEmail) -> dict:
    platform = Platform.objects.filter(key=row.invitation.platform_key).only("name").first()
    known = _invitation(row)
    asker = row.invitation.asked_by
    return {
        **known,
        "software": known["software"] or (platform.name if platform else ""),
        "asker": (asker and asker.name) or row.company.true_name,
    }


def _delegate_done(row: OutgoingEmail) -> dict:
    done = row.company.invitations.filter(
        purpose="delegate", platform_key=row.connection.platform_key
    ).first()
    return {**_invitation(row), "helper": _helper(done)}


def _helper(asked: Invitation | None) -> str:
    """Who was asked; a link that was passed on by hand may know no name."""
    person = asked.recipient if asked else None
    return (person and (person.name or person.email)) or _("The person you asked")


def _delegate_declined(row: OutgoingEmail) -> dict:
    links = row.company.invitations.filter(purpose="delegate", ended_why="declined")
    asked = links.order_by("-ended_at").first()
    platform = asked and Platform.objects.filter(key=asked.platform_key).only("name").first()
    software = platform.name if platform else _("your software")
    return {**_invitation(row), "helper": _helper(asked), "software": software}


def _deletion_asked(row: OutgoingEmail) -> dict:
    asked_at = row.company.history.deletion_asked_at()
    days = timedelta(days=settings.DELETION_ANSWER_DAYS)
    return {**_invitation(row), "answer_by": asked_at and asked_at + days}


def _deletion_answered(row: OutgoingEmail) -> dict:
    answer = row.company.history.deletion_answer()
    return {
        **_invitation(row),
        "is_carried_out": answer is not None and answer.subject == answer.DELETION_CARRIED_OUT,
        "answer": answer.text if answer else "",
    }


def _to_computer(row: OutgoingEmail) -> dict:
    platform = Platform.objects.filter(key=row.invitation.platform_key).defer("logo").first()
    return {
        **_invitation(row),
        "software": platform.name if platform else "",
        "set_up_by": platform.set_up_by if platform else "",
    }


def _connected(row: OutgoingEmail) -> dict:
    """With the permission as it was given: the customer's receipt."""
    platform_key = row.connection.platform_key
    consent = row.company.consents.filter(platform_key=platform_key).first()
    day = date_format(consent.at, "Y-m-d") if consent else ""
    return {
        **_invitation(row),
        "linked_at": row.connection.linked_last_at,
        "asks": row.connection.stage == ConnectionStage.VERIFYING,
        "needs_computer": Platform.objects.filter(key=platform_key, is_offline=True).exists(),
        "data_types": _words_of(consent.data_types) if consent else [],
        "attached": {f"permission-{day}.txt": _permission(consent)} if consent else {},
    }


def _permission(consent: Consent) -> str:
    given = date_format(timezone.localtime(consent.at), "j F Y H:i e")
    version = _("Given on %(moment)s, version %(version)d of the words")
    return version % {"moment": given, "version": consent.version} + "\n\n" + consent.text


def _words_of(data_types: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(customer_words(name) for name in data_types))


LAPSES_AFTER = timedelta(days=60)
"""Some software ends a permission that was not used for 60 to 100 days (FACTS 3.5)."""


def _about_to_end(row: OutgoingEmail) -> dict:
    last_read_at = row.connection.last_read_at
    return {
        **_invitation(row),
        "last_read_at": last_read_at,
        "ends_at": last_read_at and last_read_at + LAPSES_AFTER,
    }


def _reminder(row: OutgoingEmail) -> dict:
    """Which of the three it is stands at the end of its key."""
    number = row.dedupe_key.rpartition(":")[2]
    attempt = row.company.connections.present().filter(status=PENDING_AUTH).last()
    known = _invitation(row)
    waiting = attempt.platform_name if attempt else ""
    return {
        **known,
        "software": known["software"] or waiting,
        "number": int(number) if number.isdigit() else 1,
        "is_lost": row.connection is not None,
        "is_unopened": row.company.stage == Stage.INVITED,
        "is_to_confirm": row.company.stage == Stage.CONFIRMING,
        "stop_url": stop_url(row.invitation),
    }


def _access_lost(row: OutgoingEmail) -> dict:
    return {**_invitation(row), "since": row.connection.status_changed_at}


def _whose(row: OutgoingEmail) -> dict:
    """The names of both businesses; the new one only if it was chosen in one of our browsers."""
    identity = row.connection.identity
    is_shown = way_linked(row.connection) == Way.HERE or (identity and identity.confirmed_at)
    before = identity.compared_with if identity else None
    confirmed_by = identity.confirmed_by if identity else None
    return {
        **_invitation(row),
        "found": identity.display_name if identity and is_shown else "",
        "before": (before.display_name if before else "") or row.company.true_name,
        "confirmed_at": identity and identity.confirmed_at,
        "confirmed_by": confirmed_by.get_full_name() if confirmed_by else "",
    }


_CONTEXT = {
    "start": _invitation,
    "carry_on": _invitation,
    "onboard": _invitation,
    "relink": _invitation,
    "sign_in": _invitation,
    "first_read_done": _first_read_done,
    "access_lost": _access_lost,
    "works_again": _invitation,
    "disconnected": _invitation,
    "to_computer": _to_computer,
    "connected": _connected,
    "delegate": _delegate,
    "delegate_done": _delegate_done,
    "delegate_declined": _delegate_declined,
    "about_to_end": _about_to_end,
    "reminder": _reminder,
    "deletion_asked": _deletion_asked,
    "deletion_answered": _deletion_answered,
    "other_business": _whose,
    "name_confirmed": _whose,
    "name_to_confirm": _invitation,
}


def _is_rejected(row: OutgoingEmail) -> bool:
    identity = row.connection.identity
    return identity is not None and identity.rejected_at is not None


def _is_open(row: OutgoingEmail) -> bool:
    """Somebody still has to say whether it is their business."""
    identity = row.connection.identity
    return (
        row.connection.status == LINKED
        and identity is not None
        and not (identity.confirmed_at or identity.rejected_at)
    )


_UNFINISHED = {Stage.INVITED, Stage.STARTED, Stage.AUTHORIZING, Stage.CONFIRMING}


def _is_still_to_do(row: OutgoingEmail) -> bool:
    """A reminder is true until its step is done, or the customer wants none."""
    if row.contact.stopped_at:
        return False
    if row.connection:
        return row.connection.stage == ConnectionStage.LOST
    return row.company.stage in _UNFINISHED


def _is_about_to_lapse(row: OutgoingEmail) -> bool:
    return row.connection.problems.open().filter(reason=Reason.ABOUT_TO_LAPSE).exists()


_STILL_TRUE: dict[str, Callable[[OutgoingEmail], bool]] = {
    "access_lost": lambda row: (
        row.connection.stage == ConnectionStage.LOST and not _is_rejected(row)
    ),
    "connected": lambda row: row.connection.status == LINKED,
    "about_to_end": _is_about_to_lapse,
    "reminder": _is_still_to_do,
    "works_again": lambda row: row.connection.status != LINKED,
    "disconnected": lambda row: row.connection.status == UNLINKED,
    "deletion_asked": lambda row: row.company.history.deletion_asked_at() is not None,
    "deletion_answered": lambda row: row.company.history.deletion_answer() is not None,
    "other_business": lambda row: row.connection.status != LINKED and _is_rejected(row),
    "name_to_confirm": _is_open,
}


def still_true(row: OutgoingEmail, *, now: datetime) -> bool:
    """Asked again at the moment of sending: a mail that has lost its point is cancelled."""
    if row.kind == OutgoingEmail.MESSAGE:
        return True
    if row.company.closed_at or (row.expires_at and row.expires_at <= now):
        return False
    if row.invitation is not None and row.invitation.ended_at is not None:
        return False
    holds = _STILL_TRUE.get(row.kind)
    return holds is None or holds(row)


def must_wait(row: OutgoingEmail) -> bool:
    """Held: mails are paused, many were lost at once, or no second look has confirmed the loss."""
    if Pause.objects.filter(scope=Pause.MAIL).exists():
        return True
    if row.kind == OutgoingEmail.MESSAGE:
        return not current_firm().support_email  # taken away since it was written
    is_about_loss = row.kind == "access_lost" or (row.kind == "reminder" and row.connection)
    if not is_about_loss:
        return False
    lost_at, seen_at = row.connection.status_changed_at, row.company.observed_at
    unsure = lost_at is None or seen_at is None or seen_at <= lost_at
    return unsure or Pause.objects.filter(scope=Pause.REMOVALS).exists()


def render(row: OutgoingEmail) -> EmailMultiAlternatives:
    """The message of one row, in its recipient's language."""
    firm = current_firm()
    person = _person(row)
    with translation.override(row.language or settings.LANGUAGE_CODE):
        context = {
            "firm": firm,
            "company": row.company,
            "contact": row.contact,
            "portal_url": absolute_url("/"),
            "language": translation.get_language(),
            "firm_name": firm.name,
            **_logo(firm),
            **(_CONTEXT[row.kind](row) if row.message is None else {"message": row.message}),
        }
        subject = render_to_string(f"emails/{row.kind}_subject.txt", context)
        context["subject"] = " ".join(subject.split())
        message = EmailMultiAlternatives(
            subject=context["subject"],
            body=render_to_string(f"emails/{row.kind}.txt", context),
            from_email=_from_address(person, firm.name),
            to=[firm.support_email if row.message else row.contact.email],
            reply_to=_reply_to(row, person, firm),
            headers=_headers(row, context),
        )
        html = render_to_string(f"emails/{row.kind}.html", _isolated(context))
        message.attach_alternative(html, "text/html")
        for name, text in context.get("attached", {}).items():
            message.attach(name, text, "text/plain")
    return message


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
        company.reference = format_html('<bdi dir="ltr">{}</bdi>', company.reference)
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
    if row.message:
        return None
    sender = row.invitation.sent_by if row.invitation else None
    person = sender or row.company.owner
    return person if person and person.is_active else None


def _headers(row: OutgoingEmail, context: dict) -> dict[str, str]:
    headers = {"Message-ID": _message_id(row)}
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


def _message_id(row: OutgoingEmail) -> str:
    host = urlsplit(settings.PORTAL_BASE_URL).hostname or "localhost"
    about = row.company.public_id if row.company else row.message.key
    return f"<mail-{row.pk}-{about.hex[:12]}@{host}>"


def send(pk: int, *, now: datetime) -> bool:
    """Claim one mail and send it. True if it left.

    At most once: what surely did not leave is tried again; what may have left is set aside.
    """
    token = OutgoingEmail.objects.claim(pk, lease=timedelta(seconds=settings.LEASE_SECONDS))
    if token is None:
        return False
    row = OutgoingEmail.objects.select_related(
        *("company__owner", "contact", "connection", "message", "invitation__sent_by")
    ).get(pk=pk)
    mine = OutgoingEmail.objects.held(pk, token)
    if _is_held_back(mine, row, now):
        return False
    try:
        message = render(row)
    except Exception:
        # Surely not sent: it must not be set aside later as “may have been sent”.
        _try_again(mine, row, _("It could not be written"))
        raise
    connection = get_connection()
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        logger.warning("mail_server_not_reached email=%s %s", pk, type(error).__name__)
        _try_again(mine, row, _("The mail server could not be reached"))
        return False
    message.connection = connection
    try:
        message.send()
    except _REFUSALS as error:
        logger.warning("mail_refused email=%s %s", pk, type(error).__name__)
        reason = _("The mail server refused it")
        if _is_for_now(error):
            _try_again(mine, row, reason)
        else:
            _set_aside(mine, row, reason)
        return False
    except (OSError, smtplib.SMTPException) as error:
        logger.warning("mail_doubtful email=%s %s", pk, type(error).__name__)
        _set_aside(mine, row, str(OutgoingEmail.objects.none().MAY_HAVE_BEEN_SENT))
        return False
    finally:
        connection.close()
    mine.update(claim_token=None, due_at=None, sent_at=now, provider_id=_message_id(row))
    return True


_REFUSALS = (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError)
"""The server said no before it took the mail over."""


def _is_for_now(error: smtplib.SMTPException) -> bool:
    """Whether the server asks to come back later (4xx), as greylisting does."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code < 500 for code, _text in error.recipients.values())
    return getattr(error, "smtp_code", 500) < 500


def _is_held_back(mine, row: OutgoingEmail, now: datetime) -> bool:
    """Cancel what has lost its point, put off what must wait; False for a mail to be sent now."""
    if not still_true(row, now=now):
        mine.update(claim_token=None, due_at=None, cancelled_at=now)
        return True
    if must_wait(row):
        mine.update(claim_token=None, due_at=moment(WAIT_AGAIN), attempts=0)
        return True
    return False


def _try_again(mine, row: OutgoingEmail, reason: str) -> None:
    if row.attempts < MAX_TRIES:
        mine.update(claim_token=None, due_at=moment(RETRY_AFTER))
    else:
        _set_aside(mine, row, reason)


def _set_aside(mine, row: OutgoingEmail, reason: str) -> None:
    mine.update(claim_token=None, due_at=None, parked_reason=reason)
    OutgoingEmail.objects.all().wake_lanes({row.company_id})
