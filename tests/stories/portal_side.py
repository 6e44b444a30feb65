"""Answers questions about the portal's rows, in a process with the portal's own settings.

One JSON line `[question, arguments]` in, one `{"answer": …}` or `{"error": traceback}` out.
"""

import json
import sys
import traceback
from collections.abc import Callable
from contextlib import ExitStack
from datetime import time, timedelta
from io import StringIO
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import close_old_connections, connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from onboarding.linking import tasks
from onboarding.linking.codat_client import for_worker
from onboarding.linking.models import (
    Company,
    ConsentText,
    CustomerSession,
    Invitation,
    Lane,
    LinkAttempt,
    OutgoingEmail,
    Platform,
)
from onboarding.linking.models.invitation import Purpose
from onboarding.linking.services import catalogue, invitations, onboarding


def prepare() -> None:
    """What the demo does before its first start, and what beat would do within six hours."""
    for command in (["migrate", "--no-input"], ["collectstatic", "--no-input"], ["seed_demo"]):
        call_command(*command, stdout=StringIO(), verbosity=0)
    catalogue.refresh_catalogue(for_worker(), now=timezone.now())
    catalogue.fetch_logos()


def order() -> dict[str, Any]:
    """Which lanes are at work now, and what `check_stages` finds in all others."""
    with transaction.atomic():
        at_work = Lane.objects.filter(Q(claim_token__isnull=False) | Q(due_at__lte=Now()))
        return {
            "at_work": at_work.filter(parked_reason="").count(),
            "parked": list(
                Lane.objects.exclude(parked_reason="").values_list("company", flat=True)
            ),
            "check_stages": _check_stages(),
        }


def _check_stages() -> str:
    """What the command itself says where anything differs, "" where nothing does."""
    said = StringIO()
    try:
        call_command("check_stages", stdout=said)
    except SystemExit:
        return said.getvalue()
    return ""


def companies(name: str) -> list[dict[str, Any]]:
    return [_described(company) for company in Company.objects.filter(true_name=name)]


def _described(company: Company) -> dict[str, Any]:
    problems = company.problems.filter(cleared_at__isnull=True)
    return {
        "uid": str(company.public_id),
        "codat_id": company.codat_id,
        "stage": company.stage,
        "connections": [
            {"codat_id": each.codat_id, "status": each.status, "stage": each.stage}
            for each in company.connections.present()
        ],
        "problems": sorted(problems.values_list("reason", flat=True)),
        "writes": [
            {"kind": each.kind, "attempts": each.attempts, "outcome": each.outcome}
            for each in company.writes.order_by("pk")
        ],
        "statuses_seen": list(
            company.history.filter(kind="status", subject="connection")
            .order_by("pk")
            .values_list("after", flat=True)
        ),
        "consents": company.consents.count(),
        "is_held": Lane.objects.get(company=company).claim_token is not None,
        "emails": [
            {"kind": each.kind, "sent": each.sent_at is not None, "parked": each.parked_reason}
            for each in OutgoingEmail.objects.filter(company=company).order_by("pk")
        ],
    }


def invite(name: str, email: str, manager: str = "manager@example.com") -> None:
    """A customer of this manager, who is sent a link to begin."""
    now = timezone.now()
    by = get_user_model().objects.get(email=manager)
    company = onboarding.register_company(
        true_name=name, email=email, origin=Company.Origin.STAFF, owner=by, by=by, now=now
    )
    invitations.invite(company=company, purpose=Purpose.ONBOARD, by=by, now=now)
    tasks.nudge_email()


def give_to(name: str, manager: str) -> None:
    company = Company.objects.get(true_name=name)
    owner = get_user_model().objects.get(email=manager)
    onboarding.reassign(company=company, owner=owner, by=owner, now=timezone.now())


def switch_platform(name: str, *, on: bool) -> None:
    """What staff do in the admin with “shown”."""
    Platform.objects.filter(name=name).update(shown=on)


def new_words(text: str) -> None:
    """What staff do in the admin with a new permission text; empty takes it away again."""
    ConsentText.objects.all().delete()
    if text:
        parts = ("purpose", "access", "account_information", "platform_data", "retention")
        ConsentText.objects.create(version=2, **dict.fromkeys(parts, text))


def set_read_hours(name: str, opens: int, closes: int) -> None:
    """What staff do in the admin with the hours of software that is not read at any time."""
    Platform.objects.filter(name=name).update(
        read_from=time(opens), read_until=time(closes), read_at_weekends=False
    )


def age_links(name: str, seconds: int) -> None:
    """As if the customer's links had been made so much earlier."""
    links = Invitation.objects.filter(company__true_name=name)
    links.update(created_at=F("created_at") - timedelta(seconds=seconds))


def end_links(name: str) -> None:
    """As if the customer's links had been mailed too long ago."""
    Invitation.objects.filter(company__true_name=name).update(expires_at=timezone.now())


def leave_alone(name: str) -> None:
    """As if nobody had touched the customer's browsers for an hour."""
    sessions = CustomerSession.objects.filter(company__true_name=name)
    sessions.update(used_at=F("used_at") - timedelta(hours=1))


def age_linking(name: str) -> None:
    """As if the customer had come back from the software three minutes earlier."""
    earlier = timedelta(minutes=3)
    connections = Company.objects.get(true_name=name).connections.present()
    connections.update(
        linked_first_at=F("linked_first_at") - earlier, linked_last_at=F("linked_last_at") - earlier
    )
    LinkAttempt.objects.filter(connection__in=connections).update(
        sent_at=F("sent_at") - earlier, returned_at=F("returned_at") - earlier
    )


def midnight(name: str) -> None:
    """What was to wait for the next day's allowance is due now."""
    company = Company.objects.get(true_name=name)
    company.writes.open().update(due_at=timezone.now())
    Lane.objects.filter(company=company).update(due_at=timezone.now())


def age_writes(name: str) -> None:
    """As if we had been trying for a minute more."""
    writes = Company.objects.get(true_name=name).writes.open()
    writes.update(key_made_at=F("key_made_at") - timedelta(minutes=1))


held = ExitStack()


def hold_database() -> None:
    """Others' writes wait until it is let go."""
    held.enter_context(transaction.atomic())  # on SQLite this is the one writer's place
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE linking_company, linking_lane IN EXCLUSIVE MODE")


def let_database_go() -> None:
    held.close()


ANSWERS: dict[str, Callable[..., Any]] = {
    each.__name__: each
    for each in (
        *(prepare, order, companies, invite, give_to, age_links, switch_platform, set_read_hours),
        *(new_words, end_links, leave_alone, age_writes, age_linking, midnight),
        *(hold_database, let_database_go),
    )
}


def serve() -> None:
    for line in sys.stdin:
        question, arguments = json.loads(line)
        close_old_connections()
        try:
            told = {"answer": ANSWERS[question](**arguments)}
        except Exception:  # noqa: BLE001 - whoever asked shall see it
            told = {"error": traceback.format_exc()}
        print(json.dumps(told), flush=True)
