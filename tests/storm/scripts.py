"""What each customer of a storm does, and where a run without faults leaves them."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

ACCOUNTING: Final = ("gbol", "qhyg", "tgff", "vxvy", "rwuv")
"""Keys of platforms that are online, name the company and read without special rules."""
NAMELESS: Final = "pbtz"
"""The platform that gives no company name."""


@dataclass(frozen=True)
class End:
    """Where the customer stands when nothing is due any more.

    `connections` lists (status at Codat, our stage), in the order in which they were made.
    """

    stage: str = "ready"
    connections: tuple[tuple[str, str], ...] = (("Linked", "ready"),)
    problems: frozenset[str] = frozenset()
    mails: Mapping[str, int] = field(default_factory=lambda: {"connected": 1, "first_read_done": 1})
    """Beside the one that proved the address."""


@dataclass(frozen=True)
class Kind:
    """`visits` are the acts at the sign-in, one for each visit there."""

    name: str
    weight: int
    visits: tuple[str, ...]
    end: End = End()
    double_clicks: bool = False
    other_software: bool = False
    """Chooses other software after a visit that ended in “not supported”."""
    two_browsers: bool = False
    """Opens the mailed link in one browser, and again in another that carries on."""
    loses_access: bool = False
    """The platform takes the access back when all is done; the customer reconnects."""


KINDS: Final = (
    Kind("straight", 34, ("allow",)),
    Kind("double clicks", 14, ("allow",), double_clicks=True),
    Kind("opens the mail in two browsers", 8, ("allow",), two_browsers=True),
    Kind("cancels, then allows", 10, ("cancel", "allow")),
    Kind("fails, then allows", 8, ("fail", "allow")),
    Kind("wrong business, then the right one", 12, ("wrong", "allow")),
    Kind(
        "not supported, then other software",
        6,
        ("not_supported", "allow"),
        End(connections=(("PendingAuth", "gone"), ("Linked", "ready"))),
        other_software=True,
    ),
    Kind(
        "loses access, then reconnects",
        8,
        ("allow", "allow"),
        End(mails={"connected": 2, "first_read_done": 2}),
        loses_access=True,
    ),
    Kind(
        "cancels and gives up",
        4,
        ("cancel",),
        End("authorizing", (("PendingAuth", "authorizing"),), frozenset({"cancelled"}), {}),
    ),
    Kind(
        "never signs in",
        4,
        ("leave",),
        End("authorizing", (("PendingAuth", "authorizing"),), mails={}),
    ),
)


@dataclass(frozen=True)
class Script:
    number: int
    kind: Kind
    business: str
    email: str
    platforms: tuple[str, ...]


_FIRST = ("Amber", "Birch", "Copper", "Dale", "Elm", "Fern", "Gorse", "Hazel", "Iris", "Juniper")
_TRADE = ("Bakery", "Bikes", "Books", "Cabinets", "Dental", "Florist", "Joinery", "Optics")


def write_scripts(count: int, seed: int) -> list[Script]:
    """As many scripts as wanted, the same for the same seed; the first are one of each kind."""
    chance = random.Random(f"scripts:{seed}")
    weights = [kind.weight for kind in KINDS]
    kinds = [*KINDS, *chance.choices(KINDS, weights, k=max(0, count - len(KINDS)))][:count]
    return [_write(number, kind, seed, chance) for number, kind in enumerate(kinds)]


def _write(number: int, kind: Kind, seed: int, chance: random.Random) -> Script:
    platforms = chance.sample(ACCOUNTING, 2)
    if kind.name == "straight" and chance.random() < 0.2:
        platforms[0] = NAMELESS
    return Script(
        number=number,
        kind=kind,
        business=f"{chance.choice(_FIRST)} {chance.choice(_TRADE)} {number:04d}",
        email=f"customer{number:04d}@storm{seed}.example",
        platforms=tuple(platforms),
    )
