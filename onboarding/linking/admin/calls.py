"""Calls to Codat: the rows as they were counted, and a day's use as one table."""

from datetime import date, timedelta
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from onboarding.linking.models import CallCount
from onboarding.linking.services import allowance

from .bases import ReadOnlyAdmin


@admin.register(CallCount)
class CallCountAdmin(ReadOnlyAdmin):
    list_display = ("hour", "operation", "count")
    list_filter = ("operation",)
    date_hierarchy = "hour"
    change_list_template = "admin/linking/callcount/change_list.html"

    def get_urls(self) -> list[Any]:
        report = self.admin_site.admin_view(self.report)
        return [path("report/", report, name="linking_callcount_report"), *super().get_urls()]

    def report(self, request: HttpRequest) -> HttpResponse:
        """What is left of the allowance, and what a day's calls were for."""
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        if not self.has_view_permission(request):
            raise PermissionDenied
        today = allowance.today()
        day = _day(request.GET.get("day", ""), today)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Calls to Codat"),
            "opts": self.opts,
            "allowance": allowance.allowance(now=timezone.now()),
            "calls": allowance.calls_of_day(day),
            "before": day - timedelta(days=1),
            "after": day + timedelta(days=1) if day < today else None,
        }
        return TemplateResponse(request, "admin/linking/callcount/report.html", context)


def _day(text: str, today: date) -> date:
    """The day that the address names, today if that is nonsense, too old, or still to come."""
    try:
        return max(date(2020, 1, 1), min(date.fromisoformat(text), today))
    except ValueError:
        return today
