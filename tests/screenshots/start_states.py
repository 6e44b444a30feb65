"""The front door, and choosing software."""

import io
from typing import Any

from django.http import HttpResponse
from django.test import override_settings
from django.urls import reverse
from PIL import Image, ImageDraw, ImageFont

from onboarding.linking.models import Branding, Platform
from onboarding.linking.pictures import platform_button
from tests.factories import make_connection, make_platform

from .customers import BRANDS, brook, confirmed, software, visit
from .registry import LONG, MANY, add, browser, customer


def landing() -> HttpResponse:
    with override_settings(SELF_SERVICE=False):
        return browser().get("/")


def start(posted: dict[str, str] | None = None, **firm: Any) -> HttpResponse:
    if firm:
        Branding.objects.create(**{"name": "Northbank"} | firm)
    software()
    return browser().post("/", posted) if posted is not None else browser().get("/")


def start_of_nobody() -> HttpResponse:
    software()
    nothing = {"FIRM_NAME": "", "FIRM_SUPPORT_EMAIL": "", "FIRM_SUPPORT_PHONE": ""}
    with override_settings(**nothing):
        return browser().get("/")


def start_after_leaving() -> HttpResponse:
    software()
    company = brook()
    client = customer(company)
    return client.post(reverse("journey:sign_out", args=[company.public_id]), follow=True)


add("journey-landing--default", "journey/landing.html", landing)
add("journey-start--empty", "journey/start.html", start)
add("journey-start--error", "journey/start.html", start, {"name": "…", "email": "owner"})
add("journey-start--nothing-entered", "journey/start.html", start, {"name": ""})
add("journey-start--long", "journey/start.html", start, name=LONG, home_url="https://a.example")
add("journey-start--no-firm", "journey/start.html", start_of_nobody)
add("journey-start--finished-here", "journey/start.html", start_after_leaving)
for _name, _colour in BRANDS.items():
    add(f"journey-start--{_name}", "journey/start.html", start, colour=_colour)


def choose(
    query: str = "", *, many: bool = False, long: bool = False, colour: str = ""
) -> HttpResponse:
    if colour:
        Branding.objects.create(name="Northbank", colour=colour)
    software(long=long)
    for number, name in enumerate(MANY * 6 if many else []):
        make_platform(f"m{number}", f"{name} {number}", order=200)
    return visit("choose", brook(), query=query)


def choose_among_states() -> HttpResponse:
    software()
    company = brook()
    confirmed(make_connection(company, status="Linked"))
    make_connection(company, "fztf", source_type="Commerce")
    lost = make_connection(company, "aszz", "Deauthorized", source_type="Banking")
    confirmed(lost)
    return visit("choose", company)


def own_button(words: str, ground: str) -> bytes:
    """A button as software firms draw theirs: wide, in their colour, with words in it."""
    image = Image.new("RGBA", (446, 80))
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((0, 0, 445, 79), 8, fill=ground)
    pen.text((223, 40), words, "white", ImageFont.load_default(36), anchor="mm")
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def give_own_buttons(*keys: str) -> None:
    for part, ground in {"": "#1f7a1f", "_hover": "#0f5c0f"}.items():
        png = platform_button(own_button("Connect to QuickBooks", ground))
        shown = {f"button{part}": png.png, f"button{part}_hash": png.digest}
        Platform.objects.filter(key__in=keys).update(**shown)


def choose_by_own_buttons() -> HttpResponse:
    software()
    make_platform("btnl", LONG, order=4)
    company = brook()
    make_connection(company, "qhyg", source_type="Accounting")
    give_own_buttons("qhyg", "btnl", "hcws")
    return visit("choose", company)


def choose_after_it_went() -> HttpResponse:
    software()
    company = brook()
    address = reverse("journey:permission", args=[company.public_id, "gone"])
    return customer(company).get(address, follow=True)


add("journey-choose--empty", "journey/choose.html", lambda: visit("choose", brook()))
add("journey-choose--few", "journey/choose.html", choose)
add("journey-choose--many", "journey/choose.html", choose, many=True)
add("journey-choose--long", "journey/choose.html", choose, long=True)
add("journey-choose--found", "journey/choose.html", choose, "?q=sage")
add("journey-choose--not-found", "journey/choose.html", choose, "?q=Lotus+Organizer")
add("journey-choose--states", "journey/choose.html", choose_among_states)
add("journey-choose--own-buttons", "journey/choose.html", choose_by_own_buttons)
add("journey-choose--not-on-offer", "journey/choose.html", choose_after_it_went)
for _name, _colour in BRANDS.items():
    add(f"journey-choose--{_name}", "journey/choose.html", choose, colour=_colour)
