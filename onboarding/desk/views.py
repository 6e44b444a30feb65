"""The desk's pages. What changes something is in `acts.py`."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from onboarding.linking import permissions
from onboarding.linking.models import Company, Problem
from onboarding.linking.services import onboarding
from onboarding.linking.tasks import nudge_turn

from . import company_page
from .decorators import desk_page, require_permission
from .filters import CompanyFilter, WorklistFilter
from .forms import AddCompanyForm
from .paging import BoundedPaginator
from .worklist import Worklist, groups, open_problems, with_facts

PAGE_SIZE = 25


def visible_company(request: HttpRequest, public_id: Any, *, may: str = "") -> Company:
    """The lookup is the permission check: a stranger's company does not exist.

    `may` names what only some of those may do who see it: the others are refused.
    """
    companies = Company.objects.visible_to(request.user).select_related("owner")
    company = get_object_or_404(companies, public_id=public_id)
    if may:
        require_permission(request.user, may)
    return company


def see_other(url: str) -> HttpResponse:
    return HttpResponseRedirect(url, status=303)


def to_company(company: Company) -> HttpResponse:
    return see_other(reverse("desk:company", args=[company.public_id]))


@require_safe
@desk_page
def worklist(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    filters = WorklistFilter(request.GET, request.user)
    found = Worklist(filters.apply(open_problems(request.user, now)))
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    problems = with_facts(page.object_list)
    context = {
        "section": "worklist",
        "filters": filters,
        "filtered": bool(filters.given()),
        "customers": found.customers(),
        "groups": list(groups(problems, found.counts, request.user)),
        "page": page,
        "now": now,
    }
    return render(request, "desk/worklist.html", context)


@require_safe
@desk_page
def companies(request: HttpRequest) -> HttpResponse:
    visible = Company.objects.visible_to(request.user)
    filters = CompanyFilter(request.GET, request.user)
    problems = Prefetch("problems", queryset=Problem.objects.open(), to_attr="open_problems")
    found = filters.apply(visible).select_related("owner").prefetch_related(problems)
    page = BoundedPaginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "section": "customers",
        "filters": filters,
        "filtered": bool(filters.given()),
        "rows": [company_page.row(company) for company in page],
        "page": page,
        "shows_owner": request.user.has_perm(permissions.VIEW_ALL),
        "may_add": request.user.has_perm("linking.add_company"),
    }
    return render(request, "desk/companies.html", context)


@require_safe
@desk_page
def company(request: HttpRequest, public_id: Any) -> HttpResponse:
    found = visible_company(request, public_id)
    history = found.history.select_related("connection")
    page = Paginator(history, PAGE_SIZE).get_page(request.GET.get("page"))
    now = timezone.now()
    context = {
        **company_page.context(found, request.user, now=now),
        "entries": [company_page.entry(each) for each in page],
        "page": page,
        "now": now,
        "uses_script": True,
    }
    return render(request, "desk/company.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def add(request: HttpRequest) -> HttpResponse:
    require_permission(request.user, "linking.add_company")
    form = AddCompanyForm(request.POST) if request.method == "POST" else AddCompanyForm.empty()
    if form.is_bound and form.is_valid():
        made = _register(form, request.user, timezone.now())
        nudge_turn(made)
        messages.success(request, _("%(business)s is added.") % {"business": made.true_name})
        return to_company(made)
    context = {"section": "customers", "form": form}
    return render(request, "desk/add.html", context, status=422 if form.is_bound else 200)


def _register(form: AddCompanyForm, user: Any, now: datetime) -> Company:
    return onboarding.register_company(
        **form.cleaned_data, origin=str(Company.Origin.STAFF), owner=user, by=user, now=now
    )
