"""Connections and data types as the pages list them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from onboarding.linking.data_types import customer_words
from onboarding.linking.models import Company, Connection, Platform
from onboarding.linking.stages import LINKED, PENDING_AUTH, Reading

from .steps import DataTypeProgress, address
from .tiles import logo_url
from .wording import READING_TAGS, connection_tag


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

    @property
    def anchor(self) -> str:
        return f"connection-{self.connection.public_id}"


def cards_of(company: Company) -> list[Card]:
    """The present connections of a company, those that need the customer first."""
    rows = company.connections.present().filter(role=Connection.Role.SOURCE)
    rows = list(rows.prefetch_related("identities"))
    keys = {row.platform_key for row in rows if row.platform_key}
    logos = {p.key: logo_url(p) for p in Platform.objects.filter(key__in=keys).defer("logo")}
    cards = [_card(company, row, logos.get(row.platform_key, "")) for row in rows]
    return sorted(cards, key=lambda card: (card.tone != "problem", not card.act))


def _card(company: Company, connection: Connection, logo: str) -> Card:
    tone, word = connection_tag(connection)
    names = {"software": connection.platform_name}
    act = ""
    if connection.status == PENDING_AUTH:
        act = _("Continue with %(software)s") % names
    elif connection.status != LINKED:
        act = _("Reconnect %(software)s") % names
    confirmed = [each for each in connection.identities.all() if each.confirmed_at]
    return Card(
        connection=connection,
        business=confirmed[0].display_name if confirmed else "",
        tone=tone,
        word=word,
        logo_url=logo,
        act=act if connection.platform_key else "",
        act_url=address("leave", company, connection.platform_key or "-"),
    )


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
        return _("We are about to begin.")
    done = sum(each.reading is Reading.DONE for each in offered)
    return _("%(done)d of %(all)d finished") % {"done": done, "all": len(offered)}
