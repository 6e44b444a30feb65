"""One connection pool to Redis per process. Everything kept there may vanish at any moment."""

from functools import cache

import redis
from django.conf import settings


@cache
def shared_redis() -> redis.Redis:
    """A client that gives up quickly: callers must cope with `redis.RedisError` at any call."""
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=0.3, socket_timeout=0.5, decode_responses=True
    )
