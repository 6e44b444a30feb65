"""Which page comes next: from rows, never from the URL."""

from django.urls import reverse
from django.utils.translation import get_language, gettext

from onboarding.linking.models import (
    Company,
    Connection,
    CustomerSession,
    Invitation,
    Platform,
)
from onboarding.linking.on_offer import on_offer
from onboarding.linking.services import connecting, consents, leaving, offering
from onboarding.linking.services.errors import NotOnOffer
from onboarding.linking.stages import (
    LINKED,
    PENDING_AUTH,
    Stage,
)


def software_of(invitation: Invitation) -> str:
    """The name of the software a mailed link is about; empty for one about the whole business."""
    if invitation.connection:
        return invitation.connection.platform_name
    platform = on_offer().known_platform(invitation.platform_key)
    return platform.name if platform else ""


def is_on_computer(invitation: Invitation) -> bool:
    """The software it is about is set up on the computer that has it."""
    about = invitation.connection or invitation
    platform = on_offer().known_platform(about.platform_key)
    return platform is not None and platform.needs_computer


def address(page: str, company: Company, *more: str) -> str:
    return reverse(f"journey:{page}", args=[company.public_id, *more])


# ── which page ───────────────────────────────────────────────────────────────────────────────────
def only_platform() -> Platform | None:
    """The software on offer, if there is exactly one: the chooser is then skipped."""
    return on_offer().only_platform


def step_text(step: str, *, is_given: bool = False) -> str:
    """“Step 2 of 4”, or of 3 where there is nothing to choose from, or none has to be chosen."""
    order = ["start", "choose", "permission", "confirm"]
    if is_given or only_platform():
        order.remove("choose")
    numbers = {"number": order.index(step) + 1, "all": len(order)} if step in order else None
    return gettext("Step %(number)d of %(all)d") % numbers if numbers else ""


def was_given(session: CustomerSession, platform_key: str) -> bool:
    """Whether the link that the customer began with was about this software."""
    return bool(session.invitation and session.invitation.platform_key == platform_key)


def choosing_page(company: Company) -> str:
    """Where a customer picks software; its permission page when there is nothing to pick."""
    platform = only_platform()
    if platform:
        first = "computer" if platform.needs_computer else "permission"
        return address(first, company, platform.key)
    return address("choose", company)


def page_after_skipping(company: Company, offers: list[offering.CategoryOffers]) -> str:
    """Where “Skip for now” leads, once nothing that is needed is missing; else empty."""
    done = {g.category.slug for g in offers if any(o.state == "connected" for o in g.offers)}
    if not done or any(g.category.required and g.category.slug not in done for g in offers):
        return ""
    onward = next_page(company)
    return address("connections", company) if onward == choosing_page(company) else onward


def next_page(company: Company) -> str:
    """Where a customer goes on who comes back after any time, from the stage alone."""
    if company.stage == Stage.READY:
        return address("done", company)
    if company.stage == Stage.LOST:
        return address("connections", company)
    if company.stage in (Stage.CONFIRMING, Stage.READING):
        return address("progress", company)
    if company.stage == Stage.AUTHORIZING:
        return _page_while_authorizing(company)
    return choosing_page(company)


def _page_while_authorizing(company: Company) -> str:
    attempt = leaving.latest_attempt(company=company)
    if attempt and attempt.connection.status == PENDING_AUTH:
        return address("progress", company)
    pending = company.connections.present().filter(status=PENDING_AUTH).last()
    if pending and pending.platform_key:
        return address("leave", company, pending.platform_key)
    return choosing_page(company)


def page_for_platform(company: Company, platform: Platform, *, version: int) -> str:
    """What follows the choice of this software: permission once, then the way out."""
    known = connecting.connection_for(company=company, platform_key=platform.key)
    if known and known.status == LINKED:
        if asks_again(company, platform):
            return address("permission", company, platform.key)
        return address("connections", company)
    agreed = consents.has_consent(company=company, platform_key=platform.key, version=version)
    if platform.needs_computer:
        return address("guide" if agreed else "computer", company, platform.key)
    return address("leave" if agreed else "permission", company, platform.key)


def asks_again(company: Company, platform: Platform) -> bool:
    """Permission was given, but in other words than those of today."""
    known, language = consents.given(company), get_language() or ""
    return bool(consents.outdated(given=known, platforms=[platform], language=language))


def is_linked(company: Company, platform: Platform) -> bool:
    """There may be several of it; where one is linked, permission is renewed, not first given."""
    known = company.connections.present().filter(platform_key=platform.key)
    return known.filter(status=LINKED).exists()


def connected_instead(company: Company, about: Platform | Connection | None) -> Connection | None:
    """What stands in the way of this software: another one where only one is read at a time."""
    if about is None:
        return None
    try:
        other = connecting.in_the_way(company=company, source_type=about.source_type)
    except NotOnOffer:
        return None
    key = about.key if isinstance(about, Platform) else about.platform_key
    return other if other and other.platform_key != key else None
