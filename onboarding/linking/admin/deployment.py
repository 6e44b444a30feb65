"""What this deployment offers and says to its customers, and what is paused."""

from typing import Any

from django import forms
from django.conf import global_settings, settings
from django.contrib import admin, messages
from django.db import models
from django.db.models import Max
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from onboarding.linking import data_types
from onboarding.linking.models import (
    Category,
    CodatInstance,
    ConsentText,
    Pause,
    Platform,
)
from onboarding.linking.models.labels import language_name
from onboarding.linking.on_offer import forget_offers
from onboarding.linking.services import pauses

from .bases import (
    OrNoneFilter,
    ReadOnlyAdmin,
    SavesWhatChanged,
    WordedFilter,
    spelled_out,
    without_ways_to_others,
)

_READ_BY_POLICY = (
    *("set_up_by", "one_time"),
    *("read_from", "read_until", "read_at_weekends", "read_zone"),
)
_MAY_BE_EMPTY = ("idle_days", "read_from", "read_until")


class PlatformRowForm(forms.ModelForm):
    """One row of the list: its boxes have no label in sight, so each says whose it is."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = f"{capfirst(field.label)}: {self.instance.name}"


class ShownAtOnce(SavesWhatChanged):
    """What customers may choose from is kept for seconds; who changes it sees the change."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        forget_offers()


@admin.register(Platform)
class PlatformAdmin(ShownAtOnce, admin.ModelAdmin):
    """Codat's columns are the catalogue's; whether and how we offer it is ours."""

    list_display = (
        *("name", "shown", "order", "enabled", "connected"),
        *("source_type", "key", "gone_at"),
    )
    list_editable = ("shown", "order")
    list_filter = ("source_type", "enabled", "shown")
    search_fields = ("name", "key", "integration_id")
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    codats_fields = (
        *("key", "integration_id", "source_type", "name", "enabled", "is_offline", "is_beta"),
        *(
            spelled_out(Platform._meta.get_field("features")),
            "logo_url",
            "logo_hash",
            "seen_at",
            "gone_at",
        ),
    )
    readonly_fields = (*codats_fields, "connected")
    fieldsets = (
        (
            _("Ours"),
            {"fields": ("shown", "order", "connected", "note", "device_class", "idle_days")},
        ),
        (_("How it is read"), {"fields": _READ_BY_POLICY}),
        (_("Codat's"), {"fields": codats_fields}),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> Any:
        return super().get_changelist_form(request, **{"form": PlatformRowForm, **kwargs})

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, **kwargs)
        for name in _MAY_BE_EMPTY:
            if name in form.base_fields:
                form.base_fields[name].required = False
        return form


def _column(name: str) -> dict[str, Any]:
    """Label and help of a column for a field of our own in its place."""
    column = Category._meta.get_field(name)
    return {"label": capfirst(column.verbose_name), "help_text": column.help_text}


def _source_types() -> list[tuple[str, str]]:
    """Codat's own words for kinds of software: those in the catalogue, and those in use."""
    found = set(Platform.objects.order_by().values_list("source_type", flat=True).distinct())
    found.update(*Category.objects.values_list("source_types", flat=True))
    return [(name, format_html("<code>{}</code>", name)) for name in sorted(found - {""})]


class CategoryForm(forms.ModelForm):
    """What is stored by Codat's names is ticked, the data types by their words."""

    source_types = forms.MultipleChoiceField(
        **_column("source_types"), choices=_source_types, widget=forms.CheckboxSelectMultiple
    )
    needed_data_types = forms.MultipleChoiceField(
        **_column("needed_data_types"),
        choices=data_types.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple({"class": "checkbox-columns"}),
    )


@admin.register(Category)
class CategoryAdmin(ShownAtOnce, admin.ModelAdmin):
    form = CategoryForm
    list_display = ("name", "slug", "required", "offered", "allows_many", "order")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # the stages of existing customers hang on it; switch “offered” off instead


def _languages() -> list[tuple[str, str]]:
    """The portal's own first; a text may wait for a language that is not spoken yet."""
    own = dict(settings.LANGUAGES)
    return [*own.items(), *(each for each in global_settings.LANGUAGES if each[0] not in own)]


class ConsentTextForm(forms.ModelForm):
    translation_of = forms.ModelChoiceField(
        ConsentText.objects.all(),
        label=_("Translation of"),
        required=False,
        help_text=_("Who agreed to that text is not asked again in this language."),
    )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        original = given.get("translation_of")
        if original is None:
            return given
        category, language = given.get("category"), given.get("language")
        if original.category != category or original.language == language:
            text = _("A translation is of the same category, in another language.")
            self.add_error("translation_of", text)
        known = ConsentText.objects.filter(category=category, language=language)
        if known.filter(version=original.version).exists():
            text = _("It has been translated. A changed text is a new version, in each language.")
            self.add_error("translation_of", text)
        return given


EVERY_CATEGORY = _("Every category")


class LanguageFilter(WordedFilter):
    words = staticmethod(language_name)


class OfCategoryFilter(OrNoneFilter):
    none = EVERY_CATEGORY


@admin.register(ConsentText)
class ConsentTextAdmin(admin.ModelAdmin):
    """Saving a changed text makes a new version; what customers agreed to stays as it was."""

    form = ConsentTextForm
    list_display = ("version", "of_category", "spoken")
    list_filter = (("language", LanguageFilter), ("category", OfCategoryFilter))
    list_select_related = ("category",)
    search_fields = ("purpose", "access", "platform_data")
    readonly_fields = ("version",)

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "language":
            label = capfirst(db_field.verbose_name)
            return forms.ChoiceField(label=label, choices=_languages)
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "category":
            field.empty_label = EVERY_CATEGORY
            without_ways_to_others(field)
        return field

    @admin.display(description=_("category"), ordering="category")
    def of_category(self, text: ConsentText) -> str:
        return str(text.category or EVERY_CATEGORY)

    @admin.display(description=_("language"), ordering="language")
    def spoken(self, text: ConsentText) -> str:
        return language_name(text.language)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: ConsentText, form: Any, change: bool) -> None:
        if change and not form.changed_data:
            return
        # One count for all texts, above the built-in wording's: a permission stores only the
        # number, and the same number must never mean two things.
        newest = ConsentText.objects.aggregate(newest=Max("version"))["newest"] or 1
        original = form.cleaned_data["translation_of"]
        obj.pk, obj.version = None, original.version if original else newest + 1
        obj.save(force_insert=True)
        if change:
            text = _("Saved as version %(n)d. The version before stays on record.")
            messages.info(request, text % {"n": obj.version})


@admin.register(Pause)
class PauseAdmin(admin.ModelAdmin):
    """The row exists: paused. Deleting it lets the work go on; only the system writes one."""

    list_display = ("words", "reason", "since")
    fields = readonly_fields = ("words", "reason", "since")

    @admin.display(description=_("what is paused"), ordering="scope")
    def words(self, pause: Pause) -> str:
        return str(pause.words)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def delete_model(self, request: HttpRequest, obj: Pause) -> None:
        pauses.resume(obj.scope)

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for pause in queryset:
            pauses.resume(pause.scope)


@admin.register(CodatInstance)
class CodatInstanceAdmin(ReadOnlyAdmin):
    """Superusers may have it forgotten, after a planned move to another account at Codat."""

    list_display = ("client_id", "seen_at")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(getattr(request.user, "is_superuser", False))
