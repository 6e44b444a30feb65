"""One customer, without a browser: reads pages, presses their buttons, and remembers all of it."""

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests

from .letters import link_to_carry_on
from .pages import Form, Page
from .scripts import Script

POLL_SECONDS = 1.0
PATIENCE_SECONDS = 120.0
"""How long a customer stays where nothing new is seen; far more than any trouble lasts."""
NOT_SHOWN = (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)
"""Nobody listens, or the server was killed before its answer, or in the middle of it."""


class Stuck(Exception):
    """The customer cannot go on; the message says what was on the screen."""


@dataclass
class Customer:
    script: Script
    portal: str
    platform: str
    take_access_away: Callable[[str], None]
    """Plays the platform that ends the access of the business with this public id."""
    forgives_errors: bool = False
    """Presses “Try again” where something went wrong on our side; else that is a finding."""
    story: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    last_page: str = ""
    seconds: float = 0.0
    is_over: bool = False

    def __post_init__(self) -> None:
        self._browser = _browser()
        self._other_browser: requests.Session | None = None
        self._visits = list(self.script.kind.visits)
        self._granted = ""
        self._lost_access = False
        self._company = ""
        self._may_go_again = False
        self._began = self._moved_at = time.monotonic()

    # ── the whole visit ─────────────────────────────────────────────────────────────────────────
    def live(self) -> None:
        self._began = self._moved_at = time.monotonic()
        page = self._get(self.portal + "/")
        while not self.is_over:
            if time.monotonic() - self._moved_at > PATIENCE_SECONDS:
                raise Stuck(f"nothing new since {page}")
            page = self._act(page)
        self.seconds = time.monotonic() - self._began

    def _act(self, page: Page) -> Page:
        if page.url.startswith(self.platform):
            return self._sign_in(page)
        if page.status == 503:
            return self._trouble(page)
        if page.status == 500 and self.forgives_errors:
            time.sleep(POLL_SECONDS)
            return self._get(page.url)
        if page.status != 200:
            raise Stuck(f"{page}: {page.text[-300:]!r}")
        if found := re.match(r"/journey/([0-9a-f-]{36})/", page.path):
            self._company = found[1]
        for pattern, act in (
            (r"/$", self._start),
            (r"/sent/$", self._look_for_the_mail),
            (r"/i/[^/]+/$", self._open_link),
            (r"/journey/[^/]+/software/$", self._choose),
            (r"/journey/[^/]+/permission/\w+/$", self._permit),
            (r"/journey/[^/]+/leave/\w+/$", self._leave),
            (r"/journey/[^/]+/connections/[^/]+/reconnect/$", self._leave),
            (r"/journey/[^/]+/preparing/\w+/$", self._wait_for_link),
            (r"/journey/[^/]+/progress/$", self._watch),
            (r"/journey/[^/]+/confirm/$", self._confirm),
            (r"/journey/[^/]+/done/$", self._done),
            (r"/journey/[^/]+/connections/$", self._reconnect),
        ):
            if re.match(pattern, page.path):
                return act(page)
        raise Stuck(f"a page nobody expected: {page}")

    # ── pages of ours ───────────────────────────────────────────────────────────────────────────
    def _start(self, page: Page) -> Page:
        form = _needed(page.form_with("name", "email"), page)
        return self._post(form, name=self.script.business, email=self.script.email)

    def _look_for_the_mail(self, page: Page) -> Page:
        link = link_to_carry_on(self.script.email)
        if link:
            return self._get(link)
        time.sleep(POLL_SECONDS)
        return page

    def _open_link(self, page: Page) -> Page:
        opened = self._post(_needed(page.form_to("/i/"), page))
        is_in = not opened.path.startswith("/i/")
        if is_in and self.script.kind.two_browsers and self._other_browser is None:
            self._other_browser, self._browser = self._browser, _browser()
            return self._get(page.url)
        return opened

    def _choose(self, page: Page) -> Page:
        first = not self._visited
        wanted = self.script.platforms[0 if first or not self.script.kind.other_software else 1]
        for link in page.links:
            if link.url.endswith(f"/permission/{wanted}/"):
                return self._get(link.url)
        raise Stuck(f"{wanted} is not on {page}")

    @property
    def _visited(self) -> int:
        return len(self.script.kind.visits) - len(self._visits)

    def _permit(self, page: Page) -> Page:
        return self._post(_needed(page.form_with("agree"), page), agree="on")

    def _leave(self, page: Page) -> Page:
        return self._post(_needed(_way_out(page), page))

    def _wait_for_link(self, page: Page) -> Page:
        form = _way_out(page)
        return self._post(form) if form else self._poll(page)

    def _trouble(self, page: Page) -> Page:
        """Our “problem with the service”: its button tries again."""
        time.sleep(POLL_SECONDS)
        return self._post(_needed(_way_out(page), page))

    def _watch(self, page: Page) -> Page:
        """The progress page: does what its main button says once there is nothing to wait for."""
        if self._gives_up():
            return self._end(page)
        onward = any(part in page.primary for part in (*WAYS_OUT, "/software/", "/files/"))
        if onward and self._may_go_again and self._visits:
            if self.script.kind.other_software:
                return self._get(f"{self.portal}/journey/{self._company}/software/")
            time.sleep(POLL_SECONDS / 2)
            return self._get(self.portal + page.primary)
        return self._poll(page)

    def _gives_up(self) -> bool:
        return not self._visits and self.script.kind.visits[-1] in ("cancel", "leave")

    def _confirm(self, page: Page) -> Page:
        form = _needed(page.form_with("identity"), page)
        if "Harbour Cafe" in page.text:
            if self._granted != "wrong":
                self.findings.append("was asked to confirm the business of an earlier sign-in")
            self._may_go_again = True
            return self._post(form, answer="no")
        if self._granted == "wrong":
            self.findings.append(f"was not shown whose business was chosen: {page}")
        return self._post(form, answer="yes")

    def _done(self, page: Page) -> Page:
        if not (self.script.kind.loses_access and not self._lost_access):
            return self._end(page)
        self._lost_access = True
        self.take_access_away(self._company)
        self._tell("the platform takes the access back")
        return self._get(f"{self.portal}/journey/{self._company}/connections/")

    def _reconnect(self, page: Page) -> Page:
        onward = [link.url for link in page.links if any(part in link.url for part in WAYS_OUT)]
        if onward:
            return self._get(onward[0])
        time.sleep(POLL_SECONDS)
        return self._get(page.url)

    def _end(self, page: Page) -> Page:
        if self._other_browser is not None:
            self._browser = self._other_browser
            seen = self._get(page.url)
            if (seen.status, seen.heading) != (page.status, page.heading):
                self.findings.append(f"the first browser shows {seen}, the second {page}")
        self.last_page, self.is_over = str(page), True
        return page

    # ── the platform's page ─────────────────────────────────────────────────────────────────────
    def _sign_in(self, page: Page) -> Page:
        if page.status != 200:
            raise Stuck(f"at the platform: {page}")
        if not self._visits:
            self.findings.append("was sent to sign in once more than the script says")
            self._visits.append("allow")
        act = self._visits.pop(0)
        if act == "leave":
            return self._end(page)
        form = _needed(page.form_with("organisation"), page)
        self._granted, self._may_go_again = act, act not in ("allow", "wrong")
        organisation = "harbour-cafe" if act == "wrong" else "own"
        action = "allow" if act == "wrong" else act
        return self._post(form, organisation=organisation, action=action)

    # ── the browser ─────────────────────────────────────────────────────────────────────────────
    def _poll(self, page: Page) -> Page:
        """As htmx does: fetch the fragment; what answers with a redirect is fetched whole."""
        time.sleep(POLL_SECONDS)
        if not page.poll_url:
            return self._get(page.url)
        answer = self._ask("GET", page.poll_url, headers={"HX-Request": "true"})
        if onward := answer.headers.get("HX-Redirect"):
            return self._get(self.portal + onward if onward.startswith("/") else onward)
        if "HX-Refresh" in answer.headers or answer.status_code != 200:
            return self._get(page.url)
        part = Page(answer)
        page.forms, page.poll_url = part.forms or page.forms, part.poll_url
        return page

    def _get(self, url: str) -> Page:
        return self._shown("GET", url, self._follow(self._ask("GET", url)))

    def _post(self, form: Form, **answers: str) -> Page:
        data = {**form.fields, **answers}
        twin = None
        if self.script.kind.double_clicks:
            twin = threading.Thread(target=self._press_too, args=(form.action, data))
            twin.start()
        answer = self._ask("POST", form.action, data=data, headers={"Referer": form.action})
        if twin:
            twin.join()
        return self._shown("POST", form.action, self._follow(answer))

    def _ask(self, method: str, url: str, **more: Any) -> requests.Response:
        """One request; while nobody answers, the customer tries again, as often as it takes."""
        ends = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return self._browser.request(method, url, timeout=60, allow_redirects=False, **more)
            except NOT_SHOWN:
                if time.monotonic() > ends:
                    raise
                self._tell("the page cannot be reached")
                time.sleep(POLL_SECONDS / 2)

    def _follow(self, answer: requests.Response) -> requests.Response:
        """Redirects one by one, so that none is asked for twice because a later one failed."""
        for _ in range(20):
            if not answer.is_redirect:
                return answer
            answer = self._ask("GET", urljoin(answer.url, answer.headers["Location"]))
        raise Stuck(f"sent round in circles at {urlsplit(answer.url).path}")

    def _press_too(self, url: str, data: dict[str, str]) -> None:
        """The other half of a double click, whose answer nobody sees."""
        browser = _browser()
        browser.cookies.update(self._browser.cookies)
        try:
            answer = browser.post(
                url, data=data, headers={"Referer": url}, timeout=60, allow_redirects=False
            )
        except NOT_SHOWN:
            return
        if answer.status_code == 500 and not self.forgives_errors:
            self.findings.append(f"a double click was answered {answer.status_code}")

    def _shown(self, method: str, asked: str, answer: requests.Response) -> Page:
        page = Page(answer)
        self._tell(f"{method} {urlsplit(asked).path} → {page}")
        return page

    def _tell(self, what: str) -> None:
        """What is seen again and again is told once, with the time of the last."""
        if self.story and self.story[-1].endswith(f" {what}"):
            first = self.story.pop().split()[0].split("–")[0]
            self.story.append(f"{first}–{self._at()} {what}")
        else:
            self._moved_at = time.monotonic()
            self.story.append(f"{self._at()} {what}")

    def _at(self) -> str:
        return f"{time.monotonic() - self._began:.1f}"


def _browser() -> requests.Session:
    browser = requests.Session()
    browser.trust_env = False
    return browser


WAYS_OUT = ("/leave/", "/reconnect/")
"""The pages from which a form leads to the software: of a kind of it, or of one connection."""


def _way_out(page: Page) -> Form | None:
    return next((form for part in WAYS_OUT if (form := page.form_to(part))), None)


def _needed(form: Form | None, page: Page) -> Form:
    if form is None:
        raise Stuck(f"the form is missing on {page}")
    return form
