"""Signs of life of the workers and of beat, kept in Redis where every machine can read them.

The workers' is left by the sweep that they run, beat's by its scheduler. They are not rows: a
slow database must not make the workers look dead, nor the reverse.
"""

import logging
from typing import Literal

from django.conf import settings
from redis.exceptions import RedisError

from .shared_redis import shared_redis

logger = logging.getLogger(__name__)

Name = Literal["worker", "beat"]


def allowed_silence() -> float:
    """Seconds after which a heart counts as still.

    Three sweeps: one may be late and one lost. Never under 15 seconds, because short sweeps queue
    behind the turns that they hand out.
    """
    return max(15.0, 3 * float(settings.SWEEP_SECONDS))


def record(name: Name) -> None:
    """Losing Redis here is not the caller's problem: it is logged, and `/health/ready` tells."""
    try:
        shared_redis().set(_key(name), "alive", px=int(allowed_silence() * 1000))
    except RedisError as error:
        logger.warning("heartbeat_not_recorded %s %s", name, type(error).__name__)


def is_alive(name: Name) -> bool:
    """Raises RedisError when Redis does not answer."""
    return bool(shared_redis().exists(_key(name)))


def _key(name: Name) -> str:
    return f"linking:heartbeat:{name}"
