"""A few pages of no face, so that a browser can try the components under the real policy."""

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import engines
from django.urls import include, path

from onboarding.ui.htmx import is_fragment, looks_so_far

PAGE = """{% extends "journey/base.html" %}{% load ui %}
{% block title %}Progress{% endblock %}
{% block page %}<h1>We are reading your information</h1>
{% include "ui/progress_summary.html" with sentence=sentence %}
{% include fragment %}
{% copy_box "NB-4F7K-22" "Reference" %}{% endblock %}"""

PROGRESS = """{% load ui %}
<div id="progress_status" data-say="{{ sentence }}" {% poll "/" delay looks %}>
{% include "ui/progress_list.html" with items=items %}<a href="/">Check again</a></div>"""

FORM = """{% load ui %}
<form id="name_form" class="stack" method="post" action="/form" hx-post="/form"
 hx-target="this" hx-swap="outerHTML" novalidate>{% csrf_token %}
{% error_summary form %}{% fields form %}
{% button "Continue" %}</form>"""

FORM_PAGE = """{% extends "journey/base.html" %}{% block title %}Name{% endblock %}
{% block error_summary %}{% endblock %}
{% block page %}<h1>Name</h1>{% include fragment %}
<button id="broken" class="button" hx-get="/broken">Look again</button>{% endblock %}"""

QUESTION = """<div id="question"><h1 tabindex="-1">Is this your business?</h1>
<button class="button">Yes, this is us</button></div>"""

QUESTION_PAGE = """{% extends "journey/base.html" %}{% block title %}Reading{% endblock %}
{% block page %}<div id="question"><h1>Reading your business name</h1>
<button class="button" hx-get="/question" hx-target="#question" hx-swap="outerHTML">Look</button>
</div>{% endblock %}"""

RECEIPT = """{% extends "journey/base.html" %}{% load static %}
{% block title %}Receipt{% endblock %}{% block page %}<h1>Receipt</h1>
<p data-print="Print or save">Use the menu.</p>{% endblock %}
{% block scripts %}<script src="{% static "js/print.js" %}" defer></script>{% endblock %}"""

FIRM = {"name": "Northbank", "message": "A decision in one day."}


class NameForm(forms.Form):
    name = forms.CharField(error_messages={"required": "Enter the name of your business"})


def answer(
    request: HttpRequest, page: str, part: str, values: dict, status: int = 200
) -> HttpResponse:
    django = engines["django"]
    values |= {
        "firm": FIRM,
        "contact_url": "",
        "uses_htmx": True,
        "fragment": django.from_string(part),
    }
    source = part if is_fragment(request) else page
    return HttpResponse(django.from_string(source).render(values, request), status=status)


@login_not_required
def progress(request: HttpRequest) -> HttpResponse:
    """Two looks later everything is read."""
    looks = looks_so_far(request)
    done = looks >= 2
    tone, word = ("linked", "Done") if done else ("info", "Reading")
    values = {
        "sentence": "1 of 1 finished" if done else "0 of 1 finished",
        "items": [{"name": "Invoices you send", "tone": tone, "word": word}],
        "delay": None if done else 1,
        "looks": looks,
    }
    return answer(request, PAGE, PROGRESS, values)


@login_not_required
def form(request: HttpRequest) -> HttpResponse:
    bound = NameForm(request.POST if request.method == "POST" else None)
    status = 422 if bound.errors else 200
    return answer(request, FORM_PAGE, FORM, {"form": bound}, status)


@login_not_required
def broken(request: HttpRequest) -> HttpResponse:
    return HttpResponse("trouble", status=500)


@login_not_required
def question(request: HttpRequest) -> HttpResponse:
    return answer(request, QUESTION_PAGE, QUESTION, {})


@login_not_required
def receipt(request: HttpRequest) -> HttpResponse:
    return answer(request, RECEIPT, "", {"uses_htmx": False})


@login_not_required
def components(request: HttpRequest) -> HttpResponse:
    progress = [{"name": "Invoices you send", "tone": "linked", "word": "Done"}]
    values = {"firm": FIRM, "contact_url": "", "form": NameForm({}), "back_url": "/"}
    values["progress"] = progress
    return render(request, "ui/components.html", values)


# The addresses that the bases look for; those of the real faces are tested with the faces.
desk = [path("", progress, name="worklist"), path("customers/", progress, name="companies")]
accounts = [path("logout/", progress, name="logout")]
journey = [path("write/", progress, name="write_as_visitor")]
journey += [path("guide/", progress, name="how_it_works")]

urlpatterns = [
    path("desk/", include((desk, "desk"))),
    path("accounts/", include((accounts, "accounts"))),
    path("journey/", include((journey, "journey"))),
    path("", progress),
    path("form", form),
    path("broken", broken),
    path("question", question),
    path("receipt", receipt),
    path("components", components),
    path("portal/", include("onboarding.journey.urls")),
]
