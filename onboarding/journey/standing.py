"""How the connection stands that a customer dealt with last: what the progress page has to say."""

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Final

from django.conf import settings
from django.utils.dateparse import parse_datetime

from onboarding.linking import stages
from onboarding.linking.models import (
    Company,
    CompanyIdentity,
    Connection,
    CustomerSession,
    LinkAttempt,
    Platform,
)
from onboarding.linking.models.invitation import Way, way_linked
from onboarding.linking.on_offer import on_offer
from onboarding.linking.reads_that_count import reads_of
from onboarding.linking.services import identity, leaving
from onboarding.linking.stages import (
    LINKED,
    PENDING_AUTH,
    ConnectionStage,
    OperationFacts,
    Reading,
    Stage,
    Wait,
)

from .steps import address

NEVER: Final = datetime.min.replace(tzinfo=UTC)
SLOW_AFTER: Final = timedelta(minutes=2)
"""After so long without a name, a customer is told that it takes longer than usual."""


class Kind(enum.StrEnum):
    """What the progress page says. The first few send the customer to another page instead."""

    CHOOSE = "choose"
    CONFIRM = "confirm"
    DONE = "done"

    COMPUTER = "computer"

    CHECKING = "checking"
    CANCELLED = "cancelled"
    FAILED = "failed"
    NOT_SUPPORTED = "not_supported"
    UNHEARD = "unheard"
    UNCHANGED = "unchanged"
    ALREADY = "already"
    NAMING = "naming"
    SLOW = "slow"
    ELSEWHERE = "elsewhere"
    READING = "reading"
    MACHINE_OFF = "machine_off"
    OPEN_BUSINESS = "open_business"
    NIGHT = "night"
    RETRYING = "retrying"
    NEEDS_SIGN_IN = "needs_sign_in"
    NEEDS_ADMIN = "needs_admin"
    READ = "read"
    READ_ONCE = "read_once"
    REJECTING = "rejecting"
    REJECTED = "rejected"
    OTHER_BUSINESS = "other_business"
    COMPARING = "comparing"
    LOST = "lost"
    ENDED = "ended"


OTHER_PAGES: Final = {
    Kind.CHOOSE: "choose",
    Kind.CONFIRM: "confirm",
    Kind.DONE: "done",
    Kind.COMPUTER: "waiting",
}
RESTING: Final = {
    *(Kind.ALREADY, Kind.READ, Kind.READ_ONCE, Kind.REJECTED, Kind.OTHER_BUSINESS),
    *(Kind.LOST, Kind.ENDED, Kind.NEEDS_SIGN_IN, Kind.NEEDS_ADMIN, Kind.COMPARING),
}
"""What only a person changes. All else may turn out differently: even a cancelled sign-in."""


@dataclass(frozen=True)
class DataTypeProgress:
    data_type: str
    reading: Reading


@dataclass(frozen=True)
class Progress:
    kind: Kind
    connection: Connection | None = None
    identity: CompanyIdentity | None = None
    """What was rejected, stopped or held; its name is for this browser only where `is_shown`."""
    is_shown: bool = True
    data_types: list[DataTypeProgress] = field(default_factory=list)
    left_behind: Connection | None = None
    """What the customer changed from, while the new software is not connected yet."""
    platform: Platform | None = None
    """Only where the words need it: software on the customer's own computer."""

    @property
    def waits(self) -> bool:
        return self.kind not in RESTING

    @property
    def ends_soon(self) -> bool:
        """The question whose business it is comes next, usually within seconds."""
        return self.kind in (Kind.CHECKING, Kind.NAMING)

    def other_page(self, company: Company) -> str:
        """Where to go instead; empty where the progress page itself has the words."""
        page = OTHER_PAGES.get(self.kind, "")
        if self.kind is Kind.COMPUTER and self.connection:
            return address(page, company, self.connection.platform_key)
        return address(page, company) if page else ""


