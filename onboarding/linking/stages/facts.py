"""What is known of a company, as plain values, and what an assessment of it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta, tzinfo

from .words import ConnectionStage, LinkStatus, Reason, Stage


@dataclass(frozen=True)
class Timing:
    """Durations behind the judgements; the settings give them."""

    first_read_grace: timedelta = timedelta(seconds=120)
    stalled_after: timedelta = timedelta(hours=2)
    stopped_after: timedelta = timedelta(hours=1)
    loss_mail_after: timedelta = timedelta(minutes=30)
    repeat_reads_after: tuple[timedelta, ...] = (
        *(timedelta(minutes=15), timedelta(hours=2), timedelta(hours=8)),
    )
    """How long after each bad end of a needed read it is asked for again; then staff decide."""
    elsewhere_after: timedelta = timedelta(minutes=2)
    """How long after a linking the browser that left may take to come back."""
    remind_after: tuple[timedelta, ...] = (timedelta(days=2), timedelta(days=5), timedelta(days=10))
    """After how long without a step each reminder goes out; as many as there are, never more."""
    idle_refresh_time: timedelta = timedelta(days=3)
    """How long a refresh of an idle connection may take before its customer is asked to renew."""


@dataclass(frozen=True)
class ReadWindow:
    """The hours in which some software lets itself be read; at weekends all day, if so."""

    opens: time
    closes: time
    weekends: bool = True
    zone: tzinfo = UTC

    def is_open(self, at: datetime) -> bool:
        local = at.astimezone(self.zone)
        if self.weekends and local.weekday() >= _SATURDAY:
            return True
        now = local.time()
        if self.opens <= self.closes:
            return self.opens <= now < self.closes
        return now >= self.opens or now < self.closes

    def next_open(self, at: datetime) -> datetime:
        """The first moment from `at` on inside the window."""
        if self.is_open(at):
            return at
        local = at.astimezone(self.zone)
        midnight = datetime.combine(local.date() + timedelta(days=1), time(), self.zone)
        today = datetime.combine(local.date(), self.opens, self.zone)
        tomorrow = datetime.combine(midnight.date(), self.opens, self.zone)
        moments = (moment.astimezone(at.tzinfo) for moment in (today, midnight, tomorrow))
        return min(moment for moment in moments if moment > at and self.is_open(moment))


_SATURDAY = 5


@dataclass(frozen=True)
class OperationFacts:
    """One read of one data type (Codat: PullOperation)."""

    codat_id: str
    data_type: str
    status: str
    requested: datetime | None
    changed_at: datetime
    description: str = ""
    """Codat's `statusDescription`."""
    of_another: bool = False
    """It read a business that turned out not to be the customer's, and is still to be made."""


@dataclass(frozen=True)
class IdentityFacts:
    """The newest thing we know about whose company was granted."""

    read_after_link: bool
    confirmed: bool
    rejected: bool
    is_another: bool = False
    """By its identifiers it is not the business that was confirmed before."""
    doubled: bool = False
    """Another customer has its number, and staff have not compared the two yet."""


