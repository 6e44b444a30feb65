"""What customers may choose from: the software on offer, and its categories."""

import time
from dataclasses import dataclass
from functools import cached_property

from django.conf import settings

from .models import Category, Platform


@dataclass(frozen=True)
class OnOffer:
    """Rows that all readers share: to be read, never to be changed."""

    all_categories: tuple[Category, ...]
    all_platforms: tuple[Platform, ...]
    """Also what was on offer once: connections made with it live on. Without the logos' bytes."""

    @cached_property
    def categories(self) -> tuple[Category, ...]:
        """Those that are offered, in order."""
        return tuple(each for each in self.all_categories if each.offered)

    @cached_property
    def platforms(self) -> tuple[Platform, ...]:
        """What is on offer and belongs to an offered category."""
        offered = {each for category in self.categories for each in category.source_types}
        return tuple(
            each for each in self.all_platforms if each.is_on_offer and each.source_type in offered
        )

    def platform(self, key: str) -> Platform | None:
        """The one with this key, if it is on offer."""
        return next((each for each in self.platforms if each.key == key), None)

    def known_platform(self, key: str) -> Platform | None:
        """The one with this key, whether or not it is on offer now."""
        return next((each for each in self.all_platforms if each.key == key), None)

    @property
    def only_platform(self) -> Platform | None:
        """The software on offer, if there is exactly one."""
        return self.platforms[0] if len(self.platforms) == 1 else None


_kept: tuple[float, OnOffer] | None = None


def forget_offers() -> None:
    """Staff changed something: this process shows it at once, the others within seconds."""
    global _kept  # noqa: PLW0603 - a cache of one
    _kept = None


def on_offer() -> OnOffer:
    """As of at most `FIRM_CACHE_SECONDS` ago: each page asks for it, most of them more than once.

    What staff set, and only that; a company's own rows are always read anew.
    """
    global _kept  # noqa: PLW0603 - a cache of one
    kept, now = _kept, time.monotonic()
    if kept and now - kept[0] < settings.FIRM_CACHE_SECONDS:
        return kept[1]
    found = OnOffer(
        tuple(Category.objects.all()),
        tuple(Platform.objects.popular_first().without_pictures()),
    )
    _kept = (now, found)
    return found
