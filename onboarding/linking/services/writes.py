"""Sending what we ask of Codat, and being sure about it when the answer was lost.

After a doubtful result the same body is repeated with the same key. Only when that cannot help (a
server error that Codat replays, or a key too old) is the thing looked up, at 0, 30 and 120 s, and
adopted when found; only then is a new key used. An empty list is never proof by itself.
"""

import logging
import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from onboarding import codat
from onboarding.linking.models import CodatWrite, Company, Pause

from . import write_kinds
from .pauses import is_paused, pause
from .recording import Claim, hold

logger = logging.getLogger(__name__)

_DOUBTFUL = (codat.UnreachableError, codat.ServerError, codat.UnexpectedResponseError)
_REASONS = {
    codat.AccountLimitError: "A limit of our plan at Codat is reached",
    codat.ForbiddenError: "Codat does not let us do this",
    codat.AuthenticationError: "Codat does not accept our API key",
}


def send_due(claim: Claim, client: codat.Client, *, now: datetime) -> codat.CodatError | None:
    """Send the company's due writes, oldest first, while the lane is held.

    Stops at the first that does not succeed, and returns its error: later ones build on earlier.
    Raises StaleClaim when the lane was lost meanwhile.
    """
    due = CodatWrite.objects.filter(company=claim.company_id).due(now).order_by("pk")
    for position, write in enumerate(due):
        if position and not CodatWrite.objects.open().filter(pk=write.pk).exists():
            continue  # an earlier one's answer made it needless
        if is_paused(Pause.CODAT):
            return None
        if is_paused(write.kind):
            continue
        error = _send(claim, write, client, now)
        if error is not None:
            return error
    return None


def _send(
    claim: Claim, write: CodatWrite, client: codat.Client, now: datetime
) -> codat.CodatError | None:
    company = Company.objects.get(pk=claim.company_id)
    kind = write_kinds.KINDS[write.kind]
    if kind.needs_company and company.codat_id is None:
        return None
    if _must_look_up(write, now):
        return _look_up(claim, write, company, client, now)
    was_doubtful = write.doubtful
    if not _count_attempt(claim, write):
        return None
    return _attempt(claim, write, company, client, now, was_doubtful=was_doubtful)


def _attempt(
    claim: Claim,
    write: CodatWrite,
    company: Company,
    client: codat.Client,
    now: datetime,
    *,
    was_doubtful: bool,
) -> codat.CodatError | None:
    kind = write_kinds.KINDS[write.kind]
    try:
        answer = kind.send(client, company, write)
    except ValueError as error:
        # The client refuses to send what Codat would not take: our bug, and no retry mends it.
        logger.exception("write_not_sendable write=%s", write.pk)
        _close(claim, write, CodatWrite.Outcome.REFUSED, None, now, reason=str(error)[:200])
        return codat.InvalidRequestError(str(error), operation=write.kind)
    except codat.CodatError as error:
        if kind.means_done(error):
            _close(claim, write, CodatWrite.Outcome.ADOPTED, None, now)
            return None
        _note_failure(claim, write, error, now, was_doubtful)
        return error
    _close(claim, write, CodatWrite.Outcome.DONE, answer, now)
    return None


def _must_look_up(write: CodatWrite, now: datetime) -> bool:
    if write.lookups:
        return True
    too_old = now - write.key_made_at > timedelta(minutes=settings.WRITE_KEY_MINUTES)
    return write.doubtful and too_old


def _count_attempt(claim: Claim, write: CodatWrite) -> bool:
    """Committed before the first byte leaves: a cut worker leaves a write that counts as sent.

    False when it was dropped this moment, and must not leave.
    """
    write.attempts += 1
    write.doubtful = True
    with transaction.atomic():
        hold(claim)
        still_wanted = CodatWrite.objects.open().filter(pk=write.pk)
        return still_wanted.update(attempts=write.attempts, doubtful=True) == 1


