"""How one text would stand on its page before anybody saves it."""

from typing import Any, Final

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from onboarding.linking.context_processors import current_firm
from onboarding.linking.models import Platform
from onboarding.linking.site_texts import EDITABLE, as_html

from .branding_preview import THEMES, errors_of

SAMPLE_BUSINESS: Final = "Brook & Sons Ltd"


def page(request: HttpRequest, form: forms.ModelForm, *, back_url: str) -> HttpResponse:
    """The text of the bound `form` where customers would read it; its errors where it has some.

    Drawn as the answer to the POST itself: behind a redirect the words would have to travel in
    the address, where anybody could put theirs, or be kept, and nothing is to be saved. Loading
    the page again only draws it again.
    """
    context: dict[str, Any] = {
        "css_url": reverse("admin:linking_sitetext_preview_css"),
        "back_url": back_url,
        "errors": errors_of(form, form.errors),
    }
    if form.is_valid():
        context |= _drawn(form.instance.key, form.instance.language, form.cleaned_data["text"])
    return render(request, "admin/linking/sitetext/preview.html", context)


def _drawn(key: str, language: str, text: str) -> dict[str, Any]:
    editable = EDITABLE[key]
    spoken = translation.get_language_info(language)
    return {
        "label": editable.label,
        "language": spoken,
        "themes": THEMES.items(),
        "html": as_html(text, _samples(editable.placeholders, language)),
        "has_paragraphs": editable.has_paragraphs,
        "is_in_panel": key.startswith("panel."),
        "is_lead": key in ("start.gain", "files.which"),
        "page_name": _in(language, editable.page),
    }


def _samples(placeholders: tuple[str, ...], language: str) -> dict[str, str]:
    software = Platform.objects.values_list("name", flat=True).order_by("order", "name").first()
    with translation.override(language):
        samples = {
            "firm": current_firm().name or _("this firm"),
            "business": SAMPLE_BUSINESS,
            "software": software or _("your software"),
        }
    return {name: samples[name] for name in placeholders}


def _in(language: str, words: Any) -> str:
    with translation.override(language):
        return str(words)
