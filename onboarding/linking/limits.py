"""How often a public form may be sent: by its subject first, then by the sender's address."""

import hashlib
import ipaddress
import logging
from collections.abc import Callable
from functools import wraps
from math import ceil

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from redis.exceptions import RedisError

from onboarding.ui.page_before import page_before

from .shared_redis import shared_redis

logger = logging.getLogger(__name__)

CUSTOMERS_PAGE = "429.html"
PER_ADDRESS = 10
"""An office may sit behind one address: it may send so many times what one subject may."""


def client_address(request) -> str:
    """The sender's address behind `TRUSTED_PROXY_HOPS` proxies; IPv6 by its /64 network."""
    forwarded = [
        part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part
    ]
    hops = settings.TRUSTED_PROXY_HOPS
    address = request.META.get("REMOTE_ADDR", "")
    if hops and len(forwarded) >= hops:
        address = forwarded[-hops]
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if parsed.version == 6 and parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    if parsed.version == 6:
        return str(ipaddress.ip_network(f"{parsed}/64", strict=False))
    return str(parsed)


def is_over(name: str, key: str, *, times: int, seconds: int) -> bool:
    """Count one use; True when there were more than `times` in the present window.

    Without Redis nothing is counted and nobody is refused: a page matters more than a limit.
    """
    digest = hashlib.sha256(key.encode()).hexdigest()[:32]
    counter = f"linking:limit:{name}:{digest}"
    try:
        pipeline = shared_redis().pipeline()
        pipeline.set(counter, 0, ex=seconds, nx=True)
        pipeline.incr(counter)
        _, used = pipeline.execute()
    except RedisError as error:
        logger.warning("limit_not_counted %s", type(error).__name__)
        return False
    return used > times


def limit_posts(subject: Callable | None = None, *, name: str = "post", page: str = CUSTOMERS_PAGE):
    """Refuse a view's POSTs with 429 when one subject, or one address, sends too many.

    `subject(request, **kwargs)` names whom the form is about (a recipient, an invitation).
    """

    def decorate(view):
        @wraps(view)
        def limited(request, *args, **kwargs):
            if request.method != "POST":
                return view(request, *args, **kwargs)
            about = subject(request, **kwargs) if subject else None
            limit = settings.PUBLIC_POST_LIMIT
            refused = refusal(request, name=name, about=about, limit=limit, page=page)
            return refused or view(request, *args, **kwargs)

        return limited

    return decorate


def refusal(
    request, *, name: str, limit: str, about: str | None = None, page: str = CUSTOMERS_PAGE
) -> HttpResponse | None:
    """Count one use; `page` with 429 when there were too many of this subject, or this address.

    `limit` is written count/seconds. With a subject, an address may send ten times as many.
    """
    times, seconds = (int(part) for part in limit.split("/"))
    address = f"address:{client_address(request)}"
    uses = [(address, times)]
    if about:
        uses = [(f"subject:{about}", times), (address, times * PER_ADDRESS)]
    if not any(is_over(name, key, times=most, seconds=seconds) for key, most in uses):
        return None
    context = {"minutes": ceil(seconds / 60), "again_url": page_before(request)}
    response = render(request, page, context, status=429)
    response["Retry-After"] = str(seconds)
    return response