def progress_of(
    company: Company, *, now: datetime, session: CustomerSession | None = None
) -> Progress:
    """What is true of the connection that the customer dealt with last; reads rows only."""
    attempt = leaving.latest_attempt(company=company)
    present = list(company.connections.present().prefetch_related("identities"))
    connection = _connection_in_question(present, attempt)
    if connection is None or (attempt is None and connection.status == PENDING_AUTH):
        return Progress(Kind.DONE if company.stage == Stage.READY else Kind.CHOOSE)
    if identity.awaiting_of(present, session=session) is not None:
        return Progress(Kind.CONFIRM, connection)
    if attempt and attempt.connection_id != connection.pk:
        attempt = None
    stopped = _rejected(connection, attempt) or _held(connection)
    is_shown = identity.may_answer(session=session, connection=connection)
    if stopped:
        return Progress(_kind_of_stop(stopped), connection, stopped, is_shown)
    if connection.status == LINKED or _was_read_once(connection):
        if not is_shown and _is_from_elsewhere(connection, now):
            return Progress(Kind.ELSEWHERE, connection, is_shown=False)
        return _while_linked(company, connection, attempt, now)
    kind = _kind_while_not_linked(connection, attempt)
    if kind in (Kind.CHECKING, Kind.UNHEARD) and _platform_of(connection).needs_computer:
        kind = Kind.COMPUTER
    return Progress(kind, connection, left_behind=_left_behind(company, connection))


def _held(connection: Connection) -> CompanyIdentity | None:
    """What the customer said is theirs, and staff compare with another customer's first."""
    latest = connection.identity
    is_open = connection.stage == ConnectionStage.VERIFYING
    return latest if is_open and latest is not None and latest.is_held else None


def _left_behind(company: Company, connection: Connection) -> Connection | None:
    if connection.status != PENDING_AUTH:
        return None
    switched = company.history.switched()
    gone_from = company.connections.present().filter(pk__in=switched).exclude(status=LINKED)
    return gone_from.filter(source_type=connection.source_type).last()


def _kind_of_stop(stopped: CompanyIdentity) -> Kind:
    if stopped.is_held:
        return Kind.COMPARING
    if stopped.connection.status == LINKED:
        return Kind.REJECTING
    return Kind.OTHER_BUSINESS if stopped.is_another else Kind.REJECTED


def _is_from_elsewhere(connection: Connection, now: datetime) -> bool:
    """Long enough ago that the browser which left would be back; a helper's never comes."""
    if connection.stage != ConnectionStage.VERIFYING or connection.linked_last_at is None:
        return False
    if connection.identity is not None and _platform_of(connection).needs_computer:
        return True  # the connector connects it, and no browser ever comes back
    wait = timedelta(seconds=settings.LINKED_ELSEWHERE_SECONDS)
    return way_linked(connection) == Way.HELPER or now - connection.linked_last_at >= wait


def _was_read_once(connection: Connection) -> bool:
    """It disconnected itself as planned, with a name to confirm or with nothing left to do."""
    stages_left = (ConnectionStage.VERIFYING, ConnectionStage.READY)
    return connection.one_time and connection.stage in stages_left


def _platform_of(connection: Connection) -> Platform:
    known = on_offer().known_platform(connection.platform_key)
    return known or Platform(name=connection.platform_name)


def _rejected(connection: Connection, attempt: LinkAttempt | None) -> CompanyIdentity | None:
    """The business the customer said is not theirs, until they go to the software again."""
    latest = connection.identity
    if latest is None or not latest.rejected_at:
        return None
    return None if attempt and attempt.sent_at > latest.rejected_at else latest


def _connection_in_question(
    present: Sequence[Connection], attempt: LinkAttempt | None
) -> Connection | None:
    """The one tried last, else the newest that is linked, else the newest."""
    newest_first = [each for each in reversed(present) if each.role == Connection.Role.SOURCE]
    tried = (each for each in newest_first if attempt and each.pk == attempt.connection_id)
    linked = (each for each in newest_first if each.status == LINKED)
    return next(chain(tried, linked, newest_first), None)


def _while_linked(
    company: Company, connection: Connection, attempt: LinkAttempt | None, now: datetime
) -> Progress:
    linked_at = connection.linked_last_at
    if attempt and attempt.returned_at and linked_at and linked_at < attempt.sent_at:
        if attempt.was_linked:  # whose business was chosen this time is still to be read
            return Progress(Kind.NAMING, connection)
        if attempt.return_hint == "201":
            return Progress(Kind.ALREADY, connection)
    if connection.stage != ConnectionStage.READY:
        operations = reads_of(connection)
        waiting = _waiting_for_computer(connection, operations, now)
        if waiting:
            return waiting
    if connection.stage == ConnectionStage.VERIFYING:
        slow = linked_at is not None and now - linked_at > SLOW_AFTER
        return Progress(Kind.SLOW if slow else Kind.NAMING, connection)
    if connection.stage == ConnectionStage.READY:
        # The company was loaded first: a turn that ended in between would leave the page waiting.
        company.refresh_from_db(fields=["stage"])
        ready = company.stage == Stage.READY
        read = Kind.READ if connection.status == LINKED else Kind.READ_ONCE
        return Progress(Kind.DONE if ready else read, connection)
    return Progress(_kind_of_reading(operations), connection, data_types=data_types_of(operations))


