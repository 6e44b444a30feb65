"""What a browser without script sees of a page: where it is, its heading, forms and links."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import requests


@dataclass
class Form:
    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    choices: dict[str, list[str]] = field(default_factory=dict)


@dataclass
class Link:
    url: str
    is_primary: bool


class Page(HTMLParser):
    """An answer as it was shown; `path` is that of the last redirect."""

    def __init__(self, answer: requests.Response) -> None:
        super().__init__()
        self.url, self.status = answer.url, answer.status_code
        self.path = urlsplit(answer.url).path
        self.heading, self.text = "", ""
        self.forms: list[Form] = []
        self.links: list[Link] = []
        self.poll_url, self.poll_delay, self.poll_looks, self.poll_target = "", 0.0, "", ""
        self._form: Form | None = None
        self._select = ""
        self._open: list[str] = []
        self.feed(answer.text)

    def __str__(self) -> str:
        return f"{self.status} {self.path} “{self.heading}”"

    @property
    def primary(self) -> str:
        """The path that the page's main button leads to; empty when it is no link."""
        return next((urlsplit(link.url).path for link in self.links if link.is_primary), "")

    def form_with(self, *names: str) -> Form | None:
        """The first posted form with a field or a button of each of these names."""
        for form in self.forms:
            known = {*form.fields, *form.choices, *(name for name, _ in form.buttons)}
            if form.method == "post" and known.issuperset(names):
                return form
        return None

    def form_to(self, part: str) -> Form | None:
        return next((f for f in self.forms if f.method == "post" and part in f.action), None)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            action = urljoin(self.url, given.get("action") or self.url)
            self._form = Form(action, given.get("method", "get").lower())
            self.forms.append(self._form)
        elif tag == "a" and "href" in given:
            url = urljoin(self.url, given["href"])
            self.links.append(Link(url, given.get("data-kind") == "primary"))
        elif tag in ("h1", "script", "style"):
            self._open.append(tag)
        if given.get("hx-trigger", "").startswith("load ") and "hx-get" in given:
            self.poll_url = urljoin(self.url, given["hx-get"])
            self.poll_delay = float(given["hx-trigger"].split("delay:")[-1].rstrip("s"))
            self.poll_looks = "".join(filter(str.isdigit, given.get("hx-vals", "")))
            self.poll_target = given.get("id", "")
        if self._form is not None:
            self._in_form(self._form, tag, given)

    def _in_form(self, form: Form, tag: str, given: dict[str, str]) -> None:
        name, value = given.get("name", ""), given.get("value", "")
        if tag == "button" and name:
            form.buttons.append((name, value))
        elif tag == "select":
            self._select = name
            form.choices[name] = []
        elif tag == "option" and self._select:
            form.choices[self._select].append(value)
        elif tag == "input" and name:
            if given.get("type") == "radio":
                form.choices.setdefault(name, []).append(value)
            elif given.get("type") == "checkbox":
                form.choices.setdefault(name, []).append(value or "on")
            else:
                form.fields[name] = value

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""
        elif self._open and self._open[-1] == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if not self._open:
            self.text += data
        elif self._open[-1] == "h1":
            self.heading += data.strip()
            self.text += data
