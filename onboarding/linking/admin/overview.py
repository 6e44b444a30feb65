"""The first page of the administration: how far customers come, and whether the engine keeps up."""

import csv
from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from onboarding.linking.services import allowance, overview

BAR_WIDTH = 240
"""Of the longest bar, in the units of the picture."""


class WeeksForm(forms.Form):
    weeks = forms.IntegerField(
        label=_("Weeks"), min_value=1, max_value=52, initial=8, required=False
    )

    def chosen(self) -> int:
        """What was asked for where that makes sense, else the default."""
        if not (self.is_bound and self.is_valid()):
            return 8
        return self.cleaned_data["weeks"] or 8


def _may_see_funnel(request: HttpRequest) -> bool:
    return request.user.has_perm("linking.view_company")


def _funnel(request: HttpRequest, weeks: int) -> Any:
    since = timezone.now() - timedelta(weeks=weeks)
    return overview.funnel(companies=overview.companies_of(request.user), since=since)


def context(request: HttpRequest) -> dict[str, Any]:
    """Only what this reader may see; the rest is not asked of the database."""
    now, user = timezone.now(), request.user
    form = WeeksForm(request.GET or None)
    found: dict[str, Any] = {"weeks_form": form, "weeks_chosen": form.chosen(), "now": now}
    if _may_see_funnel(request):
        steps, weeks = _funnel(request, form.chosen())
        most = max(steps[0].count, 1)
        found["steps"] = [(step, BAR_WIDTH * step.count // most) for step in steps]
        found["weeks"] = weeks
        companies = overview.companies_of(user)
        found["statuses"] = overview.connections_by_status(companies=companies)
    if user.has_perm("linking.view_lane") and user.has_perm("linking.view_all_companies"):
        found["health"] = overview.health(now=now)
    if user.has_perm("linking.view_callcount"):
        found["shows_allowance"] = True
        found["allowance"] = allowance.allowance(now=now)
    return found


def as_csv(request: HttpRequest) -> HttpResponse:
    """The funnel's table with the columns of the page, times in seconds."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    if not _may_see_funnel(request):
        raise PermissionDenied
    weeks = WeeksForm(request.GET or None).chosen()
    steps, _weeks = _funnel(request, weeks)
    headers = {"Content-Disposition": f'attachment; filename="funnel-{weeks}-weeks.csv"'}
    response = HttpResponse(content_type="text/csv; charset=utf-8", headers=headers)
    rows = csv.writer(response)
    rows.writerow(
        ["step", "customers", "per cent of step before", "middle seconds", "left with", "of these"]
    )
    for step in steps:
        seconds = int(step.middle.total_seconds()) if step.middle is not None else ""
        share = "" if step.share is None else step.share
        rows.writerow([step.name, step.count, share, seconds, *(step.left_with or ("", ""))])
    return response
