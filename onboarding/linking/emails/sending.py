"""Sending one claimed row, at most once."""

import logging
import smtplib
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import get_connection
from django.utils.translation import gettext as _

from onboarding.linking.models import OutgoingEmail
from onboarding.linking.models.work import moment

from .relevance import must_wait, still_true
from .rendering import message_id, render

logger = logging.getLogger(__name__)

MAX_TRIES = 6
RETRY_AFTER = timedelta(minutes=2)
WAIT_AGAIN = timedelta(minutes=5)


def send(pk: int, *, now: datetime) -> bool:
    """Claim one mail and send it. True if it left.

    At most once: what surely did not leave is tried again; what may have left is set aside.
    """
    token = OutgoingEmail.objects.claim(pk, lease=timedelta(seconds=settings.LEASE_SECONDS))
    if token is None:
        return False
    row = OutgoingEmail.objects.select_related(
        *("company__owner", "contact", "connection", "message", "invitation__sent_by", "user")
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
    mine.update(claim_token=None, due_at=None, sent_at=now, provider_id=message_id(row))
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
