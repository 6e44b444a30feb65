"""The one place where settings become a Codat client. Clients are per process and pooled."""

from functools import cache

from django.conf import settings

from onboarding.codat import Client, RetryPolicy

from .shared_quota import SharedQuota


@cache
def for_web() -> Client:
    """Short timeout, no retry: a browser is waiting. May spend the reserve."""
    return Client(
        settings.CODAT_API_KEY,
        settings.CODAT_BASE_URL,
        timeout=(3.05, settings.CODAT_WEB_TIMEOUT),
        retry=RetryPolicy.none(),
        quota=SharedQuota(for_customer=True),
    )


@cache
def for_worker(*, for_customer: bool = False) -> Client:
    """Longer timeout, short retries. `for_customer` may spend the reserve, as the web may."""
    return Client(
        settings.CODAT_API_KEY,
        settings.CODAT_BASE_URL,
        timeout=(3.05, settings.CODAT_WORKER_TIMEOUT),
        quota=SharedQuota(for_customer=for_customer),
    )
