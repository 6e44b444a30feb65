"""Whether a planned mail still has a point at the moment of sending, or must wait."""

from collections.abc import Callable
from datetime import datetime

from onboarding.linking.context_processors import current_firm
from onboarding.linking.models import OutgoingEmail, Pause
from onboarding.linking.stages import LINKED, UNLINKED, ConnectionStage, Reason, Stage

from . import digest


def _is_rejected(row: OutgoingEmail) -> bool:
    identity = row.connection.identity
    return identity is not None and identity.rejected_at is not None


def _is_open(row: OutgoingEmail) -> bool:
    """Somebody still has to say whether it is their business."""
    identity = row.connection.identity
    return (
        row.connection.status == LINKED
        and identity is not None
        and not (identity.confirmed_at or identity.rejected_at or identity.is_held)
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
    "first_read_done": lambda row: (
        row.connection.stage in (ConnectionStage.READY, ConnectionStage.READING)
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
    "already_with_us": lambda row: row.company.closed_at is not None,
}

_ABOUT_CLOSING = {"already_with_us"}


def still_true(row: OutgoingEmail, *, now: datetime) -> bool:
    """Asked again at the moment of sending: a mail that has lost its point is cancelled."""
    if row.kind == OutgoingEmail.MESSAGE:
        return True
    if row.expires_at and row.expires_at <= now:
        return False
    if row.user is not None:
        return digest.is_still_true(row)
    if row.company.closed_at and row.kind not in _ABOUT_CLOSING:
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
    if row.user is not None:
        return Pause.objects.filter(scope=Pause.REMOVALS).exists()
    is_about_loss = row.kind == "access_lost" or (row.kind == "reminder" and row.connection)
    if not is_about_loss:
        return False
    lost_at, seen_at = row.connection.status_changed_at, row.company.observed_at
    unsure = lost_at is None or seen_at is None or seen_at <= lost_at
    return unsure or Pause.objects.filter(scope=Pause.REMOVALS).exists()
