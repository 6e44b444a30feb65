"""What the tests of `assess` know of a company, briefly written; all of it at one moment."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from onboarding.linking.stages import (
    WAITING_FOR_COMPUTER,
    ConnectionFacts,
    Facts,
    IdentityFacts,
    InvitationFacts,
    OperationFacts,
    ReadWindow,
)

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
LINKED_AT = NOW - timedelta(minutes=5)
CONFIRMED = IdentityFacts(read_after_link=True, confirmed=True, rejected=False)
SHOWN = IdentityFacts(read_after_link=True, confirmed=False, rejected=False)
REJECTED = IdentityFacts(read_after_link=True, confirmed=False, rejected=True)
ANOTHER = replace(REJECTED, is_another=True)
OUTDATED = IdentityFacts(read_after_link=False, confirmed=True, rejected=False)
LIVE_LINK = InvitationFacts(expires_at=NOW + timedelta(days=3), opened=False, ended=False)


def ago(**parts):
    return NOW - timedelta(**parts)


def read(data_type="company", status="Complete", **fields):
    defaults = {"codat_id": f"{data_type}-{status}", "requested": ago(minutes=4)}
    defaults |= {"changed_at": ago(minutes=3)}
    return OperationFacts(data_type=data_type, status=status, **{**defaults, **fields})


def connection(status="PendingAuth", id=1, **fields):  # noqa: A002 - the facts' own name
    defaults = {"codat_id": f"c{id}", "category": "accounting", "source_type": "Accounting"}
    if status != "PendingAuth":
        defaults |= {"linked_first_at": LINKED_AT, "linked_last_at": LINKED_AT}
    return ConnectionFacts(id=id, status=status, **{**defaults, **fields})


def linked(**fields):
    return connection("Linked", **fields)


def ready(**fields):
    return linked(
        **{"identity": CONFIRMED, "was_confirmed": True, "operations": (read(),)} | fields
    )


def read_once(status="Deauthorized", **fields):
    """Software that disconnects itself once it has been read."""
    defaults = {"one_time": True, "was_confirmed": True, "identity": CONFIRMED}
    return connection(status, **{**defaults, "operations": (read(),), **fields})


def facts(*connections, **fields):
    return Facts(
        required=fields.pop("required", ("accounting",)), connections=connections, **fields
    )


def reasons(assessment):
    return {reason for reason, _ in assessment.problems}


STALLED = read("company", "Fetching", changed_at=ago(hours=3), requested=ago(hours=3))
QUEUED = read("invoices", "Queued", changed_at=ago(hours=3), requested=ago(hours=3))
UNANSWERED = replace(QUEUED, status="Fetching", description=WAITING_FOR_COMPUTER)
NIGHTS = ReadWindow(time(19), time(7))


def at_night(**fields):
    return ready(is_offline=True, read_window=NIGHTS, **fields)
