"""Beat's scheduler, which also tells that beat lives.

Beat's own messages cannot: they wait in Redis while the workers are down, and come when it is
over. A sign that beat leaves itself keeps the two failures apart.
"""

import time
from typing import Any

from celery.beat import PersistentScheduler

from onboarding.linking import heartbeat

INTERVAL_SECONDS = 1.0


class ReportingScheduler(PersistentScheduler):
    _reported_at = float("-inf")

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Called by beat at least every `CELERY_BEAT_MAX_LOOP_INTERVAL` seconds."""
        now = time.monotonic()
        if now - self._reported_at >= INTERVAL_SECONDS:
            self._reported_at = now
            heartbeat.record("beat")
        seconds: float = super().tick(*args, **kwargs)
        return seconds