def _look_up(claim, write, company, client, now) -> codat.CodatError | None:
    """See whether it happened after all; adopt it, wait for the next look-up, or take a new key."""
    try:
        found = write_kinds.KINDS[write.kind].look_up(client, company, write)
    except codat.NotFoundError as error:
        # What it was to change is gone from Codat.
        return _give_up(claim, write, error, now)
    except codat.CodatError as error:
        _pause_if_refused(write, error, now)
        write.due_at = now + timedelta(seconds=_wait(write, error))
        _save(claim, write, "reason", "due_at")
        return error
    if found is not None:
        _close(claim, write, CodatWrite.Outcome.ADOPTED, found, now)
        return None
    waits = settings.WRITE_LOOKUP_SECONDS
    write.lookups = max(write.lookups, 1) + 1
    if write.lookups <= len(waits):
        since_last = waits[write.lookups - 1] - waits[write.lookups - 2]
        write.due_at = now + timedelta(seconds=since_last)
        _save(claim, write, "lookups", "due_at")
        return codat.UnreachableError("not found yet", operation=write.kind)
    _take_new_key(write, now)
    write.due_at = now
    _save(claim, write, "due_at", *_KEY_FIELDS)
    return _send(claim, write, client, now)


_KEY_FIELDS = ("idempotency_key", "key_made_at", "lookups", "doubtful", "server_error_seen")


def _take_new_key(write: CodatWrite, now: datetime) -> None:
    """For a write of which it is known that nothing was done under the old key."""
    write.idempotency_key = uuid.uuid4()
    write.key_made_at = now
    write.lookups = 0
    write.doubtful = write.server_error_seen = False


def _note_failure(
    claim: Claim, write: CodatWrite, error: codat.CodatError, now: datetime, was_doubtful: bool
) -> None:
    logger.warning("write_failed write=%s %s", write.pk, error)
    surely_not_sent = isinstance(error, codat.UnreachableError) and not error.maybe_processed
    if isinstance(error, _DOUBTFUL) and not surely_not_sent:
        if isinstance(error, codat.ServerError) and write.server_error_seen:
            write.lookups = 1  # the same key only replays its error
        write.server_error_seen |= isinstance(error, codat.ServerError)
    elif not isinstance(error, codat.ConflictError):
        # Refused or never sent: this attempt did nothing. An earlier one still may have.
        write.doubtful = was_doubtful
    if not write.doubtful or write_kinds.KINDS[write.kind].did_nothing(error):
        # Codat keeps every answer but a 429 with its key: asked again, it would only repeat it.
        if not isinstance(error, codat.RateLimitError | codat.UnreachableError):
            _take_new_key(write, now)
    _pause_if_refused(write, error, now)
    if isinstance(error, codat.InvalidRequestError | codat.NotFoundError):
        _give_up(claim, write, error, now)
        return
    write.due_at = now + timedelta(seconds=0 if write.lookups == 1 else _wait(write, error))
    _save(claim, write, "reason", "due_at", *_KEY_FIELDS)


def _pause_if_refused(write: CodatWrite, error: codat.CodatError, now: datetime) -> None:
    for refusal, reason in _REASONS.items():
        if isinstance(error, refusal):
            write.reason = reason
            scope = Pause.CODAT if refusal is codat.AuthenticationError else write.kind
            pause(scope, reason, now=now)


def _give_up(
    claim: Claim, write: CodatWrite, error: codat.CodatError, now: datetime
) -> codat.CodatError | None:
    if write_kinds.KINDS[write.kind].means_done(error):
        _close(claim, write, CodatWrite.Outcome.ADOPTED, None, now)
        return None
    logger.error("write_refused write=%s %s", write.pk, error)
    _close(claim, write, CodatWrite.Outcome.REFUSED, None, now, reason=_told(error))
    return error


def _told(error: codat.CodatError) -> str:
    return f"Codat did not accept it. Reference {error.correlation_id or 'none'}"[:200]


def _wait(write: CodatWrite, error: codat.CodatError) -> float:
    """Seconds until the next attempt: Codat's own advice first, then ever longer."""
    if isinstance(error, codat.RateLimitError):
        return 60 if error.retry_after is None else error.retry_after
    if isinstance(error, tuple(_REASONS)):
        return 60
    waits = settings.WRITE_REPEAT_SECONDS
    return waits[min(write.attempts, len(waits)) - 1] if write.attempts else waits[0]


def _save(claim: Claim, write: CodatWrite, *names: str) -> None:
    with transaction.atomic():
        hold(claim)
        write.save(update_fields=names)


def _close(claim, write, outcome, answer, now, *, reason="") -> None:
    """Record the answer as it came, with its own proof of the claim."""
    with transaction.atomic():
        company = hold(claim)
        if answer is not None:
            write.result_id = write_kinds.KINDS[write.kind].record(company, answer, now)
        write.done_at = now
        write.outcome = outcome
        write.doubtful = False
        write.reason = reason
        write.save(update_fields=["result_id", "done_at", "outcome", "doubtful", "reason"])
