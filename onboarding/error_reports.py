"""Errors reported to Sentry where `SENTRY_DSN` says so; without it nothing is imported or sent.

A report says where the code broke and nothing about who was there: no bodies, headers, cookies,
queries, breadcrumbs or local variables, and what is left is searched for addresses and tokens.
"""

import logging
import re
from typing import Any
from urllib.parse import urlsplit

_SECRETS = [
    # The one-time parts of our own addresses: a mailed link, a new password for staff.
    (re.compile(r"(/i/)[^/\s\"'?]+"), r"\1[link]"),
    (re.compile(r"(/accounts/reset/)[^\s\"'?]+"), r"\1[link]"),
    # Whatever follows an address: states, one-time passwords, what a customer searched for.
    (re.compile(r"(\bhttps?://[^\s\"'?#]+)[?#][^\s\"']+"), r"\1?[query]"),
    (re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+"), "[e-mail]"),
    (re.compile(r"whsec_[\w+/=-]+"), "[secret]"),
    (re.compile(r"\b(Basic|Bearer) [\w+/=.-]+"), r"\1 [secret]"),
]


def is_understood(dsn: str) -> bool:
    """Whether it is an address as Sentry gives it: `https://KEY@HOST/PROJECT`."""
    parts = urlsplit(dsn)
    project = parts.path.rpartition("/")[2]
    return bool(
        parts.scheme in ("http", "https")
        and parts.username
        and parts.hostname
        and project.isdecimal()
    )


def start(dsn: str, *, environment: str) -> bool:
    """Report errors from now on. False, and nothing done, where that cannot be."""
    try:
        import sentry_sdk  # noqa: PLC0415 - an optional part
        from sentry_sdk.integrations.celery import CeleryIntegration  # noqa: PLC0415 - as above
        from sentry_sdk.integrations.django import DjangoIntegration  # noqa: PLC0415 - as above
    except ImportError:
        return False
    if not is_understood(dsn):
        return False
    sentry_sdk.init(
        dsn=dsn,
        environment=environment,
        before_send=scrub,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        auto_session_tracking=False,
        send_client_reports=False,
        auto_enabling_integrations=False,
        integrations=[DjangoIntegration(), CeleryIntegration()],
    )
    return True


def scrub(event: Any, _hint: Any = None) -> Any:
    """The event without who asked and with what, and with every secret in its texts covered."""
    for name in ("user", "breadcrumbs", "modules"):
        event.pop(name, None)
    request = event.get("request", {})
    event["request"] = {name: request[name] for name in ("method", "url") if name in request}
    # Arguments of commands and tasks, such as an address to mail to.
    event.pop("extra", None)
    return _covered(event)


class CoverSecrets(logging.Filter):
    """For lines of a log that others word: Django's name the path of each request it refuses."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = _covered(record.getMessage()), None
        return True


def _covered(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _covered(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_covered(each) for each in value]
    if isinstance(value, str):
        for secret, cover in _SECRETS:
            value = secret.sub(cover, value)
    return value
