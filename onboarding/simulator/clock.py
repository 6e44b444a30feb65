"""The simulator's clock: real time at a chosen speed, which can be pushed forward."""

import time
from datetime import UTC, datetime


class Clock:
    """Seconds since the epoch, as the imitated Codat sees them."""

    def __init__(self, *, speed: float = 1.0, ahead_seconds: float = 0.0) -> None:
        self.speed = speed
        self._started = time.time()
        self._ahead = ahead_seconds

    @property
    def ahead_seconds(self) -> float:
        """How far this clock is before the real one; kept over a restart."""
        return self.now() - time.time()

    def now(self) -> float:
        return self._started + (time.time() - self._started) * self.speed + self._ahead

    def advance(self, seconds: float) -> None:
        self._ahead += seconds

    def real_seconds_until(self, moment: float) -> float:
        return max(0.0, (moment - self.now()) / self.speed)


def iso(moment: float) -> str:
    """UTC with seven digits of a second, the longest of the forms that Codat sends."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "4Z"
