"""A customer with a browser: what they see, press and type. Steps are named as they would."""

import itertools
import re
import time
from typing import Any

from playwright.sync_api import Locator, Page, Request, expect

from .stack import Stack

SECONDS = 20
"""Longest wait for anything in a story."""

_numbers = itertools.count(1)


class Customer:
    def __init__(self, stack: Stack, page: Page, *, script: bool = True) -> None:
        number = next(_numbers)
        self.stack, self.page, self.script = stack, page, script
        self.business = f"Brook and Sons {number} Ltd"
        self.email = f"owner{number}@business.example"
        self.forms_sent: list[str] = []
        self.complaints: list[str] = []
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
        assert len(company["dataConnections"]) == 1
        return company

    # ── looking ──────────────────────────────────────────────────────────────────────────────────
    def heading(self, text: str | re.Pattern[str]) -> Locator:
        return self.page.get_by_role("heading", level=1, name=text)

    def sees(self, text: str | re.Pattern[str]) -> None:
        """The page with this main heading, or one that leads to it while work goes on."""
        if self.script:
            expect(self.heading(text)).to_be_visible(timeout=SECONDS * 1000)
            return
        ends = time.monotonic() + SECONDS
        again = self.page.get_by_role("link", name="Check again").last
        while not self.heading(text).is_visible() and again.is_visible():
            assert time.monotonic() < ends, f"no page {text!r}, but {self.page.title()!r}"
            self.page.wait_for_timeout(300)  # what a patient person does
            again.click()
        expect(self.heading(text)).to_be_visible(timeout=SECONDS * 1000)

    # ── the journey, step by step ────────────────────────────────────────────────────────────────
    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def fills_in_the_start(self) -> None:
        self.page.goto("/")
        self.page.get_by_label("Name of your business").fill(self.business)
        self.page.get_by_label("Your e-mail address").fill(self.email)

    def starts(self) -> None:
        self.fills_in_the_start()
        self.button("Connect accounting software").click()
        self.sees("What software do you use?")

    def chooses(self, software: str = "Xero") -> None:
        self.button(software).click()
        self.sees(f"Let Northbank read from {software}")

    def ticks_the_box(self) -> None:
        self.page.get_by_role("checkbox").check()

    def agrees(self, software: str = "Xero") -> None:
        self.ticks_the_box()
        self.button(f"Agree and go to {software}").click()
        self.is_at_the_software()

    def is_at_the_software(self) -> None:
        expect(self.heading("Allow access to your data?")).to_be_visible()
        assert self.page.url.startswith(self.stack.simulator.platform_url)

    def answers_at_the_software(self, button: str, organisation: str = "") -> None:
        if organisation:
            self.page.get_by_label("Organisation").select_option(label=organisation)
        self.button(button).click()

    def goes_to_the_software(self) -> None:
        self.starts()
        self.chooses()
        self.agrees()

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
