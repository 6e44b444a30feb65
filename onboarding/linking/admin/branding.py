"""The firm's look, contacts and words, edited by staff; a preview shows colours before saving."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import models
from django.forms.widgets import Script
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import translation
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from onboarding.linking.context_processors import forget_firm
from onboarding.linking.models import Branding, SiteText
from onboarding.linking.site_texts import EDITABLE

from . import branding_preview, text_preview
from .bases import SavesWhatChanged
from .branding_forms import BrandingForm, ColoursForm, SiteTextForm, default_shown

_COLOURS = ("colour", "colour_dark")


@admin.register(Branding)
class BrandingAdmin(admin.ModelAdmin):
    """One row at most, never deleted: without it the settings' defaults serve."""

    form = BrandingForm
    list_display = ("name", "support_email", "support_phone")
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    readonly_fields = ("logo_now", "favicon_now")
    change_form_template = "admin/linking/branding/change_form.html"
    fieldsets = (
        (None, {"fields": ("name",)}),
        (_("Look"), {"fields": (*_COLOURS, "logo_now", "logo_file", "remove_logo")}),
        (_("Icon"), {"fields": ("favicon_now", "favicon_file", "remove_favicon")}),
        (_("Who helps"), {"fields": ("support_email", "support_phone")}),
        (_("Links"), {"fields": ("home_url", "privacy_url", "terms_url", "secured_by_codat")}),
    )

    class Media:
        js = (Script("js/colour_inputs.js", defer=True),)

    @admin.display(description=_("logo"))
    def logo_now(self, row: Branding) -> str:
        return _picture(row.logo_hash)

    @admin.display(description=_("icon"))
    def favicon_now(self, row: Branding) -> str:
        return _picture(row.favicon_hash)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Without what is there to see and to take away, where there is nothing."""
        absent = set() if obj and obj.logo_hash else {"logo_now", "remove_logo"}
        if not (obj and obj.favicon_hash):
            absent |= {"favicon_now"}
        if not (obj and obj.favicon_is_own):
            absent |= {"remove_favicon"}
        return [
            (name, {"fields": tuple(field for field in options["fields"] if field not in absent)})
            for name, options in super().get_fieldsets(request, obj)
        ]

    def render_change_form(self, request: Any, context: Any, **kwargs: Any) -> HttpResponse:
        """There is one row at most, and so no “Save and add another”."""
        context["show_save_and_add_another"] = False
        return super().render_change_form(request, context, **kwargs)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not Branding.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("logo", "favicon")

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, **kwargs)
        sent = ColoursForm(request.GET)
        form.typed = dict(sent.cleaned_data) if sent.is_valid() and "colour" in request.GET else {}
        return form

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {
            "name": settings.FIRM_NAME,
            "support_email": settings.FIRM_SUPPORT_EMAIL,
            "support_phone": settings.FIRM_SUPPORT_PHONE,
        }

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        pictures = form.put_pictures()
        if change:
            columns = {column.name for column in self.opts.concrete_fields}
            obj.save(update_fields=columns.intersection(form.changed_data) | pictures)
        else:
            super().save_model(request, obj, form, change)
        forget_firm()

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        preview = "linking_branding_preview"
        return [
            path("preview/", view(self.preview), name=preview),
            path("preview.css", view(self.preview_css), name=f"{preview}_css"),
            *super().get_urls(),
        ]

    def preview(self, request: HttpRequest) -> HttpResponse:
        """The look with colours that are not saved: `?colour=#rrggbb&colour_dark=#rrggbb`.

        POST, from the button of the form, draws its name and its picture too. These stand in no
        address, and nothing is kept of them, so the answer is no redirect.
        """
        branding_preview.refuse_unless_editor(self, request)
        if request.method != "POST":
            return branding_preview.page(request)
        row = self.get_queryset(request).first()
        form = self.get_form(request, row, change=row is not None)
        return branding_preview.typed_page(request, form(request.POST, request.FILES, instance=row))

    def preview_css(self, request: HttpRequest) -> HttpResponse:
        branding_preview.refuse_unless_editor(self, request)
        return branding_preview.stylesheet(request)


def _picture(digest: str) -> str:
    if not digest:
        return "–"
    return format_html('<img src="{}" alt="">', reverse("journey:brand_picture", args=[digest]))


@admin.register(SiteText)
class SiteTextAdmin(SavesWhatChanged, admin.ModelAdmin):
    """Every text that may be changed, changed or not; deleting a row brings the default back."""

    form = SiteTextForm
    change_form_template = "admin/linking/sitetext/change_form.html"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("which", "spoken", "key", "language") if obj else ()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("which", "spoken", "text") if obj else ("key", "language", "text")

    @admin.display(description=_("text"))
    def which(self, row: SiteText) -> str:
        return str(EDITABLE[row.key].label) if row.key in EDITABLE else row.key

    @admin.display(description=_("language"))
    def spoken(self, row: SiteText) -> str:
        return str(dict(settings.LANGUAGES).get(row.language, row.language))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_or_change_permission(request):
            return super().changelist_view(request, extra_context)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Texts of the pages"),
            "opts": self.opts,
            "rows": self._rows(request),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/linking/sitetext/change_list.html", context)

    def _rows(self, request: HttpRequest) -> list[dict[str, Any]]:
        own = {(row.key, row.language): row for row in SiteText.objects.all()}
        may_add = self.has_add_permission(request)
        rows = []
        for key, editable in EDITABLE.items():
            for language, name in settings.LANGUAGES:
                with translation.override(language):
                    default = default_shown(key)
                row = own.get((key, language))
                rows.append(
                    {
                        "label": editable.label,
                        "language": name,
                        "code": language,
                        "default": default,
                        "own": row.text if row else "",
                        "url": self._edit_url(key, language, row, may_add=may_add),
                    }
                )
        return rows

    def _edit_url(self, key: str, language: str, row: SiteText | None, *, may_add: bool) -> str:
        if row:
            return reverse("admin:linking_sitetext_change", args=[row.pk])
        query = urlencode({"key": key, "language": language})
        return f"{reverse('admin:linking_sitetext_add')}?{query}" if may_add else ""

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kw: Any) -> Any:
        row = context.get("original")
        key = row.key if row else request.POST.get("key") or request.GET.get("key", "")
        language = row.language if row else request.GET.get("language") or None
        if key in EDITABLE and (language is None or translation.check_for_language(language)):
            with translation.override(language or translation.get_language()):
                context["default"] = default_shown(key)
            context["placeholders"] = [f"{{{name}}}" for name in EDITABLE[key].placeholders]
        if row:
            context["subtitle"] = self.which(row)
        if self._may_write(request, row):
            args_of_row = [row.pk] if row else []
            context["preview_url"] = reverse("admin:linking_sitetext_preview", args=args_of_row)
        return super().render_change_form(request, context, *args, **kw)

    def get_urls(self) -> list[URLPattern]:
        view, name = self.admin_site.admin_view, "linking_sitetext_preview"
        return [
            path("preview/", view(self.preview), name=name),
            path("<int:pk>/preview/", view(self.preview), name=name),
            path("preview.css", view(self.preview_css), name=f"{name}_css"),
            *super().get_urls(),
        ]

    def _may_write(self, request: HttpRequest, row: SiteText | None) -> bool:
        if row is None:
            return bool(self.has_add_permission(request))
        return bool(self.has_change_permission(request, row))

    def preview(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        """The text of the form as customers would read it; whoever comes by GET is led back."""
        row = get_object_or_404(SiteText, pk=pk) if pk is not None else None
        if not self._may_write(request, row):
            raise PermissionDenied
        back = reverse("admin:linking_sitetext_changelist")
        if request.method != "POST":
            return HttpResponseRedirect(back)
        form = self.get_form(request, row, change=row is not None)(request.POST, instance=row)
        return text_preview.page(request, form, back_url=back)

    def preview_css(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        return branding_preview.stylesheet(request)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        forget_firm()

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        forget_firm()
