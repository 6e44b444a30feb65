"""The permission a customer gives: its wording, and the record of it exactly as shown."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from onboarding.linking.data_types import customer_words
from onboarding.linking.models import (
    Category,
    Company,
    Consent,
    ConsentText,
    CustomerSession,
    Platform,
)
from onboarding.linking.on_offer import on_offer

from .gathering import category_of
from .onboarding import add_act
from .recording import lock_company
from .restaging import restage

DEFAULT_VERSION = 1
"""Of the built-in wording. Staff's own count on from 2; only translations share a number."""


DATA_SECTION = 3
"""Which of the sections the list of data types belongs to: “What we read”."""


@dataclass(frozen=True)
class Wording:
    """What the permission page says: five headed sections, and what is read in plain words."""

    version: int
    sections: list[tuple[str, str]]
    data_types: list[str]
    how_to_stop: str

    @property
    def text(self) -> str:
        """The whole, as it is stored with the permission; the list stands where it was shown."""
        listed = "\n".join(f"- {name}" for name in self.data_types)
        parts = [f"{heading}\n{body}" for heading, body in self.sections]
        parts[DATA_SECTION] = f"{parts[DATA_SECTION]}\n{listed}".strip()
        return "\n\n".join([*parts, self.how_to_stop])


def wording_for(*, platform: Platform, language: str, firm_name: str) -> Wording:
    """The newest wording for the platform's category; staff's own text, else the built-in one."""
    with translation.override(language or translation.get_language() or "en"):
        names = list(dict.fromkeys(customer_words(name) for name in platform.data_types))
        stored = _stored_text(platform, language)
        bodies = _stored_bodies(stored) if stored else _default_bodies(platform, firm_name)
        return Wording(
            version=stored.version if stored else DEFAULT_VERSION,
            sections=list(zip(_headings(), bodies, strict=True)),
            data_types=names,
            how_to_stop=_(
                "You can stop at any time, under “Your connections” or inside %(software)s."
            )
            % {"software": platform.name},
        )


def _headings() -> list[str]:
    return [
        _("Why we ask"),
        _("What we can do"),
        _("About your business"),
        _("What we read"),
        _("How long we keep it"),
    ]


def _stored_text(platform: Platform, language: str) -> ConsentText | None:
    slug = category_of(platform.source_type, on_offer().all_categories)
    texts = list(_texts(language).filter(Q(category__slug=slug) | Q(category=None)))
    own = (text for text in texts if text.category_id is not None)
    return next(own, None) or next(iter(texts), None)


def _texts(language: str):
    """Staff's texts in the reader's language, or in the one it is a kind of (pt-br: pt)."""
    spoken = language or "en"
    own = ConsentText.objects.filter(language=spoken)
    return (
        own
        if "-" not in spoken or own.exists()
        else own.model.objects.filter(language=spoken.partition("-")[0])
    )


def _stored_bodies(stored: ConsentText) -> list[str]:
    return [
        stored.purpose,
        stored.access,
        stored.account_information,
        stored.platform_data,
        stored.retention,
    ]


def _default_bodies(platform: Platform, firm_name: str) -> list[str]:
    names = {"firm": firm_name or _("We"), "software": platform.name}
    return [
        _("Your figures come straight from %(software)s, so that you need not send us papers.")
        % names,
        _("We only read. We change nothing, and we cannot move money."),
        _("We read the name, the registration number and the address of your business."),
        _(
            "From %(software)s we read what is listed here. "
            "Later we read it again, to stay up to date."
        )
        % names,
        _(
            "We keep what we read while you are a customer, and as long as the law asks after "
            "that. "
            "We share it with nobody else unless you agree."
        ),
    ]


def given(company: Company) -> dict[str, set[int]]:
    """The versions to which a permission stands, by platform key; none left if it was withdrawn."""
    found: dict[str, set[int]] = {}
    for consent in company.consents.only("platform_key", "version", "withdrawn_at"):
        versions = found.setdefault(consent.platform_key, set())
        if consent.withdrawn_at is None:
            versions.add(consent.version)
    return found


def outdated(*, given: dict[str, set[int]], platforms: list[Platform], language: str) -> set[str]:
    """The keys of those for which a permission was given, but not in the words of today.

    A new purpose is a new wording: it needs a permission of its own. One query, or none.
    """
    known = [platform for platform in platforms if platform.key in given]
    if not known:
        return set()
    categories = on_offer().all_categories
    texts = list(_texts(language).values_list("category__slug", "version"))
    return {
        platform.key
        for platform in known
        if _present_version(platform, categories, texts) not in given[platform.key]
    }


def _present_version(
    platform: Platform, categories: Iterable[Category], texts: list[tuple[str | None, int]]
) -> int:
    """The same choice as `_stored_text`, from texts in hand, the newest first."""
    slug = category_of(platform.source_type, categories)
    own = [version for about, version in texts if about == slug]
    general = [version for about, version in texts if about is None]
    return next(iter([*own, *general]), DEFAULT_VERSION)


def record(
    *,
    session: CustomerSession,
    platform: Platform,
    wording: Wording,
    now: datetime,
    agreement: str = "",
) -> Consent:
    """Store one permission. The same wording given twice (a second press) is one record.

    `agreement` is the sentence beside the box that was ticked.
    """
    with transaction.atomic():
        company = lock_company(session.company_id)
        known = _valid(company, platform.key, wording.version).first()
        if known:
            return known
        invitation = session.invitation
        consent = Consent.objects.create(
            company=company,
            contact=invitation.recipient if invitation else company.primary_contact,
            platform_key=platform.key,
            version=wording.version,
            text="\n\n".join(part for part in (wording.text, agreement) if part),
            data_types=platform.data_types,
            at=now,
        )
        add_act(company, "permission_given", now=now, text=platform.name)
        restage(company, now=now)
    return consent


def _valid(company: Company, platform_key: str, version: int):
    return company.consents.filter(
        platform_key=platform_key, version=version, withdrawn_at__isnull=True
    )


def has_consent(*, company: Company, platform_key: str, version: int) -> bool:
    return _valid(company, platform_key, version).exists()
