"""Whether to try again at once, and after how many seconds.

Only short waits live here. Minutes and hours are the caller's: `delay` answers None and the error
reaches whoever can wait without holding a process.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from .errors import CodatError, RateLimitError, ServerError, UnreachableError


@dataclass(frozen=True)
class Outcome:
    """One failed try: the HTTP method and the error it ended with."""

    method: str
    error: CodatError


@dataclass(frozen=True)
class RetryPolicy:
    """At most `more_tries` repeats, waiting `first_delay`, then `factor` times longer, in seconds.

    A wait never exceeds `max_delay`; when Codat asks for a longer one the policy gives up.
    """

    more_tries: int = 2
    first_delay: float = 0.5
    factor: float = 2.0
    max_delay: float = 5.0

    @classmethod
    def none(cls) -> RetryPolicy:
        """Never repeats: for calls made while a browser waits."""
        return cls(more_tries=0)

    def delay(self, attempt: int, outcome: Outcome) -> float | None:
        """Seconds to wait after try number `attempt` (from 1), or None to give up. Pure."""
        if attempt > self.more_tries or not _may_repeat(outcome):
            return None
        if isinstance(outcome.error, RateLimitError) and outcome.error.retry_after is not None:
            asked = outcome.error.retry_after
            return asked if asked <= self.max_delay else None
        return min(self.first_delay * self.factor ** (attempt - 1), self.max_delay)

    def with_jitter(self, seconds: float) -> float:
        """Up to half as long again, so that many workers do not return together.

        Only ever longer: a shorter wait than Codat asked for would be refused again.
        """
        return seconds * (1 + random.random() / 2)  # noqa: S311 - spreads load, guards nothing


def _may_repeat(outcome: Outcome) -> bool:
    error = outcome.error
    if isinstance(error, UnreachableError) and not error.maybe_processed:
        return True
    # A 409 is transient too, but what it waits for takes minutes.
    trouble = isinstance(error, UnreachableError | ServerError | RateLimitError)
    return outcome.method == "GET" and trouble
