"""One call of Codat over HTTP: the only module that knows the requests library.

Redirects are not followed and `.netrc` is not read: either could carry the API key, or replace it.
"""

from __future__ import annotations

import base64
import json
import logging
import os
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from http.cookiejar import DefaultCookiePolicy
from typing import Any, BinaryIO
from urllib.parse import quote, urlencode, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import MaxRetryError, NewConnectionError

from . import rate_headers
from .errors import (
    CodatError,
    ConflictError,
    RateLimitError,
    UnexpectedResponseError,
    UnreachableError,
    error_class,
)
from .quota import Quota
from .retry import Outcome, RetryPolicy

logger = logging.getLogger(__name__)

# Said under whichever 4xx Codat picks when a data type is being read already; the status for it
# is not documented.
ALREADY_RUNNING = "DatasetAlreadyInProgressException"


@dataclass(frozen=True)
class Call:
    """What is asked: `operation` is Codat's operationId, `path` is already percent-encoded.

    The body of a success goes to the seekable file `into`, if given, instead of into memory.
    """

    operation: str
    method: str
    path: str
    params: Mapping[str, str | int] = field(default_factory=dict, repr=False)
    body: Any = field(default=None, repr=False)
    idempotency_key: str | None = field(default=None, repr=False)
    into: BinaryIO | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Answer:
    """A success: its status, headers and bytes."""

    call: Call
    status_code: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)

    def json(self) -> Any:
        """The body as JSON, fractions as decimals (they may be money).

        Raises `UnexpectedResponseError` when it is something else.
        """
        try:
            return json.loads(self.content, parse_float=Decimal)
        except (ValueError, ArithmeticError, RecursionError):
            kind = self.headers.get("Content-Type", "no content type").split(";")[0]
            raise self.unexpected(f"{len(self.content)} bytes of {kind} are not JSON") from None

    def unexpected(self, reason: str) -> UnexpectedResponseError:
        """The error for an answer of the wrong shape."""
        return UnexpectedResponseError(
            reason, operation=self.call.operation, status_code=self.status_code
        )


class BasicKey(requests.auth.AuthBase):
    """Codat's header: the key alone in base64, without a user name."""

    def __init__(self, api_key: str) -> None:
        if not api_key.strip():
            raise ValueError("The Codat API key is empty.")
        if api_key.startswith("Basic "):
            raise ValueError("Give the Codat API key itself, not the Authorization header.")
        self._header = "Basic " + base64.b64encode(api_key.strip().encode()).decode()

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = self._header
        return request

    def __repr__(self) -> str:
        return "BasicKey(…)"


