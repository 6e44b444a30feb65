"""The skeleton of every page, and the pages for the days when something is missing."""

import re
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages import constants as levels
from django.contrib.messages.storage.base import Message
from django.template import Context, Template
from django.template.loader import render_to_string

TEMPLATES = Path(settings.BASE_DIR) / "templates"
FIRM = {
    "name": "Northbank",
    "support_email": "help@northbank.example",
    "support_phone": "020 7946 0000",
    "privacy_url": "https://northbank.example/privacy",
    "terms_url": "",
    "logo_url": "",
    "brand_css_url": "/brand/0f3a.css",
    "message": "A decision in one day.\n\n<b>Not ten.</b>",
    "secured_by_codat": True,
}


class NameForm(forms.Form):
    name = forms.CharField()


class Manager:
    is_authenticated = True

    def get_username(self):
        return "manager@example.com"

    def get_short_name(self):
        return "Ana"


def page(base: str, body: str = "", **context) -> str:
    source = (
        f'{{% extends "{base}" %}}{{% block title %}}Choose your software{{% endblock %}}{body}'
    )
    context.setdefault("firm", FIRM)
    return Template(source).render(Context(context))


def title(html: str) -> str:
    return re.search(r"<title>(.*?)</title>", html, re.DOTALL)[1]


def test_the_title_says_page_step_and_firm():
    html = page("journey/base.html", step_text="Step 2 of 4")
    assert title(html) == "Choose your software – Step 2 of 4 – Northbank"
    assert '<p class="step">Step 2 of 4</p>' in html


@pytest.mark.parametrize("context", [{"form": NameForm({})}, {"has_errors": True}])
def test_the_title_of_a_refused_form_begins_with_error(context):
    html = page("journey/base.html", **context)
    assert title(html) == "Error: Choose your software – Northbank"


def test_the_summary_of_errors_is_first_in_main_and_after_back():
    html = page("journey/base.html", form=NameForm({}), back_url="/back/", step_text="Step 1 of 4")
    order = ['class="back"', "<main", 'id="error-summary"', 'class="step"']
    places = [html.index(mark) for mark in order]
    assert places == sorted(places)


@pytest.mark.parametrize("base", ["base.html", "journey/base.html", "desk/base.html"])
@pytest.mark.parametrize("firm", [{}, FIRM], ids=["no firm", "firm"])
def test_every_base_stands_with_and_without_a_firm(base, firm):
    html = page(base, firm=firm, user=AnonymousUser())
    assert html.count("<main") == html.count("</main>") == 1
    assert 'href="#main"' in html
    assert title(html).endswith("Northbank" if firm else "Choose your software")


def test_the_firms_message_is_text_and_never_markup():
    html = page("journey/base.html")
    assert "&lt;b&gt;Not ten.&lt;/b&gt;" in html
    assert "About Northbank" in html


def test_help_names_only_the_ways_that_exist():
    html = page("journey/base.html", firm={**FIRM, "support_phone": ""}, contact_url="/write/")
    assert "mailto:help@northbank.example" in html
    assert "tel:" not in html
    assert 'href="/write/"' in html


def test_pages_that_swap_nothing_load_no_script():
    html = page("journey/base.html")
    assert "<script" not in html
    assert "htmx" not in html


def test_pages_that_swap_load_htmx_2_without_eval_and_allow_422():
    html = page("journey/base.html", uses_htmx=True, csrf_token="token")
    assert "htmx-2.min.js" in html
    assert "portal.js" in html
    assert '"allowEval":false' in html
    assert '"code":"422","swap":true' in html
    assert """hx-headers='{"x-csrftoken": "token"}'""" in html
    assert 'id="live" role="status"' in html


def test_the_brands_sheet_comes_last():
    sheets = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page("journey/base.html"))
    assert sheets[-1] == "/brand/0f3a.css"
    assert [Path(sheet).stem for sheet in sheets[:4]] == ["tokens", "base", "components", "journey"]


@pytest.mark.parametrize(
    ("level", "role", "tone"),
    [
        (levels.SUCCESS, "status", "success"),
        (levels.INFO, "status", "info"),
        (levels.WARNING, "alert", "warning"),
        (levels.ERROR, "alert", "problem"),
    ],
)
def test_messages_are_notices_at_the_top_of_main(level, role, tone):
    html = page("desk/base.html", messages=[Message(level, "Sent to Brook & Sons")])
    section = f'<section class="notice" data-tone="{tone}" role="{role}" tabindex="-1" autofocus>'
    assert section in html
    assert "Sent to Brook &amp; Sons" in html.partition("<main")[2]


def test_the_desk_names_who_is_signed_in_and_signs_out_by_post():
    html = page("desk/base.html", user=Manager(), csrf_token="token", section="worklist")
    assert "<bdi>Ana</bdi>" in html
    assert '<form method="post" action="/accounts/logout/">' in html
    assert '<a href="/desk/" aria-current="page">Worklist</a>' in html
    assert '<a href="/desk/customers/">Customers</a>' in html
    assert "Ana" not in page("desk/base.html", user=AnonymousUser())


@pytest.mark.parametrize("name", [f"{n}.html" for n in (400, "403_csrf", 404, 413, 500, 503)])
def test_error_pages_are_whole_without_any_context(name):
    html = render_to_string(name)
    assert html.lstrip().startswith("<!doctype html>")
    assert html.count("<h1") == 1
    assert html.count('data-kind="primary"') == 1
    assert title(html).strip()


def test_our_own_fault_is_told_without_asking_the_database(rf, django_assert_num_queries, db):
    with django_assert_num_queries(0):
        html = render_to_string("500.html", request=rf.get("/"))
    assert "Sorry, something went wrong on our side" in html


HEADED = "{% load ui %}{% focus_heading %}<p>Step 2</p><h1>Name</h1>{% endfocus_heading %}"


def test_the_heading_of_a_new_page_takes_the_focus_and_of_the_first_page_does_not():
    template = Template(HEADED)
    follows, first = (template.render(Context(values)) for values in ({}, {"arrives": True}))
    assert follows == '<p>Step 2</p><h1 tabindex="-1" autofocus>Name</h1>'
    assert first == "<p>Step 2</p><h1>Name</h1>"


def test_a_heading_in_a_part_that_is_swapped_in_can_take_the_focus():
    parts = list(TEMPLATES.rglob("_*_status.html"))
    assert parts
    assert [p.name for p in parts if "<h1>" in p.read_text()] == []


WEB = [path for path in TEMPLATES.rglob("*.html") if "emails" not in path.parts]
INLINE = re.compile(
    r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=|javascript:|hx-on|[\"']js:|"
    r"hx-trigger=\"[^\"]*\[",
    re.IGNORECASE,
)


@pytest.mark.parametrize("path", WEB, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_templates_hold_no_inline_style_or_script(path):
    source = re.sub(r"{% comment %}.*?{% endcomment %}", "", path.read_text(), flags=re.DOTALL)
    assert INLINE.findall(source) == []


@pytest.mark.parametrize(
    "html", ["<p style='a'>", "<style>", "<script>", '<a onclick="x">', '<a href="javascript:x">',
             "<b hx-on:click='x'>", '<b hx-trigger="click[x]">'],
)  # fmt: skip
def test_the_search_for_inline_style_and_script_finds_it(html):
    assert INLINE.search(html)
