"""The first page of the administration: how far customers come, and whether the engine keeps up."""

import csv
from collections.abc import Collection
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils import timezone
from django.utils.text import slugify
from django.utils.timesince import timesince
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from onboarding.linking.models import Category, Platform
from onboarding.linking.models.labels import REASONS
from onboarding.linking.services import allowance, overview
from onboarding.linking.services.overview import Channel
from onboarding.linking.stages import Reason

BAR_WIDTH = 240
"""Of the longest bar, in the units of the picture."""
WEEKS = 8
_KIND = "kind-"


def _software() -> list[Any]:
    """Kinds, and each software that can be or was chosen; two queries."""
    kinds = Category.objects.values_list("slug", "name")
    platforms = Platform.objects.order_by("name").values_list("key", "name", "shown", "connected")
    single = [(key, name) for key, name, shown, connected in platforms if shown or connected]
    return [
        ("", _("All")),
        (_("Kind of software"), [(f"{_KIND}{slug}", __(name)) for slug, name in kinds]),
        (_("Single software"), single),
    ]


class FunnelForm(forms.Form):
    """Whose numbers to show; what is not understood is left out, and said to be."""

    weeks = forms.IntegerField(
        label=_("Weeks"), min_value=1, max_value=52, initial=WEEKS, required=False
    )
    software = forms.ChoiceField(label=_("Software"), choices=_software, required=False)
    channel = forms.ChoiceField(
        label=_("How they came"),
        choices=[
            ("", _("All")),
            (Channel.INVITED.value, _("Invited by us")),
            (Channel.SELF_SERVICE.value, _("Began by themselves")),
            (Channel.HAND_OVER.value, _("Asked someone else to connect")),
        ],
        required=False,
    )

    def understood(self) -> dict[str, Any]:
        """The values that make sense; those that are missing stand for all."""
        self.is_valid()  # of a wrong value only the others are left in cleaned_data
        found = self.cleaned_data if self.is_bound else {}
        return {name: value for name, value in found.items() if value}

    @property
    def chosen_weeks(self) -> int:
        return int(self.understood().get("weeks", WEEKS))

    @property
    def is_narrowed(self) -> bool:
        return bool(self.understood().keys() - {"weeks"})

    @property
    def is_of_software(self) -> bool:
        return "software" in self.understood()

    def query(self) -> str:
        return urlencode({"weeks": WEEKS, **self.understood()})

    def platform_keys(self) -> Collection[str] | None:
        """None for any software; a kind is all that the catalogue counts to it."""
        chosen = self.understood().get("software", "")
        if not chosen.startswith(_KIND):
            return {chosen} if chosen else None
        kind = Category.objects.get(slug=chosen.removeprefix(_KIND))
        keys = Platform.objects.filter(source_type__in=kind.source_types)
        return set(keys.values_list("key", flat=True))

    def funnel(self, user: Any) -> tuple[list[overview.StepReached], list[overview.Week]]:
        companies = overview.companies_of(user)
        if channel := self.understood().get("channel"):
            companies = overview.of_channel(companies, Channel(channel))
        since = timezone.now() - timedelta(weeks=self.chosen_weeks)
        return overview.funnel(companies=companies, since=since, platform_keys=self.platform_keys())


def in_words(time: timedelta) -> str:
    """“40 seconds”, “7 minutes”, “1 day, 2 hours”."""
    seconds = int(time.total_seconds())
    if seconds < 60:
        return ngettext("%(n)d second", "%(n)d seconds", seconds) % {"n": seconds}
    now = timezone.now()
    return timesince(now - time, now)


def _may_see_funnel(request: HttpRequest) -> bool:
    return request.user.has_perm("linking.view_company")


def _row(step: overview.StepReached, most: int) -> dict[str, Any]:
    """A step as the table draws it; `most` is what the longest bar stands for."""
    reason, count = step.left_with or ("", 0)
    return {
        "step": step,
        "width": BAR_WIDTH * step.count // most,
        "time": in_words(step.middle) if step.middle is not None else "",
        "reason": reason,
        "reason_words": REASONS[Reason(reason)] if reason else "",
        "reason_count": count,
    }


def context(request: HttpRequest) -> dict[str, Any]:
    """Only what this reader may see; the rest is not asked of the database."""
    now, user = timezone.now(), request.user
    found: dict[str, Any] = {"now": now}
    if _may_see_funnel(request):
        form = FunnelForm(request.GET or None)
        steps, weeks = form.funnel(user)
        most = max(steps[0].count, 1)
        found |= {"form": form, "steps": [_row(step, most) for step in steps], "weeks": weeks}
        companies = overview.companies_of(user)
        found["statuses"] = overview.connections_by_status(companies=companies)
    if user.has_perm("linking.view_lane") and user.has_perm("linking.view_all_companies"):
        found["health"] = overview.health(now=now)
    if user.has_perm("linking.view_callcount"):
        found["shows_allowance"] = True
        found["allowance"] = allowance.allowance(now=now)
    return found


def as_csv(request: HttpRequest) -> HttpResponse:
    """The funnel's table, narrowed as on the page, with its columns and times in seconds."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    if not _may_see_funnel(request):
        raise PermissionDenied
    form = FunnelForm(request.GET or None)
    steps, _weeks = form.funnel(request.user)
    name = "-".join(["funnel", str(form.chosen_weeks), "weeks", *_slugs(form)])
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
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


def _slugs(form: FunnelForm) -> list[str]:
    """What the numbers are narrowed to, fit for the name of a file."""
    understood = form.understood()
    return [slugify(understood[name]) for name in ("software", "channel") if name in understood]
