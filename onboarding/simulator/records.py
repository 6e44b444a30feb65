"""What the world is made of. Plain records; every field can be written as JSON.

Moments are seconds since the epoch on the simulator's clock unless a comment says otherwise.
"""

from dataclasses import dataclass, field
from typing import Any

FINAL_ERRORS = frozenset(
    {
        "FetchError",
        "MapError",
        "InternalError",
        "ProcessingError",
        "ValidationError",
        "AuthError",
        "RateLimitError",
        "PermissionsError",
        "PrerequisiteNotMet",
    }
)
FINAL = FINAL_ERRORS | {"Complete", "NotSupported", "Cancelled"}
WORKING = (
    "Fetching",
    "MapQueued",
    "Mapping",
    "ValidationQueued",
    "Validating",
    "ProcessingQueued",
    "Processing",
)
DATASET_STATUSES = FINAL | {"Initial", "Queued"} | set(WORKING)


@dataclass
class Company:
    id: str
    name: str
    created: float
    description: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    products: list[str] = field(default_factory=list)
    created_by: str = "Portal API key"
    # What a login at the platform can see; filled when first needed.
    organisations: list[dict[str, Any]] = field(default_factory=list)
    # None: the profile's settings apply.
    sync_settings: list[dict[str, Any]] | None = None
    overrides_defaults: bool = False
    expense_configuration: dict[str, Any] | None = None
    hidden_until: float = 0.0


@dataclass
class Connection:
    id: str
    company_id: str
    platform_key: str
    source_id: str
    platform_name: str
    created: float
    status: str = "PendingAuth"
    errors: list[dict[str, Any]] = field(default_factory=list)
    # Unused one-time passwords and the moment each was issued.
    otps: dict[str, float] = field(default_factory=dict)
    granted: dict[str, Any] | None = None
    linked_at: float | None = None
    first_linked_at: float | None = None
    # What the last completed read of the company's details found, and when it completed.
    identity: dict[str, Any] | None = None
    identity_read_at: float | None = None
    last_sync: float | None = None
    # The token lapses when nothing has used it for long.
    token_used_at: float | None = None
    first_fetch_at: float | None = None
    initial_reads: list[str] = field(default_factory=list)
    initial_announced: bool = False
    machine_on: bool = True
    machine_installed: bool = False
    # What the connector on the customer's computer complains about; "" when nothing.
    connector_trouble: str = ""
    desktop_secret: str = ""
    one_time: bool = False
    hidden_until: float = 0.0


@dataclass
class PullOperation:
    id: str
    company_id: str
    connection_id: str
    data_type: str
    requested: float
    duration: float
    # The status that it will end in.
    ends_as: str = "Complete"
    # None: waits for the customer's machine or window, in this status.
    started: float | None = None
    waits_as: str = "Queued"
    # Put into this state from outside, and kept there.
    held: str | None = None
    status_description: str | None = None
    paused_until: float | None = None
    completed: float | None = None
    final_status: str | None = None
    error_message: str | None = None
    # A read keeps the organisation that was granted when it was requested.
    organisation: dict[str, Any] | None = None
    link_moment: float | None = None

    @property
    def ends_at(self) -> float | None:
        if self.completed is not None or self.held or self.started is None:
            return None
        return (self.paused_until or self.started) + self.duration

    def status_at(self, now: float) -> str:
        if self.final_status:
            return self.final_status
        if self.held:
            return self.held
        if self.started is None:
            return self.waits_as
        if now < self.started:
            return "Queued"
        if self.paused_until and now < self.paused_until:
            return "Fetching"
        done = self._done_at(now)
        # Most of the time goes into fetching; the other steps share the rest.
        step = 0 if done < 0.7 else 1 + int((done - 0.7) / 0.3 * (len(WORKING) - 1))
        return WORKING[min(step, len(WORKING) - 1)]

    def progress_at(self, now: float) -> int:
        if self.final_status == "Complete":
            return 100
        return min(95, int(self._done_at(now) * 100))

    def _done_at(self, now: float) -> float:
        began = self.paused_until or self.started
        if began is None or now < began:
            return 0.0
        return (now - began) / self.duration if self.duration else 1.0


@dataclass
class UploadedFile:
    id: str
    company_id: str
    connection_id: str
    name: str
    uploaded: float
    # Base64.
    content: str


@dataclass
class LinkSession:
    """One visit to the platform's sign-in."""

    id: str
    company_id: str
    connection_id: str
    opened: float
    # The Link URL's own query parameters, for the redirect template.
    parameters: dict[str, str] = field(default_factory=dict)
    outcome: str | None = None
    organisation: str | None = None
    return_url: str | None = None


@dataclass
class Consumer:
    id: str
    url: str
    secret: str
    event_types: list[str]
    disabled: bool = False
    company_tags: list[str] | None = None
    failing_since: float | None = None


@dataclass
class Delivery:
    """One event on its way to one consumer; the id is the `webhook-id` header."""

    id: str
    consumer_id: str
    event_type: str
    company_id: str | None
    connection_id: str | None
    body: str
    created: float
    due: float | None
    attempts: int = 0
    # Troubles of delivery (dropped, late) are drawn once.
    drawn: bool = False
    outcome: str = "pending"
    last_status: int | None = None


@dataclass
class IdempotentAnswer:
    """The first answer given under an `Idempotency-Key`."""

    id: str
    fingerprint: str
    status: int
    body: str
    content_type: str
    at: float
