"""Somebody who has no mouse: Tab to the next thing, Enter and Space to use it."""

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

LOOK = """
() => {
  const here = document.activeElement, body = document.body;
  if (!here || here === body) return null;
  const style = getComputedStyle(here);
  const drawn = [...here.getClientRects()].find(box => box.width && box.height);
  const at = here.getBoundingClientRect();
  const seen = box => {
    const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    return top && (here.contains(top) || [...(here.labels || [])].some(each => each.contains(top)));
  };
  const before = window.lastStop;
  window.lastStop = here;
  const follows = !before || !before.isConnected ||
    before.compareDocumentPosition(here) & Node.DOCUMENT_POSITION_FOLLOWING;
  const label = here.labels?.length ? here.labels[0].innerText : here.innerText;
  return {
    name: (label || here.getAttribute("aria-label") || "").replace(/\\s+/g, " ").trim(),
    ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    inside: at.top >= 0 && at.left >= 0 && at.bottom <= innerHeight && at.right <= innerWidth,
    seen: Boolean(drawn && seen(drawn)),
    follows: Boolean(follows),
    html: here.outerHTML.slice(0, 120),
  };
}
"""
MOST_STOPS = 60


class Keyboard:
    """`stops` are the names of all that had the focus on this page, in their order."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.stops: list[str] = []
        page.on("framenavigated", lambda _frame: self.stops.clear())

    def presses(self, key: str) -> None:
        self.page.keyboard.press(key)

    def types(self, text: str) -> None:
        self.page.keyboard.type(text)

    def goes_on(self) -> dict[str, Any] | None:
        """To the next thing of the page; None behind its end."""
        self.presses("Tab")
        stop: dict[str, Any] | None = self.page.evaluate(LOOK)
        if stop:
            self.stops.append(stop["name"])
        return stop

    def goes_to(self, name: str | re.Pattern[str]) -> None:
        """Tab by tab to what has that name; each stop on the way is seen, in reading order."""
        wanted = re.compile(f"^{re.escape(name)}$") if isinstance(name, str) else name
        for _ in range(MOST_STOPS):
            stop = self.goes_on()
            assert stop, f"{name} is not among {self.stops}"
            amiss = [what for what in ("ring", "inside", "seen", "follows") if not stop[what]]
            assert amiss == [], f"{stop['html']} lacks {amiss}"
            if wanted.search(stop["name"]):
                return
        raise AssertionError(f"{name} is not among {self.stops}")

    def uses(self, name: str | re.Pattern[str], key: str = "Enter") -> None:
        self.goes_to(name)
        self.presses(key)

    def stands_on(self, what: Locator) -> None:
        """The page itself has moved the focus there, and from there it goes on.

        All of the page: what follows has to be there before the next key is pressed.
        """
        expect(what).to_be_focused()
        self.page.wait_for_load_state()
        self.page.evaluate("window.lastStop = document.activeElement")

    def skips_to_the_content(self) -> None:
        self.uses("Skip to main content")
        self.stands_on(self.page.locator("#main"))

    def finds_the_answer_to(self, name: str) -> None:
        """A software's own page: nothing there is ours to judge."""
        for _ in range(MOST_STOPS):
            stop = self.goes_on()
            if stop and stop["name"] == name:
                self.presses("Enter")
                return
        raise AssertionError(f"{name} is not among {self.stops}")
