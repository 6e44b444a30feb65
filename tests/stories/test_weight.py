"""What a first visit costs on a phone's plan, and whom else the pages ask: nobody."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Response

MOST = 30_000
"""Bytes as they come over the wire, headers and all: the page, its styles, script and pictures.

Browsers fetch logos some two screens ahead: on the list of software all of them count.
"""


class Scales:
    """Weighs what a page fetches, as it comes over the wire."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.answers: list[Response] = []
        self.asked: set[str] = set()
        page.context.on("request", lambda request: self.asked.add(request.url))
        page.on("response", lambda answer: self.answers.append(answer))

    def weigh(self, show: Callable[[], Any]) -> dict[str, int]:
        """Bytes by path, of all that a browser needs which has nothing yet."""
        session = self.page.context.new_cdp_session(self.page)
        session.send("Network.clearBrowserCache")
        self.answers.clear()
        show()
        self.page.wait_for_load_state("networkidle")
        found = {urlsplit(each.url).path: self._wire(each) for each in self.answers}
        session.detach()
        return found

    def _wire(self, answer: Response) -> int:
        sizes = answer.request.sizes()
        told = int(answer.headers.get("content-length", 0))  # of late pictures Chromium may say 0
        return int(max(sizes["responseBodySize"], told) + sizes["responseHeadersSize"])


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_each_page_of_the_first_visit_is_light_and_asks_nobody_else(make_customer, stack, phone):
    customer = make_customer(phone=phone)
    scales = Scales(customer.page)
    reload = customer.page.reload
    weights = {"start": scales.weigh(lambda: customer.page.goto("/"))}
    customer.starts()
    weights["choose"] = scales.weigh(reload)
    customer.chooses()
    weights["permission"] = scales.weigh(reload)
    customer.agrees()
    customer.allows_access()
    weights["confirm"] = scales.weigh(reload)
    for page, parts in weights.items():
        assert any(path.endswith(".css") for path in parts), (page, parts)
        assert sum(parts.values()) <= MOST, (page, parts)
    assert sum(path.startswith("/logos/") for path in weights["choose"]) > 10
    ours = {stack.url, stack.simulator.platform_url}
    hosts = {re.match(r"[a-z]+://[^/]+", url).group() for url in scales.asked}
    assert hosts - ours <= {stack.simulator.url}, "the software's own sign-in begins at Codat"
    assert customer.complaints == []
