"""The chooser's tiles: what is on offer, as one customer sees it."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from onboarding.linking.context_processors import current_firm
from onboarding.linking.models import Category, Company, Platform
from onboarding.linking.on_offer import on_offer
from onboarding.linking.services import consents, offering
from onboarding.linking.site_texts import EDITABLE

from .steps import address, page_for_platform
from .tags import OFFER_TAGS


@dataclass(frozen=True)
class Tile:
    platform: Platform
    note: str
    tone: str
    state: Any
    href: str
    """To the permission, or to the connection there is. Choosing changes nothing: no form."""

    @property
    def logo_url(self) -> str:
        return logo_url(self.platform)

    @property
    def buttons(self) -> list[str]:
        return own_button(self.platform)


@dataclass(frozen=True)
class TileCategory:
    category: Category
    tiles: list[Tile]
    is_connected: bool
    """Something of it is connected: whether it is needed is no question any more."""


def logo_url(platform: Platform) -> str:
    if not platform.logo_hash:
        return ""
    return reverse("journey:logo", args=[platform.key, platform.logo_hash])


def own_button(platform: Platform) -> list[str]:
    """The software's own button, and how it looks under the pointer, where it wants one."""
    digests = (platform.button_hash, platform.button_hover_hash)
    return [reverse("journey:logo", args=[platform.key, digest]) for digest in digests if digest]


def current_wording(platform: Platform) -> consents.Wording:
    """The words of permission as they stand now, in the reader's language."""
    return consents.wording_for(
        platform=platform, language=get_language() or "", firm_name=current_firm().name
    )


def page_of(company: Company, platform: Platform) -> str:
    """What follows the choice of this software."""
    version = current_wording(platform).version
    return page_for_platform(company, platform, version=version)


def has_agreed(company: Company, platform: Platform) -> bool:
    """Whether permission for it was given, in the words of now."""
    version = current_wording(platform).version
    return consents.has_consent(company=company, platform_key=platform.key, version=version)


def connected_text(offers: list[offering.CategoryOffers]) -> str:
    """“1 of 3 kinds of software connected”, once one of several kinds is."""
    connected = sum(any(o.state == "connected" for o in group.offers) for group in offers)
    if not connected or len(offers) < 2:
        return ""
    return _("%(done)d of %(all)d kinds of software connected") % {
        "done": connected,
        "all": len(offers),
    }


@dataclass(frozen=True)
class Kind:
    """One kind of software on the page before the list: why to connect it."""

    category: Category
    texts: list[str]
    """Keys of the sentences that staff may change; empty for a category of their own."""


def kinds_on_offer(chosen: Platform | None = None) -> list[Kind]:
    """The categories of which there is something to choose, in their order.

    What to do is left out for the kind of the software that is `chosen` already: its page says it.
    """
    known = on_offer()
    offered = {platform.source_type for platform in known.platforms}
    return [
        Kind(category, _texts_of(category, chosen))
        for category in known.categories
        if offered.intersection(category.source_types)
    ]


def _texts_of(category: Category, chosen: Platform | None) -> list[str]:
    is_chosen = chosen is not None and chosen.source_type in category.source_types
    names = ("gain", "use") if is_chosen else ("gain", "use", "do")
    keys = [f"start.{category.slug}.{name}" for name in names]
    return [key for key in keys if key in EDITABLE]


def categories_of_tiles(
    company: Company, offers: list[offering.CategoryOffers], query: str = ""
) -> list[TileCategory]:
    """What this company may choose, by category; `query` keeps names that contain each word."""
    words = query.casefold().split()
    found = []
    for group in offers:
        tiles = [
            _tile(company, offer, allows_many=group.category.allows_many)
            for offer in group.offers
            if all(word in offer.platform.name.casefold() for word in words)
        ]
        if tiles:
            is_connected = any(offer.state == "connected" for offer in group.offers)
            found.append(TileCategory(group.category, tiles, is_connected))
    return found


def _tile(company: Company, offer: offering.Offer, *, allows_many: bool) -> Tile:
    tone, state = OFFER_TAGS[offer.state]
    is_connected = offer.state in ("connected", "read_once")
    key = offer.platform.key
    href = address("connections", company)
    if not is_connected or allows_many:
        first = "computer" if offer.platform.needs_computer else "permission"
        href = address(first, company, key)
    note = _("Choose it to add another one.") if is_connected and allows_many else ""
    return Tile(offer.platform, note or _note(offer.platform), tone, state, href)


def _note(platform: Platform) -> str:
    if platform.note:
        return platform.note
    if platform.needs_computer:
        return _("Windows computer needed. About 15 minutes.")
    is_large = platform.device_class == Platform.DeviceClass.LARGE
    return _("Its sign-in is easier on a large screen.") if is_large else ""
