"""The firm in front: its name, look, contacts and words, for every template."""

import time
from dataclasses import dataclass
from functools import cached_property, lru_cache

from django.conf import settings
from django.db import DatabaseError
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from onboarding.ui.brand_colours import BrandColours, brand_colours, is_colour

from .models import Branding, ConsentText, SiteText
from .site_texts import site_text

PORTAL_COLOUR = "#0B5A8F"
"""`--action` of static/css/tokens.css, while the firm has given no colour of its own."""


@dataclass(frozen=True)
class Firm:
    name: str = ""
    support_email: str = ""
    support_phone: str = ""
    privacy_url: str = ""
    terms_url: str = ""
    home_url: str = ""
    logo_url: str = ""
    logo_width: int = 0
    logo_height: int = 0
    favicon_url: str = ""
    brand_css_url: str = ""
    action: str = ""
    """Fill of a mail's button; with its text, and the colour of links, as on the pages by day."""
    on_action: str = ""
    link: str = ""
    secured_by_codat: bool = False

    @cached_property
    def texts(self) -> dict[tuple[str, str], str]:
        """(key, language) to what staff wrote; one query, when a page first shows such a text."""
        try:
            rows = SiteText.objects.values_list("key", "language", "text")
            return {(key, language): text for key, language, text in rows}
        except DatabaseError:
            return {}

    def text(self, key: str, **values: str) -> SafeString:
        """The firm's words for `key`, else ours, in the reader's language."""
        return site_text(key, texts=self.texts, firm_name=self.name, **values)

    @cached_property
    def permissions(self) -> list[tuple[str, int | None, str]]:
        """Language, category and “what we can do” of staff's permission texts, the newest first."""
        try:
            return list(ConsentText.objects.values_list("language", "category_id", "access"))
        except DatabaseError:
            return []

    @property
    def access(self) -> str:
        """What the permission says that we can do, for pages that stand before it.

        Empty where staff wrote nothing of it; where they wrote several things, one that holds.
        """
        spoken = get_language() or "en"
        for language in (spoken, spoken.partition("-")[0]):
            newest: dict[int | None, str] = {}
            for of, category, access in self.permissions:
                if of == language:
                    newest.setdefault(category, access)
            if newest:
                said = set(newest.values())
                holds_for_all = len(said) == 1 and None in newest
                return said.pop() if holds_for_all else _("Only what the permission page lists.")
        return ""

    @property
    def message(self) -> SafeString:
        return self.text("panel.message")


_kept: tuple[float, Firm] | None = None


def forget_firm() -> None:
    """Staff changed something: this process shows it at once, the others within seconds."""
    global _kept  # noqa: PLW0603 - a cache of one
    _kept = None


def current_firm() -> Firm:
    """Branding as staff filled it in, else the settings; without a database still the settings.

    Kept for `FIRM_CACHE_SECONDS`, since every page and mail asks for it, most of them twice.
    """
    global _kept  # noqa: PLW0603 - a cache of one
    kept, now = _kept, time.monotonic()
    if kept and now - kept[0] < settings.FIRM_CACHE_SECONDS:
        return kept[1]
    try:
        branding = Branding.objects.defer("logo", "favicon").first()
    except DatabaseError:
        return _firm(Branding())
    found = _firm(branding or Branding())
    _kept = (now, found)
    return found


@lru_cache(maxsize=8)
def _colours_by_day(colour: str) -> BrandColours:
    return brand_colours(colour, "light")


def _firm(branding: Branding) -> Firm:
    colour = branding.colour if is_colour(branding.colour) else PORTAL_COLOUR
    colours = _colours_by_day(colour)
    sheet, logo, icon = branding.stylesheet_hash, branding.logo_hash, branding.favicon_hash
    return Firm(
        name=branding.name or settings.FIRM_NAME,
        support_email=branding.support_email or settings.FIRM_SUPPORT_EMAIL,
        support_phone=branding.support_phone or settings.FIRM_SUPPORT_PHONE,
        privacy_url=branding.privacy_url,
        terms_url=branding.terms_url,
        home_url=branding.home_url,
        logo_url=reverse("journey:brand_picture", args=[logo]) if logo else "",
        logo_width=branding.logo_width,
        logo_height=branding.logo_height,
        favicon_url=reverse("journey:brand_picture", args=[icon]) if icon else "",
        brand_css_url=reverse("journey:brand", args=[sheet]) if sheet else "",
        action=colours.action,
        on_action=colours.on_action,
        link=colours.link,
        secured_by_codat=branding.secured_by_codat,
    )


def firm(request):
    return {"firm": SimpleLazyObject(current_firm)}
