"""Connections and data types as the pages list them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from onboarding.linking.data_types import customer_words
from onboarding.linking.models import Company, Connection, Platform, Problem
from onboarding.linking.on_offer import on_offer
from onboarding.linking.reads_that_count import reads_of as facts_of
from onboarding.linking.services import connecting, consents, deletions, schedules
from onboarding.linking.services.identity import is_unanswered
from onboarding.linking.stages import LINKED, PENDING_AUTH, ConnectionStage, Reading, Reason
from onboarding.ui.templatetags.ui import mask_email

from .standing import DataTypeProgress, data_types_of
from .steps import address
from .tags import READING_TAGS, connection_tag, note_of
from .tiles import logo_url

_OPEN = (ConnectionStage.AUTHORIZING, ConnectionStage.VERIFYING, ConnectionStage.LOST)


@dataclass(frozen=True)
class Card:
    connection: Connection
    business: str
    tone: str
    word: Any
    logo_url: str
    act: str
    """The text of its button; empty when there is nothing to do."""
    act_url: str
    is_ending: bool
    """The customer asked to disconnect, and Codat has not told us yet that it is done."""
    disconnect_url: str
    """Empty where there is nothing to disconnect."""
    another_url: str
    """Where one more of this software is begun; empty where there may be one only."""
    receipt_url: str
    """Empty where no permission was given through us."""
    note: str = ""
    """A sentence about what its tag means for the customer."""
    next_read_at: datetime | None = None

    @property
    def was_read_once(self) -> bool:
        """It disconnected itself after the first reading, as planned."""
        ended = self.connection.status != LINKED
        return ended and self.connection.stage == ConnectionStage.READY

    @property
    def is_open(self) -> bool:
        """Begun and not brought to its end, or ended by somebody else: not all is done with it."""
        is_there = self.connection.deleted_at is None
        return is_there and self.connection.stage in _OPEN

    @property
    def anchor(self) -> str:
        return f"connection-{self.connection.public_id}"


def cards_of(company: Company) -> list[Card]:
    """The connections of a company, those that need the customer first.

    One that was deleted at Codat is listed as long as nothing took its place.
    """
    rows = _listed(company)
    keys = {row.platform_key for row in rows}
    platforms = [each for each in on_offer().all_platforms if each.key in keys]
    given = consents.given(company)
    known = _Known(
        logos={platform.key: logo_url(platform) for platform in platforms},
        ending=connecting.being_disconnected(company),
        **_problems(company),
        permitted=set(given),
        outdated=consents.outdated(given=given, platforms=platforms, language=get_language() or ""),
        every=schedules.read_every(),
        offline={p.key for p in platforms if p.is_offline},
        addable=_addable(platforms, rows),
        erased=deletions.erased(company=company) if any(row.deleted_at for row in rows) else set(),
    )
    cards = [_card(company, row, known) for row in rows]
    return sorted(cards, key=lambda card: (card.tone != "problem", not card.act))


@dataclass(frozen=True)
class _Known:
    logos: dict[str, str]
    ending: set[str]
    wanted: set[int | None]
    """The customer disconnected them."""
    signed_out: set[int | None]
    """They are linked, and cannot be read without a new sign-in."""
    ends_soon: set[int | None]
    """They work, but were not read for so long that the permission may end."""
    permitted: set[str]
    outdated: set[str]
    every: Mapping[str, timedelta]
    offline: set[str]
    """Software on the customer's own computer is read when that computer is on."""
    addable: set[str]
    """Keys of the software of which one more can be added."""
    erased: set[str]
    """Codat's ids of connections that were deleted there with what was read."""


def _listed(company: Company) -> list[Connection]:
    rows = company.connections.filter(role=Connection.Role.SOURCE)
    rows = list(rows.prefetch_related("identities", "operations"))
    present = {row.platform_key for row in rows if row.deleted_at is None}
    return [
        row
        for row in rows
        if row.deleted_at is None or (row.linked_first_at and row.platform_key not in present)
    ]


def _addable(platforms: list[Platform], rows: list[Connection]) -> set[str]:
    """What may be connected more than once, unless one of it waits to be signed in to."""
    groups = [group for group in on_offer().categories if group.allows_many]
    many = {each for group in groups for each in group.source_types}
    pending = {row.platform_key for row in rows if row.status == PENDING_AUTH}
    offered = {p.key for p in platforms if p.is_on_offer and p.source_type in many}
    return offered - pending


def _problems(company: Company) -> dict[str, set[int | None]]:
    found = Problem.objects.filter(company=company).open().values_list("reason", "connection_id")
    rows = list(found)
    return {
        name: {connection_id for each, connection_id in rows if each == reason}
        for name, reason in (
            ("wanted", Reason.DISCONNECTED),
            ("signed_out", Reason.READ_NEEDS_CUSTOMER),
            ("ends_soon", Reason.ABOUT_TO_LAPSE),
        )
    }


