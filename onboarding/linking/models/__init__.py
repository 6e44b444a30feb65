"""All tables of the portal but the staff users'.

Mirrors of what Codat says stand beside our own facts; only `services.recording` writes the
mirrors and the stage. Public ids are UUIDs, and no `linkUrl`, session key or token is stored.
"""

from .branding import Branding, SiteText
from .company import Company, Contact
from .connection import CompanyIdentity, Connection, DataStatus, PullOperation
from .consent import Consent, ConsentText
from .history import HistoryEntry, Problem, WebhookEvent
from .invitation import CustomerSession, Invitation, LinkAttempt
from .message import CustomerMessage
from .operations import CallCount, CodatInstance, Pause
from .platform import Category, Platform
from .sent_file import SentFile
from .work import CodatWrite, Lane, OutgoingEmail, Work

__all__ = [
    "Branding",
    "CallCount",
    "Category",
    "CodatInstance",
    "CodatWrite",
    "Company",
    "CompanyIdentity",
    "Connection",
    "Consent",
    "ConsentText",
    "Contact",
    "CustomerMessage",
    "CustomerSession",
    "DataStatus",
    "HistoryEntry",
    "Invitation",
    "Lane",
    "LinkAttempt",
    "OutgoingEmail",
    "Pause",
    "Platform",
    "Problem",
    "PullOperation",
    "SentFile",
    "SiteText",
    "WebhookEvent",
    "Work",
]
