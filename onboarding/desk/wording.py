"""What staff read for each stage and problem: a tone, and what to do about it, beside its label.

The labels are those of `linking.models.labels`, which the administration shows too. The customers'
words for the same things are in `journey/wording.py` and `journey/tags.py`. A test holds all
complete. Tones are those of `{% status_tag %}`.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from onboarding.linking.models import labels
from onboarding.linking.services.comparing import Difference
from onboarding.linking.stages import ConnectionStage, LinkStatus, Reason, Stage

Text: TypeAlias = str | Promise


class Act(StrEnum):
    """The next step that a row of the worklist offers with its button."""

    SEND_LINK = "send_link"
    SEND_NEW_LINK = "send_new_link"
    RELINK = "relink"
    LOOK_AGAIN = "look_again"
    OPEN = "open"
    SEE_NAMES = "see_names"
    ASK_CUSTOMER = "ask_customer"
    SEND_STEPS = "send_steps"
    ANSWER_DELETION = "answer_deletion"
    ANSWER_NOT_LISTED = "answer_not_listed"
    CHANGE_ADDRESS = "change_address"
    COMPARE = "compare"
    REFRESH = "refresh"
    SEE_BOTH = "see_both"


@dataclass(frozen=True)
class Words:
    label: Text
    tone: str
    advice: Text


@dataclass(frozen=True)
class ReasonWords:
    """`heading` and `advice` of the group; of each row its sentence, and the act of its button."""

    reason: Reason
    tone: str
    advice: Text
    act: Act
    button: Text
    row: Text = ""
    also: tuple[Act, Text] | None = None
    """A second button, beside the first."""

    @property
    def heading(self) -> Text:
        return labels.REASONS[self.reason]


STAGES: dict[Stage, Words] = {
    stage: Words(labels.STAGES[stage], tone, advice)
    for stage, tone, advice in [
        (Stage.DRAFT, "disconnected", _("Nobody has a link yet. Send the first one.")),
        (Stage.INVITED, "info", _("The link is sent and not opened. Wait, or call.")),
        (Stage.STARTED, "pending", _("The customer began and has not chosen software yet.")),
        (Stage.AUTHORIZING, "pending", _("Software is chosen. The customer has to allow access.")),
        (Stage.CONFIRMING, "pending", _("Access is given. The business name is being checked.")),
        (Stage.READING, "info", _("The first read is under way.")),
        (Stage.READY, "linked", _("Everything needed is connected and read.")),
        (Stage.LOST, "problem", _("A needed connection ended. Send a reconnect link.")),
        (Stage.CLOSED, "disconnected", _("Closed by staff. No links work.")),
    ]
}

CONNECTION_STAGES: dict[ConnectionStage, Words] = {
    stage: Words(labels.CONNECTION_STAGES[stage], tone, advice)
    for stage, tone, advice in [
        (
            ConnectionStage.AUTHORIZING,
            "pending",
            _("The customer has to sign in and allow access."),
        ),
        (
            ConnectionStage.VERIFYING,
            "pending",
            _("Linked. The business name is read, then confirmed."),
        ),
        (ConnectionStage.READING, "info", _("Linked and confirmed. The first read is under way.")),
        (ConnectionStage.READY, "linked", _("Linked, confirmed and read.")),
        (ConnectionStage.LOST, "problem", _("It worked before. Send a reconnect link.")),
        (ConnectionStage.ENDED, "disconnected", _("It ended before the business was confirmed.")),
        (ConnectionStage.GONE, "disconnected", _("Codat no longer has it. The record stays here.")),
    ]
}

STATUSES: dict[str, tuple[Text, str]] = {
    "PendingAuth": (_("Pending"), "pending"),
    "Linked": (_("Linked"), "linked"),
    "Unlinked": (_("Unlinked"), "disconnected"),
    "Deauthorized": (_("Deauthorised"), "problem"),
}
"""Codat's words for a connection → ours and its tone. Any other word is shown as unknown."""

DELETED: tuple[Text, str] = (_("Deleted at Codat"), "disconnected")
"""What we know better than the last word Codat said of a connection."""

