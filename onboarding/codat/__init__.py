"""A client of the Codat API: requests, standardwebhooks and the standard library, no Django.

    from onboarding.codat import Client

    client = Client(api_key="…")
    for integration in client.list_integrations():
        print(integration.key, integration.name)

Results are frozen dataclasses (`types`), failures a family of errors sorted by what a caller can
do (`errors`), lists are fetched page by page as they are read.
"""

from .client import Client
from .companies import allowed_name
from .errors import (
    AccountLimitError,
    AuthenticationError,
    CodatError,
    ConflictError,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    RateLimitError,
    ServerError,
    UnexpectedResponseError,
    UnreachableError,
)
from .fields import parse_timestamp
from .query import Query, where
from .quota import NoQuota, Quota
from .retry import Outcome, RetryPolicy
from .types import (
    Address,
    Company,
    CompanyInfo,
    Connection,
    DataConnectionError,
    DatasetStatus,
    DataTypeFeature,
    Integration,
    PullOperation,
    SyncSetting,
    SyncSettings,
)
from .webhook_consumers import WebhookConsumer
from .webhooks import (
    Event,
    MalformedEventError,
    SignatureError,
    parse_event,
    verify_signature,
)

__all__ = [
    "AccountLimitError",
    "Address",
    "AuthenticationError",
    "Client",
    "CodatError",
    "Company",
    "CompanyInfo",
    "ConflictError",
    "Connection",
    "DataConnectionError",
    "DataTypeFeature",
    "DatasetStatus",
    "Event",
    "ForbiddenError",
    "Integration",
    "InvalidRequestError",
    "MalformedEventError",
    "NoQuota",
    "NotFoundError",
    "Outcome",
    "PullOperation",
    "Query",
    "Quota",
    "RateLimitError",
    "RetryPolicy",
    "ServerError",
    "SignatureError",
    "SyncSetting",
    "SyncSettings",
    "UnexpectedResponseError",
    "UnreachableError",
    "WebhookConsumer",
    "allowed_name",
    "parse_event",
    "parse_timestamp",
    "verify_signature",
    "where",
]
