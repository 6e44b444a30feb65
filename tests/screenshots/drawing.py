"""One browser that draws rendered pages and says what is amiss with them.

The pages come from memory and nothing reaches a network: what a page asks for beyond our static
files, its brand and its logos, is answered with nothing.
"""

import mimetypes
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import axe_playwright_python
from django.contrib.staticfiles import finders
from playwright.sync_api import Browser, Route, sync_playwright
from playwright.sync_api import Page as Tab

from tests.requirements import CHROMIUM_SWITCHES, find_chromium

from .rendering import Page

ORIGIN = "http://portal.test"
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
AXE_SECONDS = 30
DJANGOS_OWN = {"aria-prohibited-attr": ".selector .help-tooltip"}
"""Rule → what Django's own scripts draw, as they draw it; nothing of ours can mend it."""
RUN_AXE = """
async ([seconds, leftOut]) => {
  const late = new Promise((_, refuse) => setTimeout(() => refuse("axe took too long"),
                                                     seconds * 1000));
  const options = {resultTypes: ["violations"], rules: {"target-size": {enabled: true}}};
  const found = await Promise.race([axe.run(document, options), late]);
  const isLeftOut = (rule, node) => rule in leftOut &&
    node.target.every(where => document.querySelector(where)?.matches(leftOut[rule]));
  return found.violations.map(({id, nodes}) =>
    [id, nodes.filter(node => !isLeftOut(id, node)).map(node => node.html.slice(0, 160))]
  ).filter(([, nodes]) => nodes.length);
}
"""
MAIL_IS_NO_PAGE = {"landmark-one-main", "region", "page-has-heading-one"}
"""What axe asks of pages and a mail program frames by itself."""


@dataclass(frozen=True)
class Variant:
    name: str
    width: int
    theme: str = "light"
    pseudo: bool = False
    text: int = 100
    """Size of all text, in per cent."""
    script: bool = True
    medium: Literal["screen", "print"] = "screen"
    forced: bool = False
    """Colours that the reader's system forces upon the page."""
    spaced: bool = False
    """The spacing of text that WCAG 1.4.12 lets readers set."""
    states: tuple[str, ...] = ("*",)
    """Which states are drawn so, by pattern; each costs time."""

    def is_for(self, name: str) -> bool:
        return any(fnmatch(name, pattern) for pattern in self.states)


FACES = (
    *("journey-start--error", "journey-choose--states", "journey-permission--error"),
    *("journey-confirm--error", "journey-progress--reading", "journey-connections--statuses"),
    *("desk-worklist--every-reason", "accounts-login--refused"),
)
VARIANTS = [
    Variant("light-390", 390),
    Variant("light-1280", 1280),
    Variant("320", 320),
    Variant("text-200", 390, text=200),
    Variant("dark-390", 390, "dark"),
    Variant("dark-1280", 1280, "dark"),
    Variant("rtl-390", 390, pseudo=True),
    Variant("rtl-1280", 1280, pseudo=True),
    Variant("forced-390", 390, forced=True, states=FACES),
    Variant("print", 720, medium="print", states=("journey-receipt--*", "journey-done--*")),
    Variant("no-script-390", 390, script=False, states=("journey-*",)),
    Variant("spaced-390", 390, spaced=True, states=FACES),
]
SPACE = """
() => {
  for (const each of document.querySelectorAll("body, body *")) {
    const set = (name, value) => each.style.setProperty(name, value, "important");
    set("line-height", "1.5"); set("letter-spacing", "0.12em"); set("word-spacing", "0.16em");
    if (each.matches("p")) set("margin-block-end", "2em");
  }
}
"""


@contextmanager
def open_browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=CHROMIUM_SWITCHES
        )
        yield browser
        browser.close()


