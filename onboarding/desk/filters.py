"""The filters above the desk's lists: GET forms over querysets."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from onboarding.linking import permissions
from onboarding.linking.models import Company, Problem

from . import wording


class _Filter(forms.Form):
    """Each field narrows the list when it is given and understood, and is ignored otherwise."""

    def __init__(self, data: Any, user: Any) -> None:
        super().__init__(data or None, label_suffix="")
        self.user = user
        for field in self.fields.values():
            field.required = False
        if not user.has_perm(permissions.VIEW_ALL):
            self.fields.pop("owner", None)

    def given(self) -> dict[str, Any]:
        if not self.is_bound:
            return {}
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


OWNERS = [("", _("Everybody's")), ("mine", _("Mine")), ("nobody", _("Nobody's"))]


def _owner_condition(owner: str, user: Any) -> Any:
    return user if owner == "mine" else None


class CompanyFilter(_Filter):
    q = forms.CharField(
        label=_("Name, id or e-mail"),
        max_length=200,
        strip=True,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    stage = forms.ChoiceField(
        label=_("Stage"),
        choices=[("", _("Any")), *((s.value, w.label) for s, w in wording.STAGES.items())],
    )
    link_status = forms.ChoiceField(
        label=_("Link status"),
        choices=[("", _("Any")), *((s.value, w[0]) for s, w in wording.LINK_STATUSES.items())],
    )
    owner = forms.ChoiceField(label=_("Account manager"), choices=OWNERS)
    problems = forms.ChoiceField(
        label=_("Problems"), choices=[("", _("All customers")), ("open", _("With a problem"))]
    )

    def apply(self, companies: QuerySet[Company]) -> QuerySet[Company]:
        given = self.given()
        if "q" in given:
            companies = companies.matching(given["q"])
        if "problems" in given:
            companies = companies.with_problems()
        if "owner" in given:
            companies = companies.filter(owner=_owner_condition(given["owner"], self.user))
        exact = {name: given[name] for name in ("stage", "link_status") if name in given}
        return companies.filter(**exact)


class WorklistFilter(_Filter):
    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=[
            ("", _("All reasons")),
            *((r.value, w.heading) for r, w in wording.REASONS.items()),
        ],
    )
    owner = forms.ChoiceField(label=_("Account manager"), choices=OWNERS)

    def apply(self, problems: QuerySet[Problem]) -> QuerySet[Problem]:
        given = self.given()
        if "reason" in given:
            problems = problems.filter(reason=given["reason"])
        if "owner" in given:
            owner = _owner_condition(given["owner"], self.user)
            problems = problems.filter(company__owner=owner)
        return problems
