"""Short words for our own stages and reasons: headings at the desk, values in the administration.

What to do about each is the desk's to say; customers have words of their own.
"""

from django.utils.functional import Promise
from django.utils.translation import get_language_info
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


ACTS: dict[str, Promise] = {
    "registered": _("Customer added"),
    "renamed": _("Renamed; before: %(text)s"),
    "reassigned": _("Account manager is now %(text)s"),
    "closed": _("Closed"),
    "reopened": _("Opened again"),
    "link_sent_onboard": _("Onboarding link sent"),
    "link_sent_relink": _("Reconnect link sent"),
    "link_sent_delegate": _("Link sent to the person who helps"),
    "delegate_reminded": _("The person who helps was reminded"),
    "link_sent_sign_in": _("Sign-in link sent"),
    "link_declined": _("Said that the link is not for them"),
    "link_revoked": _("Link taken back"),
    "session_opened": _("Began in a browser"),
    "permission_given": _("Permission given for %(text)s"),
    "left_for_sign_in": _("Left for the software's sign-in"),
    "unlink_asked": _("Asked to unlink"),
    "switched": _("Changed to %(text)s"),
    "works_again_asked": _("Asked for a mail when it works again"),
    "steps_sent_to_computer": _("Steps for the computer with %(text)s mailed"),
    "software_not_listed": _("Uses software that is not listed: %(text)s"),
    "software_not_listed_answered": _("Other way agreed for software that is not listed. %(text)s"),
    "files_sent": _("Sent files: %(text)s"),
    "file_removed": _("Took a file back: %(text)s"),
    "file_downloaded": _("Downloaded a file: %(text)s"),
    "files_seen": _("Looked at the files"),
    "deletion_asked": _("Asked to delete what was read"),
    "deletion_carried_out": _("Request to delete carried out. %(text)s"),
    "deletion_refused": _("Request to delete refused. %(text)s"),
    "confirmed": _("Business name confirmed"),
    "rejected": _("Said that it is another business"),
    "recognised": _("Reconnected, and it is the same business by its numbers"),
    "other_business": _("Another business was connected, and is disconnected again"),
    "doubled": _("Another customer has the same registration number"),
    "separate_customers": _("Compared: two separate customers"),
    "same_customer": _("Compared: the same customer as another one"),
    "same_business": _("Says that it is the same business after all"),
    "name_later": _("Went on without a business name, to be asked later"),
    "name_asked": _("Link sent to check the business name"),
    "reminders_stopped": _("Wants no more reminders"),
    "looked_again": _("Asked to look again"),
    "reading_asked": _("Asked to have everything read again"),
    "reading_asked_of": _("Asked to have this read again: %(text)s"),
    "doubled_at_codat": _("A second record was found at Codat: %(text)s"),
    "doubled_settled": _("The second record at Codat is seen to"),
    "released": _("Work that was set aside was released"),
    "wrote": _("Wrote to us: %(text)s"),
    "contact_changed": _("Contact changed: %(text)s"),
    "address_changed": _("Address of the contact changed: %(text)s"),
    "delete_asked": _("Asked to delete at Codat"),
}
"""Subjects of the history's acts. One that is not here is shown as it stands."""

MAILS: dict[str, Promise] = {
    "about_to_end": _("Permission ends soon"),
    "access_lost": _("Permission ended"),
    "already_with_us": _("Is a customer already"),
    "carry_on": _("Still to do"),
    "checked": _("We have checked"),
    "connected": _("Connected"),
    "delegate": _("To the person who helps"),
    "delegate_declined": _("The person who helps said no"),
    "delegate_done": _("The person who helps is done"),
    "deletion_answered": _("Answer about deleting"),
    "deletion_asked": _("Deleting was asked"),
    "digest": _("Daily mail to staff"),
    "disconnected": _("Disconnected"),
    "first_read_done": _("First read done"),
    "message": _("What a customer wrote to us"),
    "name_confirmed": _("Name confirmed"),
    "name_to_confirm": _("Name to confirm"),
    "new_link": _("New link"),
    "onboard": _("Invitation"),
    "other_business": _("Another business was connected"),
    "relink": _("Reconnect link"),
    "reminder": _("Reminder"),
    "sign_in": _("Sign-in link"),
    "start": _("Link to carry on"),
    "to_computer": _("Steps for the computer"),
    "works_again": _("Works again"),
}
"""What each kind of mail is for; one kind has one set of templates in `emails`."""

PAUSES: dict[str, Promise] = {
    "codat": _("All calls to Codat"),
    "mail": _("Mails"),
    "removals": _("Taking in what is gone from Codat"),
    "webhooks": _("Webhooks from Codat"),
}
"""What is paused as a whole; a kind of write, which may be paused too, has words of its own."""


def act(subject: str, text: str) -> str:
    """What a person did, as the history tells it."""
    words = ACTS.get(subject)
    return str(words) % {"text": text} if words else text or subject


def language_name(code: str) -> str:
    """“English”; the code itself for a language that Django does not know."""
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return code


def stages() -> list[tuple[str, Promise]]:
    """As choices of a model's field; a function, so that no migration follows from a word."""
    return [(stage.value, words) for stage, words in STAGES.items()]


def connection_stages() -> list[tuple[str, Promise]]:
    return [(stage.value, words) for stage, words in CONNECTION_STAGES.items()]


def link_statuses() -> list[tuple[str, Promise]]:
    return [(status.value, words) for status, words in LINK_STATUSES.items()]


def reasons() -> list[tuple[str, Promise]]:
    return [(reason.value, words) for reason, words in REASONS.items()]


def mails() -> list[tuple[str, Promise]]:
    return list(MAILS.items())
