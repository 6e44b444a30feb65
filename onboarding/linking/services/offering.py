"""What a company may connect, and how far it is with each."""

from dataclasses import dataclass

from onboarding.linking import stages
from onboarding.linking.models import Category, Company, Connection, Platform
from onboarding.linking.on_offer import on_offer

from .errors import NotOnOffer


@dataclass(frozen=True)
class Offer:
    """A platform as one company sees it.

    `state` is "new", "pending", "connected", "read_once", "lost" or, where somebody here ended it,
    "ended".
    """

    platform: Platform
    state: str
    connection: Connection | None = None


@dataclass(frozen=True)
class CategoryOffers:
    category: Category
    offers: list[Offer]


def offers(*, company: Company) -> list[CategoryOffers]:
    """What this company may connect, by category, with what it has connected already."""
    present = list(company.connections.present())
    found = []
    known = on_offer()
    for category in known.categories:
        entries = [
            _offer(platform, present)
            for platform in known.platforms
            if platform.source_type in category.source_types
        ]
        if entries:
            found.append(CategoryOffers(category, entries))
    return found


_STATE_OF_STATUS = {
    stages.LINKED: "connected",
    stages.PENDING_AUTH: "pending",
    stages.UNLINKED: "ended",
    stages.DEAUTHORIZED: "lost",
}
_NEAREST_FIRST = (*(stages.PENDING_AUTH, stages.UNLINKED, stages.DEAUTHORIZED, stages.LINKED),)


def _offer(platform: Platform, present: list[Connection]) -> Offer:
    connection = nearest([c for c in present if c.platform_key == platform.key], linked_first=True)
    if connection is None:
        return Offer(platform, "new")
    if connection.status != stages.LINKED and connection.stage == stages.ConnectionStage.READY:
        return Offer(platform, "read_once", connection)
    return Offer(platform, _STATE_OF_STATUS.get(connection.status, "lost"), connection)


def nearest(connections: list[Connection], *, linked_first: bool) -> Connection | None:
    """The one that is closest to being signed in to, or the linked one before all."""
    order = (stages.LINKED, *_NEAREST_FIRST) if linked_first else _NEAREST_FIRST
    return next((c for status in order for c in connections if c.status == status), None)


def platform_on_offer(*, key: str) -> Platform:
    """Raises NotOnOffer."""
    platform = on_offer().platform(key)
    if platform is None:
        raise NotOnOffer
    return platform
