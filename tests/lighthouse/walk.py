"""To the four pages that are measured, as a browser without script would get there."""

from collections.abc import Iterator
from dataclasses import dataclass

import requests

from tests.simulated import eventually
from tests.stories.stack import Stack
from tests.storm.pages import Form, Page

BUSINESS, EMAIL = "Hill Top Joinery Ltd", "owner@joinery.example"
XERO = "gbol"


@dataclass(frozen=True)
class Stop:
    """One page, and the cookies of the browser that may open it."""

    name: str
    url: str
    cookies: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Cookie": self.cookies} if self.cookies else {}


def walk(stack: Stack) -> Iterator[Stop]:
    """Start, choose, permission and confirm of one new business; each while it is the next page."""
    browser = requests.Session()
    browser.trust_env = False
    page = Page(browser.get(f"{stack.url}/", timeout=30))
    yield Stop("start", page.url, "")

    def stop(name: str) -> Stop:
        cookies = "; ".join(f"{each.name}={each.value}" for each in browser.cookies)
        return Stop(name, page.url, cookies)

    def press(form: Form | None, **answers: str) -> requests.Response:
        assert form is not None, f"the form is missing on {page}"
        data = {**form.fields, **answers}
        headers = {"Referer": form.action}
        return browser.post(form.action, data, headers=headers, timeout=30)

    press(page.form_with("name", "email"), name=BUSINESS, email=EMAIL)
    page = Page(browser.get(_mailed_link(stack), timeout=30))
    page = Page(press(page.form_to("/i/")))
    yield stop("choose")
    tile = next(link.url for link in page.links if link.url.endswith(f"/permission/{XERO}/"))
    page = Page(browser.get(tile, timeout=30))
    yield stop("permission")
    confirmation = page.url.partition("/permission/")[0] + "/confirm/"
    at_software = Page(press(page.form_with("agree"), agree="on"))
    press(at_software.form_with("organisation"), action="allow")

    def confirm() -> Page | None:
        at = Page(browser.get(confirmation, timeout=30))
        return at if at.form_with("identity") else None

    page = eventually(confirm, seconds=60, what="the page that asks for the name")
    yield stop("confirm")


def _mailed_link(stack: Stack) -> str:
    """The one that proves the address, out of the mail."""

    def link() -> str | None:
        links = [url for mail in stack.mails_to(EMAIL) for url in mail.links if "/i/" in url]
        return links[0] if links else None

    return str(eventually(link, seconds=30, what="the mail with the link"))
