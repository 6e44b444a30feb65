"""The state catalogue is complete, and a fixed sample of it has nothing amiss in a browser."""

import re
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path

import pytest
from django.conf import settings

from tests.screenshots.drawing import VARIANTS, Easel, amiss_in_source, open_browser
from tests.screenshots.pseudo import pseudo_language, untranslated
from tests.screenshots.rendering import mask, render
from tests.states import STATES
from tests.words import lacking, translated

TEMPLATES = Path(settings.BASE_DIR) / "templates"
SAMPLE = [
    "accounts-login--refused",
    "admin-company--long",
    "admin-overview--paused",
    "desk-company--long",
    "desk-worklist--every-reason",
    "error-404--default",
    "journey-choose--states",
    "journey-confirm--error",
    "journey-connections--long",
    "journey-permission--long",
    "journey-progress--reading",
    "journey-start--yellow",
    "mail-onboard--html",
]
"""Pages of each kind; `make screenshots` draws all of them, in every theme and at every width."""
LOOKS = {"light-390", "320", "text-200", "dark-1280", "rtl-390"}


CUSTOMERS_FACES = ("journey-", "mail-", "error-")

_LOADING = re.compile(
    r"<(?:script|img|link|iframe|source|video|audio|embed|object|input|use)\b[^>]*?"
    r"\b(?:src|href|srcset|data|poster)=[\"']((?:https?:)?//[^\"']+)"
)


def loaded_elsewhere(html: str) -> list[str]:
    """What a browser would fetch from anybody but us, the moment it shows the page."""
    found = [url for url in _LOADING.findall(html) if not url.startswith("http://testserver/")]
    return found + re.findall(r"url\([^)]*\)|@import", html)


def names_the_vendor(html: str) -> bool:
    """Customers deal with the firm: Codat is named by the optional mark alone."""
    words = re.sub(r"<[^>]+>", " ", html.replace("Secured by Codat", ""))
    return "codat" in words.lower()


WAYS_TO_HELP = {
    "telephone": 'href="tel:',
    "e-mail": 'href="mailto:',
    "form": '/write/"',
    "guide": 'href="/guide/"',
}
"""On every step of the journey, at the same place of the page."""


def ways_to_help_missing(name: str, html: str) -> set[str]:
    """A firm that gave neither number nor address still has the guide."""
    wanted = {"guide"} if name.endswith("--no-firm") else set(WAYS_TO_HELP)
    help_of_page = html.partition('id="help"')[2].partition("</section>")[0]
    return {way for way in wanted if WAYS_TO_HELP[way] not in help_of_page}


def own_pages() -> set[str]:
    """Every template that is a page or a mail: no parts, no bases, no components."""
    found = set()
    faces = (
        "journey",
        "desk",
        "accounts",
        "admin",
        "admin/linking",
        "admin/linking/*",
        "emails",
        ".",
    )
    for face in faces:
        for path in TEMPLATES.glob(f"{face}/*.*"):
            is_base = path.stem in ("base", "base_site", "page", "read_only_inline")
            is_base = is_base or path.name.startswith("_")
            if not is_base and not path.stem.endswith("_subject"):
                found.add(str(path.relative_to(TEMPLATES)))
    return found


def test_every_page_and_mail_has_its_states():
    assert own_pages() - {state.template for state in STATES.values()} == set()


@pytest.mark.django_db
def test_every_state_draws_the_page_it_names_and_every_sentence_can_be_translated():
    with pseudo_language() as asked:
        drawn = {n: render(s) for n, s in STATES.items() if n.startswith(CUSTOMERS_FACES)}
        for_customers = set(asked)
        drawn |= {name: render(state) for name, state in STATES.items() if name not in drawn}
    assert {code: found for code in translated() if (found := lacking(code, for_customers))} == {}
    others = [n for n, state in STATES.items() if state.template not in drawn[n].templates]
    assert others == []
    assert {n: found for n, page in drawn.items() if (found := amiss_in_source(page))} == {}
    assert {n: found for n, page in drawn.items() if (found := untranslated(page.html))} == {}
    assert {n: found for n, page in drawn.items() if (found := loaded_elsewhere(page.html))} == {}
    journey = {n: page.html for n, page in drawn.items() if n.startswith("journey-")}
    assert {n: gone for n, html in journey.items() if (gone := ways_to_help_missing(n, html))} == {}
    pages = {n: page for n, page in drawn.items() if n.startswith(CUSTOMERS_FACES)}
    assert [n for n, page in pages.items() if names_the_vendor(page.html)] == []


