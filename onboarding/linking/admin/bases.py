"""The three bases, and the acts that several tables share."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
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

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        columns = self.opts.concrete_fields
        return [column.name for column in columns if column.name not in SECRET_FIELDS | DULL_FIELDS]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
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
    list_filter: tuple[Any, ...] = (("parked_reason", YesOrNoFilter),)

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
    text = ngettext("%(n)d row is free again.", "%(n)d rows are free again.", released)
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
