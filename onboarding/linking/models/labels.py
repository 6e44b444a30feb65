"""Short words for our own stages and reasons: headings at the desk, values in the administration.

What to do about each is the desk's to say; customers have words of their own.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from onboarding.linking.stages import ConnectionStage, LinkStatus, Reason, Stage

STAGES: dict[Stage, Promise] = {
    Stage.DRAFT: _("Not invited"),
    Stage.INVITED: _("Invited"),
    Stage.STARTED: _("Started"),
    Stage.AUTHORIZING: _("Signing in"),
    Stage.CONFIRMING: _("Name to confirm"),
    Stage.READING: _("Reading"),
    Stage.READY: _("Ready"),
    Stage.LOST: _("Lost"),
    Stage.CLOSED: _("Closed"),
}

CONNECTION_STAGES: dict[ConnectionStage, Promise] = {
    ConnectionStage.AUTHORIZING: _("Waiting for permission"),
    ConnectionStage.VERIFYING: _("Name to confirm"),
    ConnectionStage.READING: _("First read"),
    ConnectionStage.READY: _("Ready"),
    ConnectionStage.LOST: _("Lost"),
    ConnectionStage.ENDED: _("Ended"),
    ConnectionStage.GONE: _("Deleted at Codat"),
}

LINK_STATUSES: dict[LinkStatus, Promise] = {
    LinkStatus.BLANK: _("Nothing yet"),
    LinkStatus.PENDING: _("Pending"),
    LinkStatus.LINKED: _("Linked"),
    LinkStatus.DEAUTHORISED: _("Deauthorised"),
}

REASONS: dict[Reason, Promise] = {
    Reason.ACCESS_LOST: _("Permission ended at the software"),
    Reason.DISCONNECTED: _("Disconnected by the customer or by us"),
    Reason.WRONG_COMPANY: _("Different business was connected"),
    Reason.LINKED_ELSEWHERE: _("Connected from another browser"),
    Reason.IDENTITY_UNKNOWN: _("Name not confirmed"),
    Reason.FAILED: _("Could not connect"),
    Reason.CANCELLED: _("Stopped at the software"),
    Reason.NOT_SUPPORTED: _("Software we cannot connect"),
    Reason.FILES_SENT: _("Files to look at"),
    Reason.STOPPED: _("Opened, not finished"),
    Reason.LINK_EXPIRED: _("Link ended, never opened"),
    Reason.NOT_THEIRS: _("Said that it is not for them"),
    Reason.MAIL_NOT_DELIVERED: _("Mail did not arrive"),
    Reason.REFUSED: _("Codat refused"),
    Reason.READ_FAILED: _("Reading failed"),
    Reason.READ_NEEDS_CUSTOMER: _("Reading needs the customer"),
    Reason.READ_STALLED: _("First read stands still"),
    Reason.MACHINE_OFF: _("Desktop computer not heard from"),
    Reason.WAITING_FOR_DELEGATE: _("Waiting for someone else"),
    Reason.ABOUT_TO_LAPSE: _("Permission ends soon"),
    Reason.POSSIBLE_DUPLICATE: _("May exist already"),
    Reason.DOUBLED_AT_CODAT: _("Two records at Codat"),
    Reason.DELETION_ASKED: _("Customer asked to delete"),
}


def stages() -> list[tuple[str, Promise]]:
    """As choices of a model's field; a function, so that no migration follows from a word."""
    return [(stage.value, words) for stage, words in STAGES.items()]


def connection_stages() -> list[tuple[str, Promise]]:
    return [(stage.value, words) for stage, words in CONNECTION_STAGES.items()]


def link_statuses() -> list[tuple[str, Promise]]:
    return [(status.value, words) for status, words in LINK_STATUSES.items()]


def reasons() -> list[tuple[str, Promise]]:
    return [(reason.value, words) for reason, words in REASONS.items()]
