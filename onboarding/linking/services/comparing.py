"""Comparing businesses: two names as people see them, two identities by what cannot be alike."""

import enum
import re
import unicodedata

from rapidfuzz import fuzz

from onboarding.codat import allowed_name
from onboarding.linking.models import CompanyIdentity

Compared = CompanyIdentity.Compared

_LEGAL_FORMS = re.compile(
    r"\b(ltd|limited|llp|llc|plc|inc|incorporated|corp|corporation|co|company|gmbh|bv|sarl|pty)\b"
)
SAME_NAME = 90
"""Likeness (0 to 100) from which two cleaned names count as one name spelt differently."""


class Difference(enum.StrEnum):
    """The most that two names differ in, as a person would say it; the slightest first."""

    NONE = "none"
    CASE = "case"
    PUNCTUATION = "punctuation"
    REMOVED = "removed"
    """Signs that the name of a company at Codat cannot hold (FACTS 3.2)."""
    ACCENTS = "accents"
    LEGAL_FORM = "legal_form"
    SPELLING = "spelling"
    OTHER = "other"


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", " ".join(name.split()))


def _without_punctuation(name: str) -> str:
    # “L.L.C.” and “O'Hara” are read as one word each.
    joined = re.sub(r"[.'’]", "", name.replace("&", " and "))
    return " ".join(re.findall(r"\w+", joined))


def without_accents(name: str) -> str:
    """“Möwe” as “Mowe”; letters of other scripts stay."""
    return "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))


def essence(name: str) -> str:
    """A name without case, accents, punctuation and legal form: what a person compares."""
    words = _without_punctuation(without_accents(_plain(name)).casefold())
    return " ".join(_LEGAL_FORMS.sub(" ", words).split()) or words


def difference(given: str, found: str) -> Difference:
    """How two names differ. Either may be empty, and is then like no other."""
    ours, theirs = _plain(given), _plain(found)
    if not essence(ours) or not essence(theirs):
        return Difference.OTHER
    for kind, cleaned in (
        (Difference.NONE, lambda name: name),
        (Difference.CASE, str.casefold),
        (Difference.PUNCTUATION, lambda name: _without_punctuation(name.casefold())),
    ):
        if cleaned(ours) and cleaned(ours) == cleaned(theirs):
            return kind
    if _is_what_codat_leaves(ours, theirs) or _is_what_codat_leaves(theirs, ours):
        return Difference.REMOVED
    for kind, cleaned in (
        (Difference.ACCENTS, lambda name: _without_punctuation(without_accents(name).casefold())),
        (Difference.LEGAL_FORM, essence),
    ):
        if cleaned(ours) == cleaned(theirs):
            return kind
    alike = fuzz.ratio(essence(ours), essence(theirs)) >= SAME_NAME
    return Difference.SPELLING if alike else Difference.OTHER


def _is_what_codat_leaves(cleaned: str, name: str) -> bool:
    """Whether one is the other without the signs that names at Codat cannot have.

    Where hardly more than “Ltd” is left, too many names would be one.
    """
    left = " ".join(allowed_name(name).split()).casefold()
    is_name = len(_LEGAL_FORMS.sub("", left).replace(" ", "")) >= len(name) / 2
    return is_name and left == cleaned.casefold()


def nearest_difference(given: str, identity: CompanyIdentity) -> Difference:
    """From the software's name or its legal name, whichever is nearer to the one given."""
    order = list(Difference)
    found = [difference(given, name) for name in (identity.name, identity.legal_name) if name]
    return min(found, key=order.index, default=Difference.OTHER)


_IDENTIFIERS = ("platform_ref", "registration_number", "tax_number")


def compare(before: CompanyIdentity, now: CompanyIdentity) -> str:
    """Whether both are one business, by the identifiers that both have.

    Names are no proof of either: without a common identifier, or where one says yes and another
    no, it is unknown, and a person has to say.
    """
    answers = set()
    for name in _IDENTIFIERS:
        ours, theirs = _bare(getattr(before, name)), _bare(getattr(now, name))
        if ours and theirs:
            answers.add(ours == theirs)
    if len(answers) != 1:
        return Compared.UNKNOWN
    return Compared.SAME if answers.pop() else Compared.DIFFERENT


def _bare(identifier: str) -> str:
    """Without the spaces and signs in which two ways of writing one number differ.

    Empty for “0”, “n/a” and the like, which would make strangers one business.
    """
    bare = "".join(re.findall(r"\w", identifier)).casefold()
    return bare if len(bare.strip("0")) >= 4 and any(c.isdigit() for c in bare) else ""


def key_of(number: str) -> str:
    """A registration number as it is looked for among all customers; empty where it says nothing.

    Spreadsheets take leading zeros away: with and without them it is one number.
    """
    return _bare(number).lstrip("0")
