"""The businesses that a login at a platform can see: the right one first, then others.

An organisation is a plain dictionary, kept inside the company's record.
"""

import random
import re
from typing import Any

_TOWNS = ("Bristol", "Falmouth", "Leeds", "Norwich", "Perth", "Swansea", "Whitby", "York")
_OTHERS = (("harbour-cafe", "Harbour Cafe"), ("alder-finch", "Alder and Finch Trading"))
_ENDING = re.compile(r"\b(ltd|limited|llp|plc|inc|llc)\.?$", re.IGNORECASE)


def make(key: str, name: str, *, seed: str) -> dict[str, Any]:
    """An organisation called `name`; number, town and reference follow from `seed`."""
    chance = random.Random(f"{seed}:{key}:{name}")
    legal = name if _ENDING.search(name) else f"{name} Ltd"
    return {
        "id": key,
        "name": name,
        "legal_name": legal,
        "registration_number": f"{chance.randrange(10**10):010d}",
        "tax_number": f"GB{chance.randrange(100_000_000, 999_999_999)}",
        "town": chance.choice(_TOWNS),
        "line1": f"{chance.randrange(1, 120)} {chance.choice(('Quay', 'Mill', 'Station'))} Road",
        "postcode": f"{chance.choice(('BS', 'LS', 'YO'))}{chance.randrange(1, 20)} 4QT",
        "reference": f"{chance.getrandbits(64):016x}",
        "currency": "GBP",
        "scale": round(chance.uniform(0.4, 3.0), 2),
    }


def seen_by(company_id: str, company_name: str) -> list[dict[str, Any]]:
    """What the customer's login offers: their own business, and two that are somebody else's."""
    own_name = company_name or "Unnamed Business"
    organisations = [make("own", own_name, seed=company_id)]
    for key, name in _OTHERS:
        if name.casefold() not in own_name.casefold():
            organisations.append(make(key, f"{name} Ltd", seed="elsewhere"))
    return organisations


def find(organisations: list[dict[str, Any]], wanted: str | None) -> dict[str, Any] | None:
    """By id or name; the first when nothing is asked for; None when it is not among them."""
    if not wanted:
        return organisations[0] if organisations else None
    folded = wanted.casefold()
    for organisation in organisations:
        words = (organisation["id"], organisation["name"], organisation["legal_name"])
        if folded in (word.casefold() for word in words):
            return organisation
    return None
