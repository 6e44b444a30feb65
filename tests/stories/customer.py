"""A customer with a browser: what they see, press and type. Steps are named as they would."""

import itertools
import re
import time
from typing import Any

from playwright.sync_api import Locator, Page, Request, expect

from onboarding.demo.mailbox import Mail
from tests.simulated import eventually

from .stack import Stack

SECONDS = 30
"""Longest wait for anything in a story."""
expect.set_options(timeout=SECONDS * 1000)

_numbers = itertools.count(1)


class Customer:
    def __init__(self, stack: Stack, page: Page, *, script: bool = True) -> None:
        number = next(_numbers)
        self.stack, self.page, self.script = stack, page, script
        self.business = f"Brook and Sons {number} Ltd"
        self.email = f"owner{number}@business.example"
        self.forms_sent: list[str] = []
        self.complaints: list[str] = []
        self._read: set[str] = set()
        page.set_default_timeout(SECONDS * 1000)
        page.context.on("request", self._note_form)
        page.context.on("console", self._note_complaint)
        page.context.on("weberror", lambda error: self.complaints.append(str(error.error)))

    # ── what happened so far ─────────────────────────────────────────────────────────────────────
    def _note_form(self, request: Request) -> None:
        if request.method == "POST" and request.url.startswith(self.stack.url):
            self.forms_sent.append(request.url.removeprefix(self.stack.url))

    def _note_complaint(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    @property
    def company(self) -> dict[str, Any]:
        """The portal's rows about this customer."""
        return self.stack.company(self.business)

    @property
    def at_codat(self) -> dict[str, Any]:
        """The one company that Codat holds for this customer, with its one connection."""
        (company,) = self.stack.simulator.companies_of(self.company["uid"])
        (company["connection"],) = company["dataConnections"]
        return company

    # ── looking ──────────────────────────────────────────────────────────────────────────────────
    def heading(self, text: str | re.Pattern[str]) -> Locator:
        return self.page.get_by_role("heading", level=1, name=text)

    def sees(self, text: str | re.Pattern[str]) -> None:
        """The page with this main heading, or one that leads to it while work goes on."""
        self.waits_for(self.heading(text))

    def waits_for(self, wanted: Locator) -> None:
        """The page brings it by itself; without script a patient person checks again."""
        ends = time.monotonic() + SECONDS
        again = self.page.get_by_role("link", name="Check again").last
        while not self.script:
            # Between two pages there is neither.
            expect(wanted.or_(again).first).to_be_visible()
            if wanted.is_visible():
                return
            assert time.monotonic() < ends, f"never seen: {wanted}; it stayed {self.page.title()!r}"
            self.page.wait_for_timeout(300)  # what makes the person patient
            again.click()
        expect(wanted).to_be_visible()

    def link(self, name: str) -> Locator:
        return self.page.get_by_role("link", name=name, exact=True)

    def goes_back(self) -> None:
        self.page.go_back()

    def mail(self, subject: str | re.Pattern[str], *, address: str = "") -> Mail:
        """The one mail of that subject that they have not read yet, once it has come."""

        def arrived() -> list[Mail]:
            mails = self.stack.mails_to(address or self.email)
            unread = (each for each in mails if each.id not in self._read)
            return [each for each in unread if re.search(subject, each.subject)]

        (mail,) = eventually(arrived, what=f"the mail {subject!r}")
        self._read.add(mail.id)
        return mail

    def opens_mailed_link(self, subject: str | re.Pattern[str], *, address: str = "") -> None:
        """Wait for the one new mail of that subject, and follow its link to the portal."""
        self.page.goto(self.link_of(self.mail(subject, address=address)))

    def link_of(self, mail: Mail) -> str:
        (link,) = [url for url in mail.links if "/i/" in url]
        return link

    def asks_for_the_way_in(self) -> None:
        """With nothing but the address; the mailed link then opens their connections."""
        self.page.goto("/connections/")
        self.page.get_by_label("E-mail").fill(self.email)
        self.button("Send me a link").click()
        self.sees("Look at your e-mails")
        self.opens_mailed_link("Your link to your connections")
        self.button("Continue").click()

    def presses_until(self, name: str, wanted: Locator) -> None:
        """Again and again, as long as the same page comes back."""
        ends = time.monotonic() + SECONDS
        while True:
            expect(wanted.or_(self.button(name)).first).to_be_visible()
            if wanted.is_visible():
                return
            assert time.monotonic() < ends, f"never seen: {wanted}; it stayed {self.page.title()!r}"
            self.page.wait_for_timeout(300)  # what makes the person patient
            self.button(name).click()

    # ── the journey, step by step ────────────────────────────────────────────────────────────────
    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def presses_twice(self, name: str) -> None:
        """The second press comes while the portal, slow today, still works on the first."""
        button = self.button(name)
        button.scroll_into_view_if_needed()
        box = button.bounding_box()
        assert box is not None
        middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        with self.stack.slow_database():
            for _ in range(2):
                # A click on the button itself would wait for the page that does not come.
                with self.page.expect_request(lambda request: request.method == "POST"):
                    self.page.mouse.click(*middle)

    def fills_in_the_start(self) -> None:
        self.page.get_by_label("Name of your business").fill(self.business)
        self.page.get_by_label("Your e-mail address").fill(self.email)

    def starts(self) -> None:
        self.page.goto("/")
        self.fills_in_the_start()
        self.button("Connect accounting software").click()
        self.proves_the_address()

    def proves_the_address(self) -> None:
        self.sees(f"We sent a link to {self.email}")
        self.opens_mailed_link("your link to carry on")
        self.button("Continue").click()
        self.sees("What software do you use?")

    def searches(self, words: str, *, found: str, gone: str) -> None:
        """Typing is enough with script, which says aloud how many there are; else the button."""
        self.page.get_by_role("searchbox").fill(words)
        if not self.script:
            self.button("Search").click()
        expect(self.link(gone)).to_be_hidden()
        expect(self.link(found)).to_be_visible()
        if self.script:
            expect(self.page.locator("#live")).to_contain_text(f"found for “{words}”")

    def chooses(self, software: str = "Xero") -> None:
        self.link(software).click()
        self.sees(f"Let Northbank read from {software}")

    def ticks_the_box(self) -> None:
        self.page.get_by_role("checkbox").check()

    def agrees(self, software: str = "Xero") -> None:
        self.ticks_the_box()
        self.button(f"Agree and go to {software}").click()
        self.is_brought_to_the_software(software)
        self.is_at_the_software()

    def is_at_the_software(self) -> None:
        expect(self.heading("Allow access to your data?")).to_be_visible()
        assert self.page.url.startswith(self.stack.simulator.platform_url)

    def is_brought_to_the_software(self, software: str = "Xero") -> None:
        """At once, or by way of the page that prepares it."""
        there = self.heading("Allow access to your data?")
        expect(there.or_(self.heading(f"Opening {software}"))).to_be_visible()
        if not there.is_visible():
            self.waits_for(self.button(f"Go to {software}"))
            self.presses_go(software)

    def answers_at_the_software(self, button: str, organisation: str = "") -> None:
        if organisation:
            self.page.get_by_label("Organisation").select_option(label=organisation)
        self.button(button).click()

    def goes_to_the_software(self) -> None:
        self.starts()
        self.chooses()
        self.agrees()

    def goes_there_again(self, button: str, software: str = "Xero") -> None:
        """From a page that offers it, by way of the page that says whose sign-in comes next."""
        self.link(button).click()
        self.sees(f"You are going to {software}")
        self.presses_go(software)

    def presses_go(self, software: str = "Xero") -> None:
        self.button(f"Go to {software}").click()
        self.is_at_the_software()

    def allows_access(self) -> None:
        self.answers_at_the_software("Allow access")
        self.sees("Is this your business?")

    def says_yes(self) -> None:
        self.button("Yes, this is us").click()
        self.sees("You are connected")

    def goes_all_the_way(self) -> None:
        self.goes_to_the_software()
        self.allows_access()
        self.says_yes()