_KIND_OF_WAIT = {
    Wait.COMPUTER: Kind.MACHINE_OFF,
    Wait.BUSINESS: Kind.OPEN_BUSINESS,
    Wait.NIGHT: Kind.NIGHT,
}


def _waiting_for_computer(
    connection: Connection, operations: list[OperationFacts], now: datetime
) -> Progress | None:
    """Nobody did anything wrong: the computer is off, or its software is read at night.

    What Codat has begun waits as well then (`stages.waiting_for`), and is told so.
    """
    platform = _platform_of(connection)
    wait = stages.waiting_for(
        operations,
        is_offline=platform.is_offline,
        window=platform.read_window,
        now=now,
    )
    if wait is None:
        return None
    kinds = [
        DataTypeProgress(each.data_type, Reading.WAITING)
        if each.reading is Reading.WORKING
        else each
        for each in data_types_of(operations)
    ]
    return Progress(_KIND_OF_WAIT[wait], connection, data_types=kinds, platform=platform)


def _kind_of_reading(operations: list[OperationFacts]) -> Kind:
    """One that goes on speaks for all; then what the customer can mend, then what we try again."""
    readings = {each.reading for each in data_types_of(operations)}
    if readings & {Reading.WAITING, Reading.WORKING}:
        return Kind.READING
    if Reading.NEEDS_CUSTOMER in readings:
        newest = stages.newest_reads(operations).values()
        signed_out = any(operation.status == "AuthError" for operation in newest)
        return Kind.NEEDS_SIGN_IN if signed_out else Kind.NEEDS_ADMIN
    return Kind.RETRYING if Reading.RETRYING in readings else Kind.READING


def _kind_while_not_linked(connection: Connection, attempt: LinkAttempt | None) -> Kind:
    """What we read wins: a failure that Codat reports since the hop beats the redirect's word."""
    fresh = attempt is not None and _is_after(attempt.sent_at, connection.linked_last_at)
    if connection.status != PENDING_AUTH and not fresh:
        is_loss = connection.stage == ConnectionStage.LOST and not _was_wanted(connection)
        return Kind.LOST if is_loss else Kind.ENDED
    code = _failure_since(connection, attempt.sent_at if attempt else None)
    hint = code or (attempt.return_hint if attempt else "")
    return {
        "200": Kind.CHECKING,
        "201": Kind.UNCHANGED,
        "403": Kind.CANCELLED,
        "500": Kind.FAILED,
        "501": Kind.NOT_SUPPORTED,
    }.get(hint, Kind.FAILED if code else Kind.UNHEARD)


def _was_wanted(connection: Connection) -> bool:
    """The customer disconnected it: nobody took anything away from them."""
    return connection.problems.open().filter(reason=stages.Reason.DISCONNECTED).exists()


def _is_after(moment: datetime, other: datetime | None) -> bool:
    return other is None or moment > other


def _failure_since(connection: Connection, sent_at: datetime | None) -> str:
    """The `statusCode` of Codat's newest `dataConnectionErrors` row since the hop; often empty.

    Codat may write whole seconds. What has no time that can be read may be of an earlier hop.
    """
    since = (sent_at or NEVER).replace(microsecond=0)
    failures = [
        (parse_datetime(error.get("erroredOnUtc") or "") or NEVER, str(error.get("statusCode", "")))
        for error in connection.errors
        if error.get("status") != "Resolved"
    ]
    at, code = max(failures, default=(NEVER, ""))
    return code if at >= since else ""


def data_types_of(operations: Iterable[OperationFacts]) -> list[DataTypeProgress]:
    """How the first read of each data type stands, the business details first."""
    reads = stages.first_read(operations)
    identifying = set(stages.IDENTITY_DATA_TYPE.values())
    ordered = sorted(reads, key=lambda data_type: (data_type not in identifying, data_type))
    return [DataTypeProgress(data_type, reads[data_type]) for data_type in ordered]
