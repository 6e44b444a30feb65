"""Says in one line each what works and what is missing. Prints names, never a secret."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import redis
from django.conf import settings
from django.core import checks
from django.core.mail import get_connection
from django.core.management.base import BaseCommand
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from onboarding.codat import AuthenticationError, CodatError, ForbiddenError
from onboarding.linking import codat_client
from onboarding.linking.invitation_links import absolute_url
from onboarding.linking.services import deliveries
from onboarding.linking.shared_redis import shared_redis

MAX_SKEW = 60
"""Seconds. Webhook signatures are refused beyond five minutes, and links end by the clock."""

REDIRECT_QUERY = (
    "companyId={companyId}&connectionId={connectionId}&statusCode={statusCode}"
    "&errorMessage={errorMessage}&state={state}"
)
"""Codat fills in its own names; `state` comes back as we added it to the `linkUrl` (FACTS 5)."""


class Finding(NamedTuple):
    """One line of the report; `is_advice` is worth a look, and nothing is broken."""

    ok: bool
    what: str
    mend: str = ""
    is_advice: bool = False


class Command(BaseCommand):
    help = "Says what this deployment still needs to work with the real Codat, and how to mend it."
    requires_system_checks: list[str] = []  # they are the first thing it reports

    def handle(self, *args: Any, **options: Any) -> None:
        findings = [finding for check in EXAMINATIONS for finding in check()]
        for finding in findings:
            self._print(finding)
        self._print_settings_for_codat()
        wrong = sum(not finding.ok for finding in findings)
        if wrong:
            self.stdout.write(f"{wrong} of {len(findings)} need attention.")
            raise SystemExit(1)
        self.stdout.write("Done! Everything answers.")

    def _print(self, finding: Finding) -> None:
        mark = self.style.SUCCESS("✓") if finding.ok else self.style.ERROR("✗")
        if finding.is_advice:
            mark = self.style.WARNING("!")
        mend = (
            f" → {finding.mend}" if finding.mend and (finding.is_advice or not finding.ok) else ""
        )
        self.stdout.write(f"{mark} {finding.what}{mend}")

    def _print_settings_for_codat(self) -> None:
        self.stdout.write("  In Codat's Portal, as redirect: " + redirect_template())
        self.stdout.write("  In Codat's Portal, as webhook consumer: " + deliveries.webhook_url())


def redirect_template() -> str:
    return absolute_url("/link/return") + "?" + REDIRECT_QUERY


def system_checks() -> Iterator[Finding]:
    messages = [message for message in checks.run_checks() if message.level >= checks.WARNING]
    for message in messages:
        serious = message.is_serious()
        what = f"{message.id}: {message.msg}"
        yield Finding(not serious, what, message.hint or "", is_advice=not serious)
    if not any(message.is_serious() for message in messages):
        yield Finding(True, "System checks pass")


def database() -> Iterator[Finding]:
    mend = "start it, and check DATABASE_URL"
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        yield Finding(False, f"Database: no answer ({type(error).__name__})", mend)
        return
    yield Finding(True, f"Database answers ({connection.vendor})")
    if waiting:
        what = f"Database: {len(waiting)} migrations are missing"
        yield Finding(False, what, "run manage.py migrate")


def redis_answers() -> Iterator[Finding]:
    try:
        shared_redis().ping()
    except redis.RedisError as error:
        what = f"Redis: no answer ({type(error).__name__})"
        yield Finding(False, what, "start it, and check REDIS_URL")
    else:
        yield Finding(True, "Redis answers")


def codat_key() -> Iterator[Finding]:
    if not settings.CODAT_API_KEY:
        yield Finding(False, "Codat: no API key", "set CODAT_API_KEY from Codat's Portal")
        return
    host = settings.CODAT_BASE_URL
    try:
        codat_client.for_worker().get_profile_sync_settings()
    except (AuthenticationError, ForbiddenError) as error:
        what = f"Codat refuses the key at {host} ({error.status_code})"
        yield Finding(False, what, "copy CODAT_API_KEY anew; is it of this instance?")
    except CodatError as error:
        what = f"Codat: no good answer from {host} ({type(error).__name__})"
        yield Finding(False, what, "check CODAT_BASE_URL and the way out to the internet")
    else:
        yield Finding(True, f"Codat accepts the key at {host}")


def webhook_secret() -> Iterator[Finding]:
    count = len(settings.CODAT_WEBHOOK_SECRETS)
    yield Finding(
        count > 0,
        f"Webhook signing secrets: {count}",
        f"register {deliveries.webhook_url()} in Codat's Portal, "
        "put its secret in CODAT_WEBHOOK_SECRETS",
    )


def webhook_consumer() -> Iterator[Finding]:
    if not settings.CODAT_API_KEY:
        return  # reported above
    try:
        ours = deliveries.our_consumers(codat_client.for_worker())
    except CodatError:
        return  # reported above
    if not ours:
        what = f"Codat has no webhook consumer with the address {deliveries.webhook_url()}"
        mend = "register it in Codat's Portal, unless something else passes webhooks on"
        yield Finding(True, what, mend, is_advice=True)
        return
    yield Finding(
        not all(each.disabled for each in ours),
        "Codat delivers webhooks to us, as far as it is set up there",
        "Codat has disabled our webhook consumer: enable it in Codat's Portal",
    )


def mail() -> Iterator[Finding]:
    backend = settings.EMAIL_BACKEND.rsplit(".", 2)[-2]
    if backend != "smtp":
        what = f"Mail reaches nobody: it goes to {backend}"
        yield Finding(settings.DEMO, what, "set EMAIL_URL to a mail server")
        return
    try:
        mailer = get_connection()
        mailer.open()
        mailer.close()
    except OSError as error:
        what = f"Mail: no answer from {settings.EMAIL_HOST} ({type(error).__name__})"
        yield Finding(False, what, "check EMAIL_URL and the mail server")
    else:
        yield Finding(True, f"Mail can be handed over to {settings.EMAIL_HOST}")


def clock() -> Iterator[Finding]:
    for name, skew in (("database", database_skew), ("Redis", redis_skew)):
        try:
            seconds = skew()
        except (DatabaseError, redis.RedisError):
            continue  # reported above
        yield Finding(
            abs(seconds) <= MAX_SKEW,
            f"Clock: {abs(seconds):.0f} s away from the {name}'s",
            "keep every machine's clock right with NTP",
        )


def database_skew() -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT CURRENT_TIMESTAMP")
        told = cursor.fetchone()[0]
    if isinstance(told, str):  # SQLite answers in text, in UTC
        told = timezone.make_aware(datetime.fromisoformat(told), UTC)
    return (timezone.now() - told).total_seconds()


def redis_skew() -> float:
    seconds, microseconds = shared_redis().time()
    return time.time() - (seconds + microseconds / 1e6)


def link_keys() -> Iterator[Finding]:
    given = settings.LINK_KEYS_GIVEN
    what = (
        f"Keys that sign mailed links: {len(settings.LINK_KEYS) if given else 'none of their own'}"
    )
    yield Finding(given or settings.DEMO, what, "set LINK_KEYS to a long random text")


EXAMINATIONS: tuple[Callable[[], Iterator[Finding]], ...] = (
    *(system_checks, database, redis_answers, codat_key),
    *(webhook_secret, webhook_consumer, mail, clock, link_keys),
)
