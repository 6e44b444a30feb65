"""E-mails: one function per kind says what goes into it; one sends a claimed row, at most once.

Rendered when sent, so that the words, the recipient's address and the link are the present ones.
"""

import logging
import smtplib
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import formataddr
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from .context_processors import current_firm
from .data_types import customer_words
from .invitation_links import absolute_url, invitation_url
from .models import Invitation, OutgoingEmail, Pause, Platform
from .models.invitation import Way, way_linked
from .models.work import moment
from .stages import LINKED, UNLINKED, ConnectionStage

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
    words = [customer_words(data_type) for data_type in dict.fromkeys(done.order_by("data_type"))]
    return {**_invitation(row), "data_types": list(dict.fromkeys(words))}


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
    asks = row.connection.stage == ConnectionStage.VERIFYING
    return {**_invitation(row), "linked_at": row.connection.linked_last_at, "asks": asks}


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


_STILL_TRUE: dict[str, Callable[[OutgoingEmail], bool]] = {
    "access_lost": lambda row: (
        row.connection.stage == ConnectionStage.LOST and not _is_rejected(row)
    ),
    "works_again": lambda row: row.connection.status != LINKED,
    "connected": lambda row: row.connection.status == LINKED,
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
    if row.kind != "access_lost":
        return False
    lost_at, seen_at = row.connection.status_changed_at, row.company.observed_at
    unsure = lost_at is None or seen_at is None or seen_at <= lost_at
    return unsure or Pause.objects.filter(scope=Pause.REMOVALS).exists()


def render(row: OutgoingEmail) -> EmailMultiAlternatives:
    """The message of one row, in its recipient's language."""
    firm = current_firm()
    with translation.override(row.language or settings.LANGUAGE_CODE):
        context = {
            "firm": firm,
            "company": row.company,
            "contact": row.contact,
            "portal_url": absolute_url("/"),
            "language": translation.get_language(),
            **(_CONTEXT[row.kind](row) if row.message is None else {"message": row.message}),
        }
        subject = render_to_string(f"emails/{row.kind}_subject.txt", context)
        message = EmailMultiAlternatives(
            subject=" ".join(subject.split()),
            body=render_to_string(f"emails/{row.kind}.txt", context),
            from_email=_from_address(context.get("sender", ""), firm.name),
            to=[firm.support_email if row.message else row.contact.email],
            reply_to=_reply_to(row, firm),
            headers={"Message-ID": _message_id(row)},
        )
        message.attach_alternative(
            render_to_string(f"emails/{row.kind}.html", context), "text/html"
        )
    return message


def _from_address(sender: str, firm_name: str) -> str:
    name = firm_name
    if sender and firm_name:
        name = _("%(person)s at %(firm)s") % {"person": sender, "firm": firm_name}
    return formataddr((name, settings.DEFAULT_FROM_EMAIL)) if name else settings.DEFAULT_FROM_EMAIL


def _reply_to(row: OutgoingEmail, firm) -> list[str]:
    if row.message:
        return [row.message.email]
    sender = row.invitation.sent_by if row.invitation else None
    address = sender.email if sender else firm.support_email
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
        "company", "contact", "connection", "message", "invitation__sent_by"
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
