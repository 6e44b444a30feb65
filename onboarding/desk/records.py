"""Two records at Codat for one customer: both ids, and the word that a senior has seen to it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from onboarding.linking import permissions
from onboarding.linking.services import strays

from .decorators import desk_page, require_permission
from .views import to_company, visible_company


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def records(request: HttpRequest, public_id: Any) -> HttpResponse:
    company = visible_company(request, public_id)
    others = sorted(company.history.other_records())
    if request.method == "POST":
        require_permission(request.user, permissions.OPERATE)
        strays.settle(company=company, by=request.user, now=timezone.now())
        messages.success(request, _("Marked as seen to."))
        return to_company(company)
    if not others:
        messages.info(request, _("There is one record at Codat, or the second is seen to."))
        return to_company(company)
    context = {
        "section": "customers",
        "company": company,
        "others": others,
        "uses_script": True,
        "may_settle": request.user.has_perm(permissions.OPERATE),
    }
    return render(request, "desk/records.html", context)
