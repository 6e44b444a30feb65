"""The three bases, and the acts that several tables share."""

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache
from typing import Any

from django.contrib import admin, messages
from django.db import models, transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from onboarding.linking import permissions
from onboarding.linking.models import Company, Lane
from onboarding.linking.services.looking import hint_now
from onboarding.linking.services.onboarding import add_act
from onboarding.linking.tasks import nudge_email, nudge_turn

SECRET_FIELDS = {"key_hash", "state_hash", "claim_token", "start_key", "logo", "path"}
"""Never shown: hashes of keys, claims, and bytes."""
DULL_FIELDS = {"id", "button", "button_hover", "favicon"}
"""Never shown either: what tells nobody anything, or stands in the address."""


class YesOrNoFilter(admin.EmptyFieldListFilter):
    """Whether there is something in a column, asked as a question."""

    def choices(self, changelist: Any) -> Any:
        yes_or_no = {__("Not empty"): __("Yes"), __("Empty"): __("No")}
        for choice in super().choices(changelist):
            words = str(choice["display"])  # a count may follow
            for theirs, ours in yes_or_no.items():
                words = words.replace(theirs, ours)
            yield {**choice, "display": words}


class SetAsideFilter(YesOrNoFilter):
    """Whether a piece of work waits for staff."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = _("set aside")


class WordedFilter(admin.AllValuesFieldListFilter):
    """The values that occur, in words instead of the codes that are stored."""

    words: Callable[[str], Any] = str

    def choices(self, changelist: Any) -> Any:
        for choice in super().choices(changelist):
            code, *count = str(choice["display"]).split(" (")  # a count may follow
            words = type(self).words(code) if code in self.lookup_choices else code
            yield {**choice, "display": " (".join([str(words), *count])}


class OrNoneFilter(admin.RelatedOnlyFieldListFilter):
    """Rows by what they belong to, with a word for those that belong to none."""

    none: Promise = _("None")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.empty_value_display = self.none


def _line(item: Any) -> str:
    if isinstance(item, dict):
        return " · ".join(_line(value) for value in item.values() if value not in ("", None))
    if isinstance(item, list):
        return ", ".join(map(_line, item))
    return item if isinstance(item, str) else json.dumps(item, ensure_ascii=False)


@cache
def spelled_out(column: models.JSONField) -> Callable[[Any], str]:
    """A read-only column of JSON, an entry to a line, and from left to right in every language."""

    def show(row: Any) -> str:
        value = getattr(row, column.name)
        pairs = value.items() if isinstance(value, dict) else ()
        lines = [f"{key}: {_line(said)}" for key, said in pairs] or [_line(each) for each in value]
        parts = ((line,) for line in lines)
        return format_html_join(mark_safe("<br>"), '<bdi dir="ltr">{}</bdi>', parts) or "–"

    show.__name__ = column.name
    show.short_description = column.verbose_name  # type: ignore[attr-defined]
    return show


class VisibleAdmin(admin.ModelAdmin):
    """Rows of the companies that this member of staff may see; none of anybody else's."""

    company_path = "company"
    show_full_result_count = False
    list_per_page = 50
    save_on_top = False

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = super().get_queryset(request)
        if request.user.has_perm(permissions.VIEW_ALL):
            return rows
        return self.visible_rows(rows, Company.objects.visible_to(request.user))

    def visible_rows(self, rows: QuerySet, companies: QuerySet) -> QuerySet:
        return rows.filter(**{f"{self.company_path}__in": companies})

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(permissions.OPERATE)


class ReadOnlyAdmin(admin.ModelAdmin):
    """Every column, none of them to be changed."""

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        hidden = SECRET_FIELDS | DULL_FIELDS
        columns = [column for column in self.opts.concrete_fields if column.name not in hidden]
        return [
            spelled_out(column) if isinstance(column, models.JSONField) else column.name
            for column in columns
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return self.get_fields(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class MirrorAdmin(ReadOnlyAdmin, VisibleAdmin):
    """What Codat says of a customer, and what only services write."""


class HistoryAdmin(MirrorAdmin):
    """What happened, newest first. Append only, so nobody edits it here either."""

    ordering = ("-pk",)


class WorkAdmin(MirrorAdmin):
    """Rows that are work: read-only but for “Release”, which frees what was set aside."""

    actions: tuple[str, ...] = ("release",)
    list_filter: tuple[Any, ...] = (("parked_reason", SetAsideFilter),)

    @admin.action(description=_("Release what was set aside"), permissions=["operate"])
    def release(self, request: HttpRequest, rows: QuerySet) -> Any:
        released = release_rows(rows, by=request.user, now=timezone.now())
        say_released(request, released)


def release_rows(rows: Any, *, by: Any, now: datetime) -> int:
    """Free the parked ones among `rows`, with a line of history each. Returns how many."""
    with transaction.atomic():
        parked = list(rows.exclude(parked_reason="").select_related("company"))
        for row in parked:
            add_act(row.company, "released", by=by, now=now, text=row.parked_reason)
        released: int = rows.model.objects.filter(pk__in=[row.pk for row in parked]).release()
    for row in parked:
        if row.company:  # a visitor's message and a digest are of none
            nudge_turn(row.company)
    nudge_email()
    return released


def say_released(request: HttpRequest, released: int) -> None:
    if not released:
        messages.info(request, _("Nothing was set aside."))
        return
    text = ngettext("%(n)d piece of work goes on.", "%(n)d pieces of work go on.", released)
    messages.success(request, text % {"n": released})


def look_again(request: HttpRequest, companies: Iterable[Company]) -> None:
    """Ask for a look at each, with a line of history; workers do it within seconds."""
    now, count = timezone.now(), 0
    for company in companies:
        add_act(company, "looked_again", by=request.user, now=now)
        hint_now(company=company)
        nudge_turn(company)
        count += 1
    text = ngettext(
        "We are looking at %(n)d company again.", "We are looking at %(n)d companies again.", count
    )
    messages.success(request, text % {"n": count})


def release_lanes(request: HttpRequest, companies: QuerySet) -> None:
    lanes = Lane.objects.filter(company__in=companies)
    say_released(request, release_rows(lanes, by=request.user, now=timezone.now()))


class SavesWhatChanged:
    """Writes only the changed columns, so that no form can overwrite what a worker wrote."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            super().save_model(request, obj, form, change)  # type: ignore[misc]
        elif form.changed_data:
            obj.save(update_fields=form.changed_data)


def without_ways_to_others(field: Any) -> None:
    """Take the small pictures away that add or change what a form only chooses."""
    for act in ("add", "change", "delete", "view"):
        setattr(field.widget, f"can_{act}_related", False)


SEARCH_COMPANY = (
    "company__public_id",
    "company__reference",
    "company__codat_id",
    "company__true_name",
    "company__contacts__email",
)


def search_through(path: str) -> tuple[str, ...]:
    """The same search for tables that reach the company through another one."""
    return tuple(f"{path}__{name}" for name in SEARCH_COMPANY)