@pytest.mark.parametrize("face", ["journey", "desk", "admin", "accounts", "error", "mail"])
def test_the_sample_has_a_state_of_each_face_and_knows_them_all(face):
    assert any(name.startswith(face) for name in SAMPLE)
    assert set(SAMPLE) <= set(STATES)


def looked_at(plain, pseudo):
    """What is amiss, by state and look."""
    found = {}
    with open_browser() as browser:
        easel = Easel(browser)
        for name, variant in product(SAMPLE, (each for each in VARIANTS if each.name in LOOKS)):
            page = pseudo[name] if variant.pseudo else plain[name]
            found[name, variant.name] = easel.show(page, variant)
        easel.close()
    return found


@pytest.mark.django_db
def test_the_sample_has_nothing_amiss_in_any_theme_or_width():
    plain = {name: render(STATES[name]) for name in SAMPLE}
    with pseudo_language():
        pseudo = {name: render(STATES[name]) for name in SAMPLE}
    # In a thread of its own: this one may have a loop of Playwright's already.
    with ThreadPoolExecutor(max_workers=1) as aside:
        found = aside.submit(looked_at, plain, pseudo).result()
    assert {where: amiss for where, amiss in found.items() if amiss} == {}


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<p>⟦Send link⟧</p>", []),
        ("<p>⟦Sent to <bdi>Ana</bdi> by ⟦post⟧ today⟧</p>", []),
        ('<p>Send link <img alt="A bird"></p>', ["Send link", "A bird"]),
        ("<p>⟦Send⟧ link to Xero, <code>abc</code></p>", ["link to ,"]),
    ],
)
def test_words_outside_of_brackets_were_never_offered_to_translators(html, words):
    assert untranslated(html) == words


@pytest.mark.django_db
def test_pictures_of_two_days_are_the_same():
    name = "journey-connections--statuses"
    assert "24 November 2026" in render(STATES[name]).html
    assert mask("<time>Friday 3 July 2026, 9:31</time>") == mask(
        "<time>Monday 1 May 2023, 08:00</time>"
    )
    assert mask("<p>read from 19:00 to 07:00</p>") == "<p>read from 19:00 to 07:00</p>"
    hours = "<p>from <bdi>{}</bdi> to <bdi>{}</bdi>, unless</p>"
    assert mask(hours.format("10:17", "11:17")) == hours.format("19:00", "07:00")
    assert mask("<p>AB2C-XY34</p>") == "<p>NB4F-7K22</p>"


@pytest.mark.parametrize(
    ("html", "urls"),
    [
        ('<img src="/logos/gbol-1.png"><a href="https://xero.example">', []),
        ('<img alt="" src="http://testserver/brand/1.png">', []),
        ('<img src="https://cdn.example/x.png">', ["https://cdn.example/x.png"]),
        ('<link rel="stylesheet" href="//fonts.example/a.css">', ["//fonts.example/a.css"]),
        ('<p style="background:url(https://a.example)">', ["url(https://a.example)"]),
    ],
)
def test_what_is_loaded_from_elsewhere_is_noticed(html, urls):
    assert loaded_elsewhere(html) == urls


def test_help_elsewhere_on_the_page_does_not_count():
    help_part = '<section class="help" id="help"><a href="tel:1"></a></section>'
    html = help_part + "<a href='mailto:a'></a><a href=\"/guide/\">"
    assert ways_to_help_missing("journey-done--one", html) == {"e-mail", "form", "guide"}


def test_the_mark_may_name_codat_and_nothing_else_may():
    assert not names_the_vendor('<a href="https://codat.example">Terms</a> Secured by Codat')
    assert names_the_vendor("<p>Codat reads your invoices</p>")
