"""How a state is written down: a name, the template it draws, and the function that draws it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from django.contrib.auth.models import AnonymousUser
from django.core.mail import EmailMultiAlternatives
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.test import Client, RequestFactory
from django.utils.translation import get_language

from onboarding.accounts.models import User
from onboarding.linking.models import Company
from tests import factories

LONG = "Aberystwyth and Llanfairpwllgwyngyll Agricultural Machinery Repairs and Sons Ltd"
"""80 characters, one word of 20."""

BUSINESSES = ["Brook & Sons Ltd", "Harbour Cafe", "Mill Lane Ltd", "Old Forge Bakery"]
BUSINESSES += ["Green Hill Farm", "Station Cycles"]
MANY = ["FreeAgent", "KashFlow", "Wave", "Zoho Books", "Sage Intacct", "Exact Online", "Pandle"]
SOFTWARE = [
    "Xero",
    "QuickBooks Online",
    "QuickBooks Desktop",
    "Sage 50",
    "Shopify",
    "Square",
    "Plaid",
    *MANY,
]
NOTE = ": we spoke on the phone on Monday."
AGREEMENT = {
    "purpose": "We look at your figures to decide on your loan, and again each quarter until it is "
    "paid back.",
    "access": "Looking is all that we can do: nothing in your books changes, and no money moves.",
    "account_information": "We see the name, the number and the address of your business.",
    "platform_data": "The list below is what we see, from two years back until today.",
    "retention": "Seven years after the last payment we delete all of it, as the law wants.",
}
"""A permission in a firm's own words."""
NAMES = [
    *BUSINESSES,
    *SOFTWARE,
    "Northbank",
    "#rrggbb",
    "#FFD400",
    "Balance.pdf",
    "Sales.csv",
    "Alice Lopez",
    "Sam",
    "Codat",
    "English",
    "Arabic",
    "العربيّة",
    LONG,
    LONG[::-1],
    NOTE,
    *AGREEMENT.values(),
]
"""Every name that the rows of the catalogue hold, and what pages show of them."""

Drawn: TypeAlias = HttpResponse | EmailMultiAlternatives


@dataclass(frozen=True)
class State:
    """One page in one state.

    `name` is `<face>-<page>--<state>`. `template` is the page's own, without its bases and parts.
    `draw` makes the rows and returns the answer, or the mail; the caller gives the transaction.
    `part` is which body of a mail is meant.
    """

    name: str
    template: str
    draw: Callable[[], Drawn]
    part: str = ""


STATES: dict[str, State] = {}


def add(name: str, template: str, draw: Callable[..., Drawn], /, *args: Any, **kwargs: Any) -> None:
    """Write down one state; what follows `draw` is given to it."""
    part = kwargs.pop("part", "")
    assert name not in STATES, f"two states are called {name}"
    STATES[name] = State(name, template, partial(draw, *args, **kwargs), part)


def browser(**kwargs: Any) -> Client:
    """Django's test client, in the language that is active."""
    return Client(headers={"accept-language": get_language() or "en"}, **kwargs)


def customer(company: Company, **fields: Any) -> Client:
    """A browser that holds the key of a session for this company."""
    client = browser()
    _session, client.cookies["journey"] = factories.make_session(company, **fields)
    return client


def member(user: User) -> Client:
    """A browser in which a member of staff is signed in."""
    client = browser()
    client.force_login(user)
    return client


def bare_request(path: str = "/", user: User | None = None) -> HttpRequest:
    """A request that no middleware has seen, for views that are reached by trouble alone."""
    request = RequestFactory().get(path)
    request.user, request.htmx = user or AnonymousUser(), False
    return request


def straight(template: str, **context: Any) -> HttpResponse:
    """A template that a view draws only in circumstances which cannot be had here."""
    return render(bare_request(), template, context)