LINK_STATUSES: dict[LinkStatus, tuple[Text, str]] = {
    status: (labels.LINK_STATUSES[status], tone)
    for status, tone in [
        (LinkStatus.BLANK, "disconnected"),
        (LinkStatus.PENDING, "pending"),
        (LinkStatus.LINKED, "linked"),
        (LinkStatus.DEAUTHORISED, "problem"),
    ]
}

_OF_REASONS = [
    ReasonWords(
        Reason.ACCESS_LOST,
        "problem",
        _("The software took the permission back. The customer can give it again in a minute."),
        Act.RELINK,
        _("Send reconnect link"),
    ),
    ReasonWords(
        Reason.DISCONNECTED,
        "disconnected",
        _("The history says who. What was read is kept. Call before you send a link."),
        Act.RELINK,
        _("Send reconnect link"),
    ),
    ReasonWords(
        Reason.WRONG_COMPANY,
        "problem",
        _("It is disconnected again. Look at both names before a link is sent to choose again."),
        Act.SEE_NAMES,
        _("See both names"),
        _("Expected %(expected)s, got %(found)s."),
    ),
    ReasonWords(
        Reason.LINKED_ELSEWHERE,
        "warning",
        _("It was connected without coming back to us. Ask the customer whether it was them."),
        Act.ASK_CUSTOMER,
        _("Confirm with customer"),
        _("It says %(found)s."),
    ),
    ReasonWords(
        Reason.IDENTITY_UNKNOWN,
        "warning",
        _("Ask the customer whether the name that the software gives is theirs."),
        Act.ASK_CUSTOMER,
        _("Confirm with customer"),
        _("The software says %(found)s."),
    ),
    ReasonWords(
        Reason.FAILED,
        "problem",
        _("Look again, or send a link to try once more."),
        Act.SEND_LINK,
        _("Send link"),
        _("The software reported trouble. Code %(code)s."),
    ),
    ReasonWords(
        Reason.CANCELLED,
        "pending",
        _("The customer left the software's page before the end. A link brings them back."),
        Act.SEND_LINK,
        _("Send link"),
    ),
    ReasonWords(
        Reason.NOT_SUPPORTED,
        "disconnected",
        _("What they use cannot be connected. Call, and agree on another way."),
        Act.ANSWER_NOT_LISTED,
        _("Open request"),
        _("They use “%(typed)s”."),
    ),
    ReasonWords(
        Reason.FILES_SENT,
        "info",
        _("The customer sent files. Download them, then say that you have looked at them."),
        Act.OPEN,
        _("See files"),
    ),
    ReasonWords(
        Reason.STOPPED,
        "pending",
        _("The customer began and went away. A new link carries on where they stopped."),
        Act.SEND_LINK,
        _("Send link"),
    ),
    ReasonWords(
        Reason.LINK_EXPIRED,
        "pending",
        _("Nobody pressed the button. Check the address, then send a new link."),
        Act.SEND_NEW_LINK,
        _("Send new link"),
        _("Sent %(sent)s, ended %(ended)s."),
    ),
    ReasonWords(
        Reason.NOT_THEIRS,
        "problem",
        _("Whoever got the link says so. Check the address, then send a new link."),
        Act.SEND_NEW_LINK,
        _("Send new link"),
    ),
    ReasonWords(
        Reason.MAIL_NOT_DELIVERED,
        "problem",
        _("A mail was not delivered, or may not have been. Check the address, or send a new link."),
        Act.CHANGE_ADDRESS,
        _("Change address"),
    ),
    ReasonWords(
        Reason.REFUSED,
        "problem",
        _("Codat did not accept what we asked. The cause is in the history."),
        Act.OPEN,
        _("See what to change"),
    ),
    ReasonWords(
        Reason.READ_FAILED,
        "problem",
        _("Some information could not be read. Have it read again; if it stays, reconnect."),
        Act.REFRESH,
        _("Refresh"),
    ),
    ReasonWords(
        Reason.READ_NEEDS_CUSTOMER,
        "problem",
        _("The software wants a new sign-in, or one with more rights. A link brings them there."),
        Act.RELINK,
        _("Send reconnect link"),
    ),
    ReasonWords(
        Reason.READ_STALLED,
        "warning",
        _("Nothing has changed for hours. Look again, then ask whether the software is open."),
        Act.LOOK_AGAIN,
        _("Look again"),
        also=(Act.REFRESH, _("Refresh")),
    ),
    ReasonWords(
        Reason.MACHINE_OFF,
        "warning",
        _("The computer with the software seems to be off. Ask the customer to turn it on."),
        Act.SEND_STEPS,
        _("Send the steps"),
    ),
    ReasonWords(
        Reason.WAITING_FOR_DELEGATE,
        "info",
        _("The customer asked someone else to connect. Tell the customer when it takes long."),
        Act.OPEN,
        _("See customer"),
    ),
    ReasonWords(
        Reason.ABOUT_TO_LAPSE,
        "warning",
        _("It has not been used for long and is about to end. Renew it before it does."),
        Act.REFRESH,
        _("Refresh now"),
        also=(Act.RELINK, _("Send renew link")),
    ),
    ReasonWords(
        Reason.POSSIBLE_DUPLICATE,
        "warning",
        _("Another customer has the same registration number. Compare both: the newer one waits."),
        Act.COMPARE,
        _("Compare"),
        _("Same number as %(other)s."),
    ),
    ReasonWords(
        Reason.DOUBLED_AT_CODAT,
        "problem",
        _("Ask a senior to compare them."),
        Act.SEE_BOTH,
        _("See both"),
        _("%(ids)s: one is ours, the other is not known here."),
    ),
    ReasonWords(
        Reason.DELETION_ASKED,
        "warning",
        _("The customer wants what was read to be deleted. A senior deletes it at Codat."),
        Act.ANSWER_DELETION,
        _("Open request"),
        _("Answer due %(due)s."),
    ),
]
REASONS: dict[Reason, ReasonWords] = {words.reason: words for words in _OF_REASONS}
"""In the order of the worklist: what is broken for a customer first."""

