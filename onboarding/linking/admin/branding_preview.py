"""How pages would look with colours that nobody has saved yet, and what had to be adjusted."""

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlencode

from csp.decorators import csp_update
from django import forms
from django.contrib import admin
from django.contrib.staticfiles import finders
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from onboarding.linking.context_processors import Firm, current_firm
from onboarding.linking.models import Branding
from onboarding.linking.pictures import Picture
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

from .branding_forms import BrandingForm, ColoursForm

TEMPLATE: Final = "admin/linking/branding/preview.html"

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


def errors_of(form: forms.BaseForm, names: Iterable[str]) -> list[tuple[str, str]]:
    """Label and sentence of what cannot be saved among the fields `names`."""
    labels = {name: str(form.fields[name].label) if name in form.fields else "" for name in names}
    return [(labels[name], said) for name in labels for said in form.errors.get(name, ())]


def _query(form: ColoursForm) -> str:
    """The colours for an address, also that there is none; empty while one is wrong."""
    return urlencode(
        {name: form.cleaned_data[name] for name in form.fields} if form.is_valid() else {}
    )


def page(request: HttpRequest) -> HttpResponse:
    """The saved name and logo in the colours of the query; nothing else of it is looked at."""
    form = _form(request)
    return render(
        request, TEMPLATE, _context(form, _query(form) if "colour" in request.GET else "")
    )


def typed_page(request: HttpRequest, typed: BrandingForm) -> HttpResponse:
    """The name, the picture and the colours of the bound form `typed`; no row is written."""
    colours = ColoursForm(request.POST)
    query = _query(colours)
    errors = errors_of(typed, ("name", *colours.fields, "logo_file"))
    picture = typed.cleaned_data.get("logo_file")
    context = _context(colours, query) | {
        "is_typed": True,
        "errors": errors,
        "firm": _typed_firm(typed, picture),
        "again_url": f"{request.path}?{query}" if query else request.path,
    }
    if picture:
        return _render_with_picture(request, context)  # type: ignore[call-arg]  # the same
    return render(request, TEMPLATE, context)


@csp_update({"img-src": ["data:"]})  # type: ignore[arg-type]  # its types know only views
def _render_with_picture(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """This one answer may show the picture that it brings along; no other page's policy widens."""
    return render(request, TEMPLATE, context)


def _typed_firm(typed: BrandingForm, picture: Picture | None) -> Firm:
    """The firm as it would be. What cannot be used is shown as it is saved."""
    given = typed.cleaned_data
    saved = current_firm()
    firm = replace(saved, name=given.get("name") or saved.name)
    if picture:  # drawn anew by us, as on saving: only our own PNG is shown, never their bytes
        url = f"data:image/png;base64,{base64.b64encode(picture.png).decode()}"
        width, height = picture.width, picture.height
        return replace(firm, logo_url=url, logo_width=width, logo_height=height)
    return replace(firm, logo_url="") if given.get("remove_logo") else firm


def _context(form: ColoursForm, query: str) -> dict[str, Any]:
    colours = _colours(form)
    saved = Branding.objects.only("id").first()
    back = (
        reverse("admin:linking_branding_change", args=[saved.pk])
        if saved
        else reverse("admin:linking_branding_add")
    )
    return {
        "form": form,
        "themes": [findings(colour, theme) for theme, colour in colours.items()],
        "samples": THEMES.items() if form.is_valid() else (),
        "css_url": f"{reverse('admin:linking_branding_preview_css')}?{query}",
        "back_url": f"{back}?{query}" if query else back,
    }


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
