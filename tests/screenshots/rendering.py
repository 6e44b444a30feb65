"""From a state to a page that a browser can draw alone: its HTML and what the HTML asks for."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape, unescape

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template import Template
from django.test import Client
from django.test.signals import template_rendered
from django.utils.translation import get_language, override

from .registry import State, browser

PICTURES = re.compile(r'(?:href|src)="(/(?:brand|logos)/[^"]+)"')
OF_STAFF = re.compile(r'(?:href|src)="(/admin/[^"]*(?:jsi18n/|\.css)[^"]*)"')


@dataclass(frozen=True)
class Page:
    """One state as the server sends it."""

    name: str
    html: str
    status: int
    policy: str
    is_mail: bool
    templates: set[str]
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    """Brand sheets and logos: path → content type and body."""


class _Undo(Exception):
    pass


@contextmanager
def _undone() -> Iterator[None]:
    """The rows of one state are gone before the next."""
    try:
        with transaction.atomic():
            yield
            raise _Undo
    except _Undo:
        pass


@contextmanager
def _templates_used() -> Iterator[set[str]]:
    used: set[str] = set()

    def note(template: Template, **_: object) -> None:
        if template.name:
            used.add(template.name)

    template_rendered.connect(note)
    try:
        yield used
    finally:
        template_rendered.disconnect(note)


def render(state: State) -> Page:
    """Make the rows, draw the page, and take the rows away again; in the language now active."""
    with _undone(), _templates_used() as used, override(get_language()):
        drawn = state.draw()
        if isinstance(drawn, EmailMultiAlternatives):
            return Page(state.name, mask(_mail(drawn, state.part)), 200, "", True, used)
        assert state.template in used, f"{state.name} draws {sorted(used)}, {drawn.status_code}"
        html = drawn.content.decode()
        files = {path: _fetch(path, browser()) for path in PICTURES.findall(html)}
        for path in map(unescape, OF_STAFF.findall(html)):
            files[path.partition("?")[0]] = _fetch(path, drawn.client)
        policy = drawn.headers.get("Content-Security-Policy", "")
        return Page(state.name, mask(html), drawn.status_code, policy, False, used, files)
    raise AssertionError("unreachable")


def _fetch(path: str, client: Client) -> tuple[str, bytes]:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer["Content-Type"], answer.content


def _mail(message: EmailMultiAlternatives, part: str) -> str:
    """A mail as a mail program shows it; of the plain text a page that wraps and nothing more."""
    if part == "html":
        return str(message.alternatives[0][0])
    return (
        f'<!doctype html><html lang="{get_language()}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><meta name="color-scheme" '
        f'content="light dark"><title>{escape(str(message.subject))}</title></head><body><main>'
        f'<h1 style="overflow-wrap:anywhere">{escape(str(message.subject))}</h1>'
        '<pre style="white-space:pre-wrap;overflow-wrap:anywhere;font:1rem/1.5 monospace">'
        f"{escape(str(message.body))}</pre></main></body></html>"
    )


# ── the same picture every day ───────────────────────────────────────────────────────────────────
_DAY = r"⟦?(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day⟧?"
_MONTHS = (
    "January|February|March|April|May|June|July|August|September|October|November|December|"
    "Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
)
_MASKS = [
    (re.compile(rf"{_DAY},? \d{{1,2}} ⟦?(?:{_MONTHS})⟧? \d{{4}}"), "Tuesday 24 November 2026"),
    (re.compile(rf"\b\d{{1,2}} ⟦?(?:{_MONTHS})⟧? \d{{4}}"), "24 November 2026"),
    (re.compile(rf"(?<=[ \u2068])\d{{1,2}} ⟦?(?:{_MONTHS})⟧?(?=[,.])"), "24 November"),
    # The hours between which desktop software is read are a setting, not a clock.
    (
        re.compile(r"(?<=from <bdi>)\d\d:\d\d(</bdi> to <bdi>)\d\d:\d\d"),
        r"19:00\g<1>07:00",
    ),
    (
        re.compile(
            r"(?<!from )(?<!to )(?<!between )(?<!and )(?<!from <bdi>)(?<!to <bdi>)"
            r"\b\d{1,2}:\d{2}(?::\d{2})?\b(?=[^\"<>]*<)"
        ),
        "14:05",
    ),
    (re.compile(r"(?<=>)[0-9a-f]{8}-[-0-9a-f]{27}(?=<)"), "8a210b68-6988-11ed-a1eb-0242ac120002"),
    (re.compile(r"\b[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}\b"), "NB4F-7K22"),
    (re.compile(r"(?<=/i/)[\w-]{22}\.[\w-]+"), "8a210b68698811eda1eb02.42ac120002-and-a-signature"),
]


def mask(html: str) -> str:
    """Clock texts, references and ids, which differ from run to run, replaced by fixed ones."""
    for pattern, fixed in _MASKS:
        html = pattern.sub(fixed, html)
    return html
