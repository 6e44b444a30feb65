"""What we know ourselves about platforms, by Codat's platform key (FACTS 6): starting values only.

Codat does not publish these; staff change them in the admin, and a refresh never overwrites that.
"""

from datetime import time

POPULAR_FIRST = ("gbol", "qhyg", "tgff", "hbql", "fztf", "exgd", "zsth", "suuo", "upvr")
"""Xero, QuickBooks Online, Sage Accounting, Sage 50, Shopify, Stripe, Square, Plaid, TrueLayer"""

DESKTOP_ONLY = {"pqsw": "password", "hbql": "key"}
"""QuickBooks Desktop and Sage 50, and what is typed in on their computer to set them up."""

READ_AT_NIGHT = {"pqsw": (time(19), time(7))}
"""The hours of QuickBooks Desktop's connector unless its users choose others; and weekends."""

BETTER_ON_A_LARGE_SCREEN = ("akxx", "trji", "jcrp", "knfz")

ASKS_FOR_ADDRESS = ("fztf", "ltpp")
"""Shopify and WooCommerce begin with the address of the shop."""

ASKS_FOR_KEYS = ("vqzp",)
"""BigCommerce asks for keys that its owner makes in the shop's own settings."""

TEST_ONLY = ("ndsk", "mqjo", "aiwb", "lrhd", "ltes", "xcwv", "yzth")
"""Codat's own test integrations: customers of a real firm never see them."""


def starting_values(key: str, name: str) -> dict[str, object]:
    """Our columns of a platform that is met for the first time."""
    is_test = key in TEST_ONLY or name.endswith(("Sandbox", " Test"))
    values: dict[str, object] = {"shown": not is_test}
    if key in POPULAR_FIRST:
        values["order"] = 10 + POPULAR_FIRST.index(key)
    if key in DESKTOP_ONLY:
        values |= {"device_class": "desktop", "set_up_by": DESKTOP_ONLY[key]}
    elif key in BETTER_ON_A_LARGE_SCREEN:
        values["device_class"] = "large"
    if key in READ_AT_NIGHT:
        values["read_from"], values["read_until"] = READ_AT_NIGHT[key]
    return values