def _card(company: Company, connection: Connection, known: _Known) -> Card:
    if connection.deleted_at is not None:
        return _card_of_gone(company, connection, known)
    is_linked = connection.status == LINKED
    is_ending = is_linked and connection.codat_id in known.ending
    tone, word = connection_tag(connection, wanted=connection.pk in known.wanted)
    if is_ending:
        tone, word = "info", _("Disconnecting")
    signs_in_again = is_linked and not is_ending and connection.pk in known.signed_out
    if signs_in_again:
        tone, word = "problem", _("Needs attention")
    ends_soon = tone == "linked" and connection.pk in known.ends_soon
    if ends_soon:
        tone, word = "warning", _("Ends soon")
    names = {"software": connection.platform_name}
    act, page = "", "leave"
    if connection.status == PENDING_AUTH:
        act = _("Continue with %(software)s") % names
    elif signs_in_again or (not is_linked and connection.stage != ConnectionStage.READY):
        act = _("Reconnect %(software)s") % names
    elif is_linked and not is_ending and is_unanswered(connection.identity):
        act, page = _("Check the name"), "confirm"
    elif is_linked and not is_ending and connection.platform_key in known.outdated:
        act, page = _("See what has changed"), "permission"
    note = note_of(connection, ends_soon=ends_soon) if not is_ending else ""
    if page == "permission":
        note = note or _("The words of your permission have changed.")
    confirmed = [each for each in connection.identities.all() if each.confirmed_at]
    return Card(
        connection=connection,
        business=confirmed[0].display_name if confirmed else "",
        tone=tone,
        word=word,
        logo_url=known.logos.get(connection.platform_key, ""),
        act=act if connection.platform_key else "",
        act_url=_act_url(page, company, connection),
        is_ending=is_ending,
        disconnect_url=address("disconnect", company, str(connection.public_id))
        if is_linked and not is_ending
        else "",
        another_url=address("another", company, connection.platform_key)
        if connection.platform_key in known.addable and connection.status != PENDING_AUTH
        else "",
        receipt_url=address("receipt", company, connection.platform_key)
        if connection.platform_key in known.permitted
        else "",
        note=note,
        next_read_at=_next_read_at(connection, known) if not is_ending else None,
    )


def _act_url(page: str, company: Company, connection: Connection) -> str:
    if page == "confirm":
        return address(page, company)
    if page == "leave":
        return address("reconnect", company, str(connection.public_id))
    return address(page, company, connection.platform_key or "-")


def _next_read_at(connection: Connection, known: _Known) -> datetime | None:
    if connection.platform_key in known.offline:
        return None
    reads = connection.operations.all()
    return schedules.next_read_at(connection, reads, known.every, now=timezone.now())


def _card_of_gone(company: Company, connection: Connection, known: _Known) -> Card:
    """Only its record is left: connecting it again makes a new one."""
    key, names = connection.platform_key, {"software": connection.platform_name}
    is_erased = connection.codat_id in known.erased
    return Card(
        connection=connection,
        business="",
        tone="disconnected",
        word=_("Disconnected"),
        logo_url=known.logos.get(key, ""),
        act=_("Connect %(software)s again") % names if key else "",
        act_url=address("permission", company, key or "-"),
        is_ending=False,
        disconnect_url="",
        another_url="",
        receipt_url=address("receipt", company, key) if key in known.permitted else "",
        note=_("We no longer read from it. What was read was deleted.")
        if is_erased
        else _("We no longer read from it."),
    )


def reads_of(cards: Iterable[Card]) -> list[dict[str, Any]]:
    """What has become of each data type, for every connection whose reads we know."""
    listed = [(card.connection, data_types_of(facts_of(card.connection))) for card in cards]
    return [
        {"software": connection.platform_name, "items": progress_items(data_types)}
        for connection, data_types in listed
        if data_types
    ]


def masked_address(company: Company) -> str:
    """Where mails go, as far as pages show it; empty without a contact."""
    contact = company.primary_contact
    return mask_email(contact.email) if contact else ""


def progress_items(data_types: Iterable[DataTypeProgress]) -> list[dict[str, Any]]:
    items = []
    for each in data_types:
        tone, word = READING_TAGS[each.reading]
        items.append({"name": customer_words(each.data_type), "tone": tone, "word": word})
    return items


def summary_of(data_types: list[DataTypeProgress]) -> str:
    """“3 of 5 finished”: what the software does not offer counts on neither side."""
    offered = [each for each in data_types if each.reading is not Reading.NOT_OFFERED]
    if not offered:
        return _("Nothing is finished yet.")
    done = sum(each.reading is Reading.DONE for each in offered)
    return _("%(done)d of %(all)d finished") % {"done": done, "all": len(offered)}
