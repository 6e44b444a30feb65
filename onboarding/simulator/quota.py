"""Codat's daily allowance: 1,000 × (1 + linked companies), reset at 00:00 UTC of real time."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from .assumptions import RATE_LIMIT_RESET_FORMAT
from .clock import iso
from .events import emit
from .world import World

# How many calls may be forgotten when the process is killed.
_SAVED_EVERY = 25


class Quota:
    """Used inside a transaction."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._minute: list[float] = []

    def limit(self) -> int:
        return int(self.world.settings["daily_quota"] or 1000 * (1 + len(self.world.linked)))

    def remaining(self) -> int:
        return max(0, self.limit() - self._state()["used"])

    def resets_at(self) -> datetime:
        return datetime.combine(
            datetime.now(UTC).date() + timedelta(days=1), datetime.min.time(), UTC
        )

    def headers(self) -> dict[str, str]:
        return {
            "X-Rate-Limit-Limit": str(self.limit()),
            "X-Rate-Limit-Remaining": str(self.remaining()),
            "X-Rate-Limit-Reset": self.resets_at().strftime(RATE_LIMIT_RESET_FORMAT),
        }

    def take(self) -> int | None:
        """Counts one call; the seconds to wait when the allowance is used up."""
        ceiling = self.world.settings["requests_per_minute"]
        if ceiling:
            now = time.monotonic()
            self._minute = [moment for moment in self._minute if now - moment < 60]
            if len(self._minute) >= ceiling:
                return int(61 - (now - self._minute[0]))
            self._minute.append(now)
        state = self._state()
        if state["used"] >= self.limit():
            self._announce("client.rateLimit.reached")
            return int((self.resets_at() - datetime.now(UTC)).total_seconds()) + 1
        state["used"] += 1
        if state["used"] % _SAVED_EVERY == 0:
            self.world.remember("quota", state)
        return None

    def turn_the_day(self) -> None:
        """Begins a new day's allowance once it is midnight, also while nobody calls."""
        self._state()

    def end_the_day(self) -> None:
        """As if the calls so far had been made yesterday."""
        self._state()["day"] = ""

    def _state(self) -> dict[str, Any]:
        today = datetime.now(UTC).date().isoformat()
        state = self.world.misc.get("quota")
        if state is None or state["day"] != today:
            was_used_up = bool(state and state["reached"])
            state = {"day": today, "used": 0, "reached": False}
            self.world.remember("quota", state)
            if was_used_up:
                self._announce("client.rateLimit.reset")
        return state

    def _announce(self, event_type: str) -> None:
        state = self.world.misc["quota"]
        reached = event_type == "client.rateLimit.reached"
        if state["reached"] and reached:
            return
        state["reached"] = reached
        self.world.remember("quota", state)
        payload = {
            "dailyQuota": self.limit(),
            "quotaRemaining": 0 if reached else self.limit(),
            "expiryDate": iso(self.resets_at().timestamp()),
        }
        emit(self.world, event_type, payload, moment=self.world.now)
