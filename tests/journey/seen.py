"""What a person perceives of a page: its title, headings, buttons and errors."""

import re
from html import unescape

from onboarding.ui.templatetags.ui import MAY_BREAK


def _texts(pattern, response):
    page = response.content.decode().replace("<wbr>", "").replace(MAY_BREAK, "")
    page = page.replace("\N{NON-BREAKING HYPHEN}", "-")
    found = re.findall(pattern, page, re.DOTALL)
    return [" ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split()) for text in found]


def text(response):
    return " ".join(_texts(r"<body.*</body>", response))


def heading(response):
    headings = _texts(r"<h1.*?</h1>", response)
    assert len(headings) == 1, headings
    return headings[0]


def title(response):
    return _texts(r"<title>.*?</title>", response)[0]


def buttons(response):
    return _texts(r"<button.*?</button>|<a class=\"button.*?</a>", response)


def primary_buttons(response):
    return _texts(r"<(?:button|a)[^>]*data-kind=\"primary\".*?</(?:button|a)>", response)


def errors(response):
    """The lines of the error summary."""
    summary = re.search(
        r'<div class="error-summary".*?</div>', response.content.decode(), re.DOTALL
    )
    return re.findall(r"<li>(?:<a[^>]*>)?([^<]+)", summary.group()) if summary else []


def hidden(response, name):
    return re.search(rf'name="{name}" value="([^"]+)"', response.content.decode()).group(1)


def form_action(response):
    """The policy's list of places to which a form of the page may lead."""
    policy = response["Content-Security-Policy"]
    return next(p for p in policy.split("; ") if p.startswith("form-action")).split()[1:]


def back(response):
    """Where “Back” leads; None without it."""
    found = re.search(r'<nav class="back"[^>]*><a href="([^"]+)"', response.content.decode())
    return found and found.group(1)
