"""Customers who take their time, in a browser that polls as the pages ask it to."""

import time
from dataclasses import dataclass

from tests.storm.customer import Customer
from tests.storm.pages import Page


@dataclass
class Visitor(Customer):
    """One who reads, types a password and thinks; `allowed_at` and so on are wall-clock times."""

    sign_in_seconds: float = 20.0
    confirm_seconds: float = 10.0
    allowed_at: float = 0.0
    asked_at: float = 0.0
    done_at: float = 0.0

    def _sign_in(self, page: Page) -> Page:
        time.sleep(self.sign_in_seconds)
        self.allowed_at = time.time()
        return super()._sign_in(page)

    def _confirm(self, page: Page) -> Page:
        self.asked_at = self.asked_at or time.time()
        time.sleep(self.confirm_seconds)
        return super()._confirm(page)

    def _done(self, page: Page) -> Page:
        self.done_at = time.time()
        return super()._done(page)

    def _poll(self, page: Page) -> Page:
        """As htmx does it: wait as told, fetch the fragment, put it in the place of the old one."""
        if not page.poll_url:
            time.sleep(1)
            return self._get(page.url)
        time.sleep(page.poll_delay)
        answer = self._browser.get(
            page.poll_url,
            params={"looks": page.poll_looks},
            headers={"HX-Request": "true", "HX-Target": page.poll_target},
            timeout=60,
        )
        if onward := answer.headers.get("HX-Redirect"):
            return self._get(self.portal + onward if onward.startswith("/") else onward)
        if "HX-Refresh" in answer.headers or answer.status_code != 200:
            return self._get(page.url)
        part = Page(answer)
        page.forms = part.forms or page.forms
        page.poll_url, page.poll_delay, page.poll_looks = (
            *(part.poll_url, part.poll_delay),
            part.poll_looks,
        )
        return page
