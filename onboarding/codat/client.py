"""The client itself: the groups of operations on one transport."""

from __future__ import annotations

import requests

from .accounting import Accounting
from .companies import Companies
from .connections import Connections
from .expenses import Expenses
from .files import Files
from .financials import Financials
from .integrations import Integrations
from .quota import NoQuota, Quota
from .reading import Reading
from .retry import RetryPolicy
from .settings import Settings
from .transport import Transport
from .webhook_consumers import WebhookConsumers

PRODUCTION = "https://api.codat.io"


class Client(
    Integrations,
    Companies,
    Connections,
    Reading,
    Settings,
    Expenses,
    Accounting,
    Financials,
    Files,
    WebhookConsumers,
):
    """Codat's API: one method per operation, named after its operationId in snake case.

    `timeout` is (seconds to connect, seconds between two bytes of the answer). Without `retry`
    given, reads are repeated twice within seconds; `RetryPolicy.none()` turns that off. A client
    may be shared by threads, and survives a fork: each process opens its own sockets. A `session`
    given is used as it is.

    Every method raises a `CodatError`. `idempotency_key` is a GUID of the caller's; Codat replays
    the first answer to the same key for 90 minutes.
    """

    def __init__(
        self,
        api_key: str,
        base_url: str = PRODUCTION,
        *,
        timeout: tuple[float, float] = (3.05, 20.0),
        retry: RetryPolicy | None = None,
        quota: Quota | None = None,
        user_agent: str = "onboarding-portal",
        session: requests.Session | None = None,
    ) -> None:
        self._transport = Transport(
            api_key,
            base_url,
            timeout=timeout,
            retry=RetryPolicy() if retry is None else retry,
            quota=NoQuota() if quota is None else quota,
            user_agent=user_agent,
            session=session,
        )

    def close(self) -> None:
        """Close the pooled connections. The client may be used again afterwards."""
        self._transport.close()

    def __repr__(self) -> str:
        return f"Client(base_url={self._transport.base_url!r})"
