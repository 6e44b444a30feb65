"""Where a company and its connections stand: the words, the facts, the function that decides.

Nothing here knows the database or the clock: facts come in as plain values, `now` is passed,
and `assess` always gives the same answer for the same facts.
"""

from .assessing import assess, category_stage, company_stage, link_status
from .connections import (
    connection_stage,
    first_read,
    has_begun_reading,
    is_rejected,
    linking_episode,
)
from .facts import (
    Assessment,
    ConnectionFacts,
    Facts,
    IdentityFacts,
    InvitationFacts,
    OperationFacts,
    PlannedEmail,
    PlannedWrite,
    Timing,
)
from .words import (
    DEAUTHORIZED,
    IDENTITY_DATA_TYPE,
    LINKED,
    PENDING_AUTH,
    READING_OF_STATUS,
    UNLINKED,
    ConnectionStage,
    LinkStatus,
    Reading,
    Reason,
    Stage,
    reading_of,
)

__all__ = [
    "DEAUTHORIZED",
    "IDENTITY_DATA_TYPE",
    "LINKED",
    "PENDING_AUTH",
    "READING_OF_STATUS",
    "UNLINKED",
    "Assessment",
    "ConnectionFacts",
    "ConnectionStage",
    "Facts",
    "IdentityFacts",
    "InvitationFacts",
    "LinkStatus",
    "OperationFacts",
    "PlannedEmail",
    "PlannedWrite",
    "Reading",
    "Reason",
    "Stage",
    "Timing",
    "assess",
    "category_stage",
    "company_stage",
    "connection_stage",
    "first_read",
    "has_begun_reading",
    "is_rejected",
    "link_status",
    "linking_episode",
    "reading_of",
]