class Easel:
    """One tab, in which one page after the other is drawn."""

    def __init__(self, browser: Browser) -> None:
        self.page: Page | None = None
        self.complaints: list[str] = []
        self.tabs = {script: self._open(browser, script=script) for script in (True, False)}
        self.tab: Tab = self.tabs[True]

    def _open(self, browser: Browser, *, script: bool) -> Tab:
        context = browser.new_context(base_url=ORIGIN, locale="en-GB", java_script_enabled=script)
        context.route("**/*", self._answer)
        tab = context.new_page()
        tab.on("console", self._note)
        tab.on("pageerror", lambda error: self.complaints.append(str(error)))
        return tab

    def close(self) -> None:
        for tab in self.tabs.values():
            tab.context.close()

    def _note(self, line: Any) -> None:
        if line.type == "error" and line.location["url"]:  # axe, which tries styles, has none
            self.complaints.append(line.text)

    def _answer(self, route: Route) -> None:
        path = urlsplit(route.request.url).path
        page = self.page
        if path == "/" and page is not None:
            headers = {"Content-Type": "text/html; charset=utf-8"}
            if page.policy:
                headers["Content-Security-Policy"] = page.policy
            route.fulfill(body=page.html, headers=headers)
        elif page is not None and path in page.files:
            kind, body = page.files[path]
            route.fulfill(body=body, content_type=kind)
        elif path.startswith("/static/") and (found := finders.find(path[len("/static/") :])):
            kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
            route.fulfill(body=Path(str(found)).read_bytes(), content_type=kind)
        else:
            route.fulfill(status=204)

    def show(self, page: Page, variant: Variant) -> list[str]:
        """Draw it; returns what axe, the console and a ruler find amiss."""
        tab = self._tab_for(page, variant)
        if variant.spaced:
            tab.evaluate(SPACE)
        if variant.script:
            tab.evaluate(
                "size => document.documentElement.style.fontSize = size", f"{variant.text}%"
            )
            found = [f"{name}: {' | '.join(where)}" for name, where in self._axe(page)]
        else:
            found = []  # axe is a script, and the page the same
        wide = tab.evaluate("document.documentElement.scrollWidth")
        if wide > variant.width and (variant.width < 1000 or not page.is_mail):
            found.append(f"sideways: {wide} px in {variant.width}")
        found += [f"console: {text}" for text in self.complaints]
        self.complaints = []
        if variant.spaced or not variant.script:
            self.page = None  # what was done to it, or is on the other tab, is for this look only
        return found

    def _tab_for(self, page: Page, variant: Variant) -> Tab:
        """The tab with this page in it, looked at in this way."""
        tab = self.tab = self.tabs[variant.script]
        tab.set_viewport_size({"width": variant.width, "height": 844})
        tab.emulate_media(
            media=variant.medium,
            color_scheme=variant.theme,  # type: ignore[arg-type]
            forced_colors="active" if variant.forced else "none",
            reduced_motion="reduce",
        )
        if page is not self.page or not variant.script:
            self.page, self.complaints = page, []
            tab.goto("/")
            if variant.script:
                tab.evaluate(AXE)
        return tab

    def _axe(self, page: Page) -> list[tuple[str, list[str]]]:
        violations = self.tab.evaluate(RUN_AXE, [AXE_SECONDS, DJANGOS_OWN])
        return [each for each in violations if not (page.is_mail and each[0] in MAIL_IS_NO_PAGE)]

    def photograph(self, path: Path | None = None, *, whole: bool = True) -> bytes:
        return self.tab.screenshot(path=path, full_page=whole, animations="disabled")


def amiss_in_source(page: Page) -> list[str]:
    """What needs no browser: one heading, one primary button at most, a title, a script to copy."""
    if page.is_mail:
        return []
    found = []
    headings = len(re.findall(r"<h1\b", page.html))
    if headings != 1:
        found.append(f"headings: {headings} of the first rank")
    before_samples = page.html.partition('<div class="sample"')[0]  # these are pictures of pages
    primary = len(re.findall(r'data-kind="primary"', before_samples))
    if primary > 1:
        found.append(f"buttons: {primary} primary ones")
    if not re.search(r"<title>[^<]*\w", page.html):
        found.append("title: empty")
    if " data-copy=" in page.html and "js/portal.js" not in page.html:
        found.append("copy box: nothing draws its button")
    return found