class Transport:
    """Sends calls: allowance, headers, timeouts, repeats, and what the status means.

    `timeout` is (seconds to connect, seconds between two bytes of the answer).
    """

    def __init__(
        self,
        api_key: str,
        base_url: str,
        *,
        timeout: tuple[float, float],
        retry: RetryPolicy,
        quota: Quota,
        user_agent: str,
        session: requests.Session | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._auth = BasicKey(api_key)
        self.base_url = _checked_base_url(base_url)
        self._timeout = timeout
        self._retry = retry
        self._quota = quota
        self._headers = {"Accept": "application/json", "User-Agent": user_agent}
        self._given_session = session
        self._own_session: tuple[int, requests.Session] | None = None
        self._sleep = sleep

    def send(self, call: Call) -> Answer:
        """The answer to a call; raises the `CodatError` of the last try."""
        attempt = 1
        while True:
            self._quota.acquire(call.operation)
            try:
                return self._try(call)
            except CodatError as error:
                delay = self._retry.delay(attempt, Outcome(call.method, error))
                if delay is None:
                    raise
            self._sleep(self._retry.with_jitter(delay))
            attempt += 1

    def close(self) -> None:
        """Give the pooled connections back, unless the session is the caller's."""
        if self._own_session is not None and self._own_session[0] == os.getpid():
            self._own_session[1].close()
        self._own_session = None

    def _try(self, call: Call) -> Answer:
        started = time.monotonic()
        outcome = self._exchange(call)
        milliseconds = round(1000 * (time.monotonic() - started))
        if isinstance(outcome, UnreachableError):
            logger.debug("codat call failed operation=%s ms=%d", call.operation, milliseconds)
            raise outcome
        status = outcome.status_code
        logger.debug(
            "codat call answered operation=%s status=%d ms=%d", call.operation, status, milliseconds
        )
        allowance = rate_headers.daily_allowance(outcome.headers)
        if allowance is not None:
            self._quota.observe(*allowance)
        if 200 <= status < 300:
            content = b"" if call.into is not None else outcome.content
            return Answer(call, status, outcome.headers, content)
        error = _error(call, outcome)
        if isinstance(error, RateLimitError):
            self._quota.refused(error.retry_after)
        raise error

    def _exchange(self, call: Call) -> requests.Response | UnreachableError:
        """The raw answer. The library's own exception, which quotes the address, ends here."""
        url = self.base_url + call.path
        if call.params:
            url += "?" + urlencode(call.params, quote_via=quote)
        headers = dict(self._headers)
        if call.idempotency_key is not None:
            headers["Idempotency-Key"] = call.idempotency_key
        try:
            with self._session().request(
                call.method,
                url,
                json=call.body,
                headers=headers,
                auth=self._auth,
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
            ) as response:
                if call.into is not None and 200 <= response.status_code < 300:
                    _copy(response, call.into)
                else:
                    _ = response.content  # read here, so that a cut is caught here
            return response
        except (requests.exceptions.InvalidURL, requests.exceptions.InvalidHeader):
            raise ValueError(f"{call.operation}: the address or a header is malformed") from None
        except requests.RequestException as error:
            return UnreachableError(
                _what_broke(error),
                operation=call.operation,
                maybe_processed=not _never_left(error),
            )

    def _session(self) -> requests.Session:
        """The caller's session, or our own: one per process, as sockets must not be shared."""
        if self._given_session is not None:
            return self._given_session
        if self._own_session is None or self._own_session[0] != os.getpid():
            session = requests.Session()
            session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))  # keeps none
            adapter = HTTPAdapter(pool_connections=1, pool_maxsize=10, max_retries=0)
            session.mount("https://", adapter)
            session.mount("http://", adapter)
            self._own_session = (os.getpid(), session)
        return self._own_session[1]


def _checked_base_url(base_url: str) -> str:
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("The Codat base URL must be an http or https address.")
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError("The Codat base URL must hold neither credentials nor a query.")
    return base_url.rstrip("/")


def _copy(response: requests.Response, into: BinaryIO) -> None:
    """The body to a file, from its start: an earlier try may have left a part of it."""
    into.seek(0)
    into.truncate()
    for chunk in response.iter_content(64 * 1024):
        into.write(chunk)


def _never_left(error: requests.RequestException) -> bool:
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause = error.args[0] if error.args else None
    # Refused, unroutable, or the name not found (a subclass): no connection was ever made.
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)


def _what_broke(error: requests.RequestException) -> str:
    if isinstance(error, requests.ConnectTimeout):
        return "no connection in time"
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    if isinstance(error, requests.exceptions.SSLError):
        return "no secure connection"
    return "connection refused or name not found" if _never_left(error) else "connection cut"


def _error(call: Call, response: requests.Response) -> CodatError:
    body = _error_body(response)
    said = body.get("error")
    detail = said[:1000] if isinstance(said, str) else ""
    correlation_id = body.get("correlationId")
    if not isinstance(correlation_id, str) or not re.fullmatch(r"[\w-]{1,64}", correlation_id):
        correlation_id = ""  # printed in logs: nothing but a plain id gets there
    validation = body.get("validation")
    details: dict[str, Any] = {
        "operation": call.operation,
        "status_code": response.status_code,
        "correlation_id": correlation_id,
        "detail": detail,
        "validation": validation if isinstance(validation, dict) else None,
    }
    kind = error_class(response.status_code)
    if 400 <= response.status_code < 500 and ALREADY_RUNNING in detail:
        kind = ConflictError
    if kind is RateLimitError:
        details["retry_after"] = rate_headers.retry_after(response.headers, datetime.now(UTC))
    return kind(**details)


def _error_body(response: requests.Response) -> Mapping[str, Any]:
    """The error object, or an empty one: a proxy on the way may answer in HTML."""
    try:
        body = json.loads(response.content)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}
