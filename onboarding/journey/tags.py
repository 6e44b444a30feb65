"""Tags and notes of one connection, one kind of information and one offer."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from onboarding.linking.models import Connection
from onboarding.linking.stages import (
    DEAUTHORIZED,
    LINKED,
    PENDING_AUTH,
    UNLINKED,
    ConnectionStage,
    Reading,
)


def connection_tag(connection: Connection, *, wanted: bool = False) -> tuple[str, Any]:
    """Tone and word of a connection's status tag; `wanted`: the customer disconnected it."""
    active = [error for error in connection.errors if error.get("status") == "Active"]
    if connection.status == LINKED:
        return ("problem", _("Needs attention")) if active else ("linked", _("Connected"))
    if connection.one_time and connection.stage == ConnectionStage.READY:
        return "linked", _("Read once")
    if connection.stage == ConnectionStage.LOST and not wanted:
        return "problem", _("Needs attention")
    if connection.status == PENDING_AUTH:
        return "pending", _("Not finished")
    if connection.status == UNLINKED or connection.stage != ConnectionStage.AUTHORIZING:
        return "disconnected", _("Disconnected")
    return "unknown", _("Unknown")


def note_of(connection: Connection, *, ends_soon: bool = False) -> str:
    """A sentence where the tag alone leaves open what it means; else empty."""
    names = {"software": connection.platform_name}
    if ends_soon:
        text = gettext(
            "We could not read anything new for a long time, so %(software)s may end the "
            "permission. To renew it, disconnect %(software)s here, then reconnect it and choose "
            "the same business."
        )
        return text % names
    if connection.status == LINKED:
        return _note_of_linked(connection)
    if connection.one_time and connection.stage == ConnectionStage.READY:
        return gettext("It was read once and has disconnected, as planned. Nothing to do.")
    if connection.status == PENDING_AUTH and connection.linked_first_at is None:
        return gettext("You have not signed in to %(software)s yet. Nothing was shared.") % names
    if connection.stage == ConnectionStage.LOST and connection.status == DEAUTHORIZED:
        return gettext("%(software)s has ended the permission. Nothing read is lost.") % names
    is_over = connection.status in (UNLINKED, DEAUTHORIZED)
    return gettext("We no longer read from it.") if is_over else ""


def _note_of_linked(connection: Connection) -> str:
    if connection.identity is not None and connection.identity.is_held:
        return gettext("We check one thing about it first, and e-mail you when that is done.")
    if not any(error.get("status") == "Active" for error in connection.errors):
        return ""
    text = gettext(
        "%(software)s reports trouble with the last reading. We keep trying, and tell you if "
        "we need you."
    )
    return text % {"software": connection.platform_name}


READING_TAGS: Final[Mapping[Reading, tuple[str, Any]]] = {
    Reading.WAITING: ("info", _("Waiting")),
    Reading.WORKING: ("info", _("Reading")),
    Reading.DONE: ("linked", _("Done")),
    Reading.NOT_OFFERED: ("disconnected", _("Not offered")),
    Reading.NEEDS_CUSTOMER: ("problem", _("Needs you")),
    Reading.RETRYING: ("info", _("Trying again")),
}

OFFER_TAGS: Final[Mapping[str, tuple[str, Any]]] = {
    "new": ("", ""),
    "pending": ("pending", _("Continue")),
    "connected": ("linked", _("Connected")),
    "lost": ("problem", _("Needs attention")),
    "ended": ("disconnected", _("Disconnected")),
    "read_once": ("linked", _("Read once")),
}
