"""What every API call passes: key, count, idempotency, faults, allowance, common headers."""

import base64
import contextlib
import hashlib
import hmac
import json
import socket
import threading
from collections import Counter
from typing import Any

from flask import Response, g, request

from . import faults
from .answers import ApiError, error_body
from .api.operation import Operation
from .assumptions import IDEMPOTENCY_SECONDS, TIMEOUT_FAULT_SECONDS
from .quota import Quota
from .records import IdempotentAnswer
from .world import World

# What Codat's samples say with each status.
_WORDS = {
    400: "Error processing request - not valid.",
    401: "Unauthorized",
    402: "Payment Required",
    403: "You are using an outdated API key or a key not associated with that resource.",
    404: "Not found",
    409: "The data set has not been requested.",
    429: "You have made too many requests in a given amount of time; please retry later.",
    500: "There is a problem with our server. Please try again later.",
    503: "The Codat API is temporarily offline for maintenance. Please try again later.",
}
_GUIDS = frozenset({"company_id", "connection_id", "dataset_id", "webhook_id"})


class Gate:
    def __init__(self, world: World, api_keys: list[str]) -> None:
        self.world = world
        self.quota = Quota(world)
        self.calls: Counter[tuple[str, str]] = Counter()
        self._held = threading.Event()
        self._accepted = ["Basic " + base64.b64encode(key.encode()).decode() for key in api_keys]
        self._in_flight: set[str] = set()

    def release(self) -> None:
        """Ends the wait of requests that a fault holds."""
        held, self._held = self._held, threading.Event()
        held.set()

    def forget(self) -> None:
        self.release()
        self.calls.clear()
        self._in_flight.clear()

    def call(self, operation: Operation, ids: dict[str, str]) -> Response:
        """Answers one API call."""
        request.get_data()  # a body left unread would spoil the next request on this socket
        ids = {name: value.lower() if name in _GUIDS else value for name, value in ids.items()}
        with self.world.lock:
            self.calls[operation.id, ids.get("company_id", "")] += 1
        if not self._has_key():
            return self._plain(401, "Unauthorized")
        key = request.headers.get("Idempotency-Key") if _may_carry_key() else None
        with self.world.transaction():
            replay = self._replay(key) if key else None
            if replay is None and key:
                self._in_flight.add(key)
            g.held = self._held
            fault = faults.strike(self.world, operation.id, ids, replayed=replay is not None)
        try:
            return self._suffer(fault, operation, ids, key, replay)
        finally:
            if key and replay is None:
                with self.world.lock:
                    self._in_flight.discard(key)

    def _suffer(
        self,
        fault: faults.Fault | None,
        operation: Operation,
        ids: dict[str, str],
        key: str | None,
        replay: Response | None,
    ) -> Response:
        kind = fault.kind if fault else None
        if fault and kind == "slow":
            g.held.wait(fault.amount)
        elif kind == "timeout":
            g.held.wait(TIMEOUT_FAULT_SECONDS)
            return _cut()
        elif kind == "cut":
            return _cut()
        answer = replay or self._first_answer(fault, operation, ids, key)
        return _cut() if kind == "processed_then_cut" else answer

    def _first_answer(
        self, fault: faults.Fault | None, operation: Operation, ids: dict[str, str], key: str | None
    ) -> Response:
        with self.world.transaction():
            g.hide_new = faults.list_lag(self.world, operation.id, ids)
            if fault and fault.kind == "status":
                answer = self._plain(
                    int(fault.amount),
                    _WORDS.get(int(fault.amount), "Error"),
                    retry_after=fault.retry_after,
                )
            elif (wait := self.quota.take()) is not None:
                answer = self._plain(429, _WORDS[429], retry_after=wait)
            else:
                answer = self._view(operation, ids)
            if key and answer.status_code != 429:
                self._keep(key, answer)
        return answer

    def _view(self, operation: Operation, ids: dict[str, str]) -> Response:
        try:
            body, status = operation.view(self.world, **ids)
        except ApiError as error:
            return self._plain(error.status, error.error, validation=error.validation)
        if isinstance(body, Response):
            body.headers.extend(self.quota.headers())
            return body
        return self._response(None if body is None else json.dumps(body), status)

    # --- idempotency ---------------------------------------------------------------------

    def _replay(self, key: str) -> Response | None:
        """The kept answer of this key, or the refusals Codat gives for a key that is in use."""
        if key in self._in_flight:
            return self._plain(409, "A request with this Idempotency-Key is being processed.")
        kept = self.world.answers.get(key)
        if kept is None:
            return None
        if self.world.now - kept.at > IDEMPOTENCY_SECONDS:
            self.world.remove(kept)
            return None
        if kept.fingerprint != _fingerprint():
            return self._plain(422, "Idempotency-Key was used with another request.")
        return self._response(kept.body or None, kept.status)

    def _keep(self, key: str, answer: Response) -> None:
        self.world.add(
            IdempotentAnswer(
                id=key,
                fingerprint=_fingerprint(),
                status=answer.status_code,
                body=answer.get_data(as_text=True),
                content_type=answer.content_type or "",
                at=self.world.now,
            )
        )
        oldest = next(iter(self.world.answers.values()))
        if self.world.now - oldest.at > IDEMPOTENCY_SECONDS:
            self.world.remove(oldest)

    # --- answers -------------------------------------------------------------------------

    def _has_key(self) -> bool:
        given = request.headers.get("Authorization", "").encode()
        return any(hmac.compare_digest(given, wanted.encode()) for wanted in self._accepted)

    def _response(self, text: str | None, status: int) -> Response:
        answer = Response(text or "", status=status)
        if text is not None:
            answer.content_type = "application/json; charset=utf-8"
        else:
            del answer.headers["Content-Type"]
        answer.headers.extend(self.quota.headers())
        return answer

    def _plain(
        self,
        status: int,
        error: str,
        *,
        retry_after: float | None = None,
        validation: dict[str, Any] | None = None,
    ) -> Response:
        with self.world.lock:
            answer = self._response(json.dumps(error_body(status, error, validation)), status)
        if retry_after is not None:
            answer.headers["Retry-After"] = str(int(retry_after))
        return answer


def _may_carry_key() -> bool:
    return request.method in {"POST", "PATCH"}


def _fingerprint() -> str:
    text = f"{request.method} {request.full_path}\n".encode() + request.get_data()
    return hashlib.sha256(text).hexdigest()


def _cut() -> Response:
    """Closes the socket under the server, so that the caller gets no answer at all."""
    line: socket.socket = request.environ["werkzeug.socket"]
    with contextlib.suppress(OSError):  # the caller may have gone already
        line.shutdown(socket.SHUT_RDWR)
    return Response("", headers={"Connection": "close"})
