"""The words: stages of ours, statuses of Codat's, and how these group for people."""

import enum


class Stage(enum.StrEnum):
    """Of a company, from its required categories."""

    DRAFT = "draft"
    INVITED = "invited"
    STARTED = "started"
    AUTHORIZING = "authorizing"
    CONFIRMING = "confirming"
    READING = "reading"
    READY = "ready"
    LOST = "lost"
    CLOSED = "closed"


class ConnectionStage(enum.StrEnum):
    """Of one connection; ours, beside Codat's own status word."""

    AUTHORIZING = "authorizing"
    VERIFYING = "verifying"
    READING = "reading"
    READY = "ready"
    LOST = "lost"
    ENDED = "ended"
    GONE = "gone"


class LinkStatus(enum.StrEnum):
    """The four words of the companies list, derived for lists and filters."""

    BLANK = "Blank"
    PENDING = "PendingAuth"
    LINKED = "Linked"
    DEAUTHORISED = "Deauthorised"


class Reason(enum.StrEnum):
    """Why somebody should look; several may hold at once."""

    LINK_EXPIRED = "link_expired"
    NOT_THEIRS = "not_theirs"
    STOPPED = "stopped"
    CANCELLED = "cancelled"
    FAILED = "failed"
    NOT_SUPPORTED = "not_supported"
    FILES_SENT = "files_sent"
    WRONG_COMPANY = "wrong_company"
    LINKED_ELSEWHERE = "linked_elsewhere"
    IDENTITY_UNKNOWN = "identity_unknown"
    ACCESS_LOST = "access_lost"
    DISCONNECTED = "disconnected"
    DELETION_ASKED = "deletion_asked"
    ABOUT_TO_LAPSE = "about_to_lapse"
    READ_FAILED = "read_failed"
    READ_NEEDS_CUSTOMER = "read_needs_customer"
    READ_STALLED = "read_stalled"
    MACHINE_OFF = "machine_off"
    WAITING_FOR_DELEGATE = "waiting_for_delegate"
    POSSIBLE_DUPLICATE = "possible_duplicate"
    DOUBLED_AT_CODAT = "doubled_at_codat"
    REFUSED = "refused"
    MAIL_NOT_DELIVERED = "mail_not_delivered"


class Reading(enum.StrEnum):
    """Codat's dataset statuses, grouped in words a customer understands (FACTS 4.4)."""

    WAITING = "waiting"
    WORKING = "working"
    DONE = "done"
    NOT_OFFERED = "not_offered"
    NEEDS_CUSTOMER = "needs_customer"
    RETRYING = "retrying"


PENDING_AUTH, LINKED, UNLINKED, DEAUTHORIZED = "PendingAuth", "Linked", "Unlinked", "Deauthorized"


class Wait(enum.StrEnum):
    """Why reads of desktop software stand in the queue, and nobody did anything wrong."""

    COMPUTER = "computer"
    BUSINESS = "business"
    NIGHT = "night"


WAITING_FOR_COMPUTER = "Waiting for asynchronous response from third party"
"""Codat's `statusDescription` of a read that waits for the customer's own computer (FACTS 6.1)."""

NOT_BEGUN = "Initial"

_READING_OF_STATUS = {
    Reading.WAITING: (NOT_BEGUN, "Queued"),
    Reading.WORKING: (
        *("Fetching", "MapQueued", "Mapping", "ValidationQueued", "Validating"),
        *("ProcessingQueued", "Processing"),
    ),
    Reading.DONE: ("Complete",),
    Reading.NOT_OFFERED: ("NotSupported",),
    Reading.NEEDS_CUSTOMER: ("AuthError", "PermissionsError"),
    Reading.RETRYING: (
        *("FetchError", "MapError", "ValidationError", "ProcessingError", "InternalError"),
        *("RateLimitError", "PrerequisiteNotMet", "Cancelled"),
    ),
}
READING_OF_STATUS = {word: group for group, words in _READING_OF_STATUS.items() for word in words}


def reading_of(status: str) -> Reading:
    """The group of one of Codat's dataset words; a word we do not know counts as under way."""
    return READING_OF_STATUS.get(status, Reading.WORKING)


IDENTITY_DATA_TYPE = {"Accounting": "company", "Commerce": "commerce-companyInfo"}
"""Which data set tells whose company was granted, by source type; banking has none (FACTS 3.7)."""