@dataclass(frozen=True)
class ConnectionFacts:
    id: int
    codat_id: str
    category: str
    source_type: str
    status: str
    linked_first_at: datetime | None = None
    linked_last_at: datetime | None = None
    one_time: bool = False
    """It is read once, and disconnects itself then, as planned."""
    is_offline: bool = False
    """The software runs on the customer's own computer (Codat: `isOfflineConnector`)."""
    read_window: ReadWindow | None = None
    needed: tuple[str, ...] = ()
    """The data types that must be read before all is ready; none: whatever Codat begins to read."""
    offered: frozenset[str] = frozenset()
    """The data types that Codat can read from this software; none: not known."""
    gone: bool = False
    was_confirmed: bool = False
    disconnected_by_customer: bool = False
    status_changed_at: datetime | None = None
    last_read_at: datetime | None = None
    idle_after: timedelta | None = None
    """Without a successful read for so long, the software may soon end the permission."""
    made_late: bool = False
    """Codat made it long after the customer asked, who was sent away with “we will e-mail you”."""
    word_wanted_at: datetime | None = None
    """The customer met trouble on our side then, and asked for a mail when it is over."""
    by_helper: bool = False
    """Somebody else was asked to sign in, and was the last to go to its sign-in page."""
    linked_elsewhere: bool = False
    """No browser of ours came back from the sign-in that linked it."""
    name_later: bool = False
    """The customer went on without a business name, to be asked later."""
    tried: bool = False
    """The customer went to its sign-in page at least once."""
    left_at: datetime | None = None
    """Somebody last went to its sign-in page at this moment."""
    unlinked_by_us: bool = False
    """We asked Codat to end the present linking, whoever of us wanted it, or have done so."""
    replaced: bool = False
    """The customer changed to other software, of a kind of which only one is read at a time."""
    returned_at: datetime | None = None
    """The customer last came back from its sign-in page then."""
    identity: IdentityFacts | None = None
    last_error_code: str = ""
    operations: tuple[OperationFacts, ...] = ()


@dataclass(frozen=True)
class InvitationFacts:
    expires_at: datetime
    opened: bool
    ended: bool
    declined: bool = False
    """Who got it said that it is not for them."""


@dataclass(frozen=True)
class Facts:
    required: tuple[str, ...]
    one_only: tuple[str, ...] = ()
    """Categories of which only one connection is read at a time: accounting."""
    connections: tuple[ConnectionFacts, ...] = ()
    closed: bool = False
    begun_at: datetime | None = None
    """A person opened a session first at this moment."""
    active_at: datetime | None = None
    """A person last did something at this moment."""
    invitation: InvitationFacts | None = None
    reads_listed_at: datetime | None = None
    """When the company's reads (pull operations) were last listed."""
    refused: bool = False
    mail_not_delivered: bool = False
    doubled_at_codat: bool = False
    """Codat has a second record with our mark for this company, and nobody has seen to it."""
    observed_at: datetime | None = None
    """Codat last answered a look at this moment."""
    waits_for_helper: bool = False
    """Somebody else was asked to sign in to something, with a link that still works."""
    not_listed: bool = False
    """The customer uses software that is not on offer, and waits to be contacted."""
    files_waiting: bool = False
    """The customer sent files that no member of staff has looked at."""
    deletion_asked: bool = False
    """The customer asked to delete what was read, and has no answer yet."""
    may_remind: bool = False
    """There is somebody to remind, who has not stopped our reminders."""
    asked_at: datetime | None = None
    """A link to begin or carry on was last made for the customer at this moment."""
    reminder_series: str = ""
    """What the reminders to finish belong to: a new link from staff begins a new series."""
    reminded: Mapping[str, tuple[int, datetime | None]] = field(default_factory=dict)
    """How many reminders each series has had, and when the last was planned or sent."""


@dataclass(frozen=True)
class PlannedWrite:
    """Something we now want of Codat; one open or finished row per (kind, target) is enough."""

    kind: str
    connection_id: int
    target: str
    data_type: str = ""


@dataclass(frozen=True)
class PlannedEmail:
    kind: str
    dedupe_key: str
    connection_id: int | None
    due_at: datetime | None = None
    """Not before this moment; None for at once."""


@dataclass(frozen=True)
class Assessment:
    stage: Stage
    link_status: LinkStatus
    connections: dict[int, ConnectionStage]
    categories: dict[str, ConnectionStage | None]
    problems: frozenset[tuple[Reason, int | None]]
    writes: tuple[PlannedWrite, ...] = ()
    emails: tuple[PlannedEmail, ...] = ()
    changes_at: datetime | None = None
    """The earliest moment at which the answer can change with nothing happening."""
    read_open: frozenset[int] = field(default_factory=frozenset)
    """Connections whose first read is still under way."""
