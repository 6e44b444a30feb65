"""What can go wrong when calling Codat, sorted by what a caller can do about it.

Texts that Codat sends may name a business or quote its books, so `str()` and `repr()` of these
errors hold only our own words, the status, the operation and Codat's correlation id. Codat's own
words are in `detail` and `validation`, for staff screens.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar


class CodatError(Exception):
    """A call of the Codat API that did not do what was asked.

    `operation` is Codat's operationId (`create-company`), `status_code` the HTTP status or None
    when no answer came, `correlation_id` what Codat's support asks for, "" when there is none.
    """

    is_transient: ClassVar[bool] = False
    meaning: ClassVar[str] = "failed"

    def __init__(
        self,
        reason: str = "",
        *,
        operation: str = "",
        status_code: int | None = None,
        correlation_id: str = "",
        detail: str = "",
        validation: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.operation = operation
        self.status_code = status_code
        self.correlation_id = correlation_id
        self.detail = detail
        self.validation: Mapping[str, Any] = validation or {}

    def __str__(self) -> str:
        text = f"{self.operation or 'Codat'}: {self.reason or self.meaning}"
        if self.status_code is not None:
            text += f" (status {self.status_code})"
        if self.correlation_id:
            text += f" [correlation id {self.correlation_id}]"
        return text

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self}>"


class UnreachableError(CodatError):
    """No answer, or only part of one.

    `maybe_processed` is False only when the request surely never left this machine: name not
    found, connection refused, or no connection in time.
    """

    is_transient = True
    meaning = "no answer"

    def __init__(self, reason: str = "", *, maybe_processed: bool = True, **details: Any) -> None:
        super().__init__(reason, **details)
        self.maybe_processed = maybe_processed


class ServerError(CodatError):
    """5xx or 408. The work may have been done all the same."""

    is_transient = True
    meaning = "trouble at Codat"


class RateLimitError(CodatError):
    """429. `retry_after` is in seconds from now, None when Codat did not say."""

    is_transient = True
    meaning = "allowance used up"

    def __init__(
        self, reason: str = "", *, retry_after: float | None = None, **details: Any
    ) -> None:
        super().__init__(reason, **details)
        self.retry_after = retry_after


class ConflictError(CodatError):
    """Not ready, already running, or the same idempotency key is still in flight. Look again."""

    is_transient = True
    meaning = "not ready or already running"


class AuthenticationError(CodatError):
    """401: the API key is wrong."""

    meaning = "API key not accepted"


class ForbiddenError(CodatError):
    """403: an outdated or foreign key, or an operation this instance may not call."""

    meaning = "not allowed"


class AccountLimitError(CodatError):
    """402: a limit of our plan at Codat."""

    meaning = "limit of the Codat account reached"


class NotFoundError(CodatError):
    """404: unknown, already deleted, or data that this platform does not offer."""

    meaning = "not found"


class InvalidRequestError(CodatError):
    """Any other 4xx: our bug. `validation` holds Codat's list of what it did not like."""

    meaning = "request not accepted"


class UnexpectedResponseError(CodatError):
    """An answer that the published documents do not describe.

    After a write the work has probably been done: treat it as a doubtful answer.
    """

    meaning = "answer not understood"


BY_STATUS: Mapping[int, type[CodatError]] = {
    401: AuthenticationError,
    402: AccountLimitError,
    403: ForbiddenError,
    404: NotFoundError,
    408: ServerError,
    409: ConflictError,
    429: RateLimitError,
}


def error_class(status_code: int) -> type[CodatError]:
    """The class for an HTTP status that is not a success.

    The status is believed, never the one repeated in the body: Codat's own samples contradict it.
    """
    if status_code in BY_STATUS:
        return BY_STATUS[status_code]
    if 400 <= status_code < 500:
        return InvalidRequestError
    if status_code >= 500:
        return ServerError
    return UnexpectedResponseError
