"""How pages would look with colours that nobody has saved yet, and what had to be adjusted."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from django.contrib import admin
from django.contrib.staticfiles import finders
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from onboarding.linking.models import Branding
from onboarding.ui.brand_colours import (
    EDGE_CONTRAST,
    GROUNDS,
    STATUS_GROUNDS,
    TEXT_CONTRAST,
    Theme,
    brand_colours,
    contrast,
    declarations,
)

from .branding_forms import ColoursForm

THEMES: Final[dict[Theme, Any]] = {
    "light": pgettext_lazy("colour theme", "Light"),
    "dark": pgettext_lazy("colour theme", "Dark"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One computed colour: what it became, and the lowest contrast among all its grounds."""

    role: Any
    colour: str
    contrast: float
    needed: float
    is_adjusted: bool


@dataclass(frozen=True, slots=True)
class ThemeFindings:
    theme: Theme
    name: Any
    typed: str
    findings: list[Finding]

    @property
    def sentence(self) -> str:
        """Which colours differ from the typed one, in words."""
        adjusted = [str(each.role) for each in self.findings if each.is_adjusted]
        if not adjusted:
            return _("Nothing had to be adjusted.")
        text = _("Adjusted, so that all can be read: %(roles)s.")
        return text % {"roles": ", ".join(adjusted)}


def findings(colour: str, theme: Theme) -> ThemeFindings:
    """What is computed from `colour` (`#rrggbb`) in `theme`, with its contrasts."""
    roles = brand_colours(colour, theme)

    def lowest(one: str, grounds: tuple[str, ...]) -> float:
        return min(contrast(one, ground) for ground in grounds)

    on_text = lowest(roles.on_action, (roles.action, roles.action_hover))
    edge = lowest(roles.action_edge, GROUNDS[theme])
    link = lowest(roles.link, GROUNDS[theme] + STATUS_GROUNDS[theme])
    on_button, edges, links = (
        gettext_lazy("text on buttons and on the panel"),
        gettext_lazy("edge of buttons"),
        gettext_lazy("links"),
    )
    rows = [
        Finding(on_button, roles.on_action, on_text, TEXT_CONTRAST, is_adjusted=False),
        Finding(edges, roles.action_edge, edge, EDGE_CONTRAST, roles.action_edge != roles.action),
        Finding(links, roles.link, link, TEXT_CONTRAST, roles.link != roles.action),
    ]
    return ThemeFindings(theme, THEMES[theme], roles.action, rows)


@lru_cache(maxsize=1)
def _tokens() -> dict[Theme, str]:
    """All roles of tokens.css by theme, so that one page can show both themes at once."""
    path = finders.find("css/tokens.css")
    with open(path, encoding="utf-8") as sheet:
        light, _media, dark = sheet.read().partition("prefers-color-scheme: dark")
    declared = re.compile(r"--[a-z0-9-]+:[^;{}]+;")
    return {"light": "".join(declared.findall(light)), "dark": "".join(declared.findall(dark))}


def refuse_unless_editor(model_admin: admin.ModelAdmin, request: HttpRequest) -> None:
    if not model_admin.has_change_permission(request) and not model_admin.has_add_permission(
        request
    ):
        raise PermissionDenied


def _form(request: HttpRequest) -> ColoursForm:
    """The typed colours; without any, the saved ones."""
    if "colour" in request.GET:
        return ColoursForm(request.GET)
    saved = Branding.objects.only("colour", "colour_dark").first() or Branding()
    return ColoursForm({"colour": saved.colour, "colour_dark": saved.colour_dark})


def _colours(form: ColoursForm) -> dict[Theme, str]:
    """Theme to `#rrggbb`; empty when none is typed, or one that is no colour."""
    if not form.is_valid() or not form.cleaned_data["colour"]:
        return {}
    light = form.cleaned_data["colour"]
    return {"light": light, "dark": form.cleaned_data["colour_dark"] or light}


def page(request: HttpRequest) -> HttpResponse:
    form = _form(request)
    colours = _colours(form)
    query = request.GET.urlencode() if colours and "colour" in request.GET else ""
    saved = Branding.objects.only("id").first()
    back = (
        reverse("admin:linking_branding_change", args=[saved.pk])
        if saved
        else reverse("admin:linking_branding_add")
    )
    context = {
        "form": form,
        "themes": [findings(colour, theme) for theme, colour in colours.items()],
        "samples": THEMES.items() if form.is_valid() else (),
        "css_url": f"{reverse('admin:linking_branding_preview_css')}?{query}",
        "back_url": f"{back}?{query}" if query else back,
    }
    return render(request, "admin/linking/branding/preview.html", context)


def stylesheet(request: HttpRequest) -> HttpResponse:
    """The samples' colours. Only our own tokens and computed `#RRGGBB` values enter it."""
    colours = _colours(_form(request))
    rules = []
    for theme in THEMES:
        brand = declarations(brand_colours(colours[theme], theme)) if theme in colours else ""
        inherited = "" if theme == "light" else _tokens()["light"]
        body = f"color-scheme:{theme};{inherited}{_tokens()[theme]}{brand}"
        rules.append(f'.sample[data-theme="{theme}"]{{{body}}}')
    response = HttpResponse("\n".join(rules), content_type="text/css; charset=utf-8")
    response["Cache-Control"] = "private, no-store"
    return response
