"""Two names as people see them, and two businesses by their numbers."""

import pytest

from onboarding.linking.models import CompanyIdentity
from onboarding.linking.services.comparing import Difference, compare, difference

DIFFERENCES = [
    ("Brook & Sons", "Brook  & Sons ", Difference.NONE),
    ("Brook & Sons", "BROOK & SONS", Difference.CASE),
    ("Brook & Sons", "brook and sons.", Difference.PUNCTUATION),
    ("O'Hara", "O’HARA", Difference.PUNCTUATION),
    ("Café Zoë Bakery", "Caf Zo Bakery", Difference.REMOVED),
    ("Café Zoë", "Cafe Zoe", Difference.ACCENTS),
    ("Brook & Sons Ltd", "Brook and Sons Limited", Difference.LEGAL_FORM),
    ("Brook & Sons Ltd", "BROOK & SONS", Difference.LEGAL_FORM),
    ("Brook & Sons", "Brooke & Sons", Difference.SPELLING),
    ("Brook & Sons", "Harbour Cafe", Difference.OTHER),
    ("日本商事 Ltd", "中国商事 Ltd", Difference.OTHER),
    ("日本商事 Ltd", "Ltd", Difference.OTHER),
    ("Smith 1 Ltd", "Smith 2 Ltd", Difference.OTHER),
    ("", "", Difference.OTHER),
]


@pytest.mark.parametrize(("given", "found", "kind"), DIFFERENCES)
def test_the_kind_of_difference_is_named_whichever_name_came_first(given, found, kind):
    assert difference(given, found) == difference(found, given) == kind


def identity(ref="", number="", tax="", name="Brook & Sons"):
    return CompanyIdentity(name=name, platform_ref=ref, registration_number=number, tax_number=tax)


PAIRS = {
    "all the same": (identity("ref-1", "08123456"), identity("ref-1", "08123456"), "same"),
    "written otherwise": (identity(number="08 123-456"), identity(number="08123456"), "same"),
    "one in common": (identity("ref-1", "08123456"), identity("ref-1"), "same"),
    "all different": (identity("ref-1", "08123456"), identity("ref-2", "11223344"), "different"),
    "of one name": (identity("ref-1"), identity("ref-2"), "different"),
    "under a new name": (identity("ref-1"), identity("ref-1", name="Harbour Cafe"), "same"),
    "they disagree": (identity("ref-1", "08123456"), identity("ref-1", "11223344"), "unknown"),
    "none in common": (identity("ref-1"), identity(number="08123456"), "unknown"),
    "a name only": (identity(), identity(), "unknown"),
    "nothing at all": (identity(name=""), identity(name=""), "unknown"),
    "not a number": (
        identity(number="n/a", tax="0000"),
        identity(number="n/a", tax="0000"),
        "unknown",
    ),
}


@pytest.mark.parametrize(("before", "now", "answer"), PAIRS.values(), ids=PAIRS)
def test_only_numbers_say_that_two_are_one(before, now, answer):
    assert compare(before, now) == compare(now, before) == answer