SEE_CUSTOMER = _("See customer")

HISTORY_WORDS: dict[str, Text] = {
    "deleted": _("Deleted at Codat"),
    "never finished": _("Never finished, deleted by us"),
}
"""What our look records beside Codat's own words."""

DIFFERENCES: dict[Difference, Text] = {
    Difference.NONE: _("The names are the same."),
    Difference.CASE: _("Only capital letters differ."),
    Difference.PUNCTUATION: _("Only signs such as dots and commas differ."),
    Difference.REMOVED: _("They differ in signs that one of them leaves out."),
    Difference.ACCENTS: _("Only accents on letters differ."),
    Difference.LEGAL_FORM: _("Only the legal form, such as “Ltd”, differs."),
    Difference.SPELLING: _("The names are spelt a little differently."),
    Difference.OTHER: _("The names are different."),
}

REASON_ORDER = [reason.value for reason in REASONS]


def stage_words(stage: str) -> Words:
    return STAGES[Stage(stage)]


def connection_words(stage: str) -> Words:
    return CONNECTION_STAGES[ConnectionStage(stage)]


def status_words(status: str) -> tuple[Text, str]:
    return STATUSES.get(status, (_("Unknown"), "unknown"))


def link_status_words(status: str) -> tuple[Text, str]:
    return LINK_STATUSES[LinkStatus(status)]


def reason_words(reason: str) -> ReasonWords:
    return REASONS[Reason(reason)]


def sentence(reason: str, facts: dict[str, Any]) -> Text:
    """What the row says; empty where its facts are not all known, for the group has the advice."""
    known = {name: value for name, value in facts.items() if value}
    try:
        said = str(reason_words(reason).row) % known
    except KeyError:
        said = ""
    if reason in (Reason.NOT_SUPPORTED, Reason.FILES_SENT) and "files" in known:
        said = f"{said} {files_sentence(known['files'])}".strip()
    return said


def files_sentence(n: int) -> str:
    return ngettext("%(n)d file sent.", "%(n)d files sent.", n) % {"n": n}
