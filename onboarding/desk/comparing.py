"""Two customers with one registration number, side by side, and what staff say about them."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from onboarding.linking import permissions
from onboarding.linking.models import Company, CompanyIdentity
from onboarding.linking.services import doubles
from onboarding.linking.services.errors import OutdatedIdentity
from onboarding.linking.tasks import nudge_email, nudge_turn

from . import wording
from .decorators import desk_page, require_permission
from .views import see_other, to_company, visible_company

SEPARATE, SAME = "separate", "same"


@dataclass(frozen=True)
class Side:
    """One of the two businesses, as far as its reader may see it."""

    heading: str
    identity: CompanyIdentity
    company: Company
    stage: wording.Words

    @property
    def contact(self) -> Any:
        return self.company.primary_contact

    @property
    def known(self) -> dict[str, Any]:
        """What not everybody has told; a row of both as soon as one of the two has it."""
        found = self.identity
        return {
            "legal_name": found.legal_name,
            "tax_number": found.tax_number,
            "town": found.town,
            "contact": self.contact,
        }


def _side(heading: str, identity: CompanyIdentity) -> Side:
    company = identity.connection.company
    return Side(heading, identity, company, wording.stage_words(company.stage))


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def compare(request: HttpRequest, public_id: Any, connection_id: Any) -> HttpResponse:
    company = visible_company(request, public_id)
    connection = get_object_or_404(company.connections.present(), public_id=connection_id)
    found = connection.identity
    if found is None or not found.is_doubled or company.closed_at:
        messages.info(request, _("There is nothing to compare, or somebody has answered."))
        return to_company(company)
    other = found.same_number_as
    may_see = other is not None and other.connection.company.is_visible_to(request.user)
    if request.method == "POST":
        return _answer(request, company, may_see=may_see)
    sides = [_side(_("The newer one"), found)]
    if other and may_see:
        sides.append(_side(_("Known before"), other))
    context = {
        "section": "customers",
        "company": company,
        "identity": found,
        "sides": sides,
        "rows": {name for side in sides for name, value in side.known.items() if value},
        "is_hidden": other is not None and not may_see,
        "answer_due": doubles.answer_due(found) if found.is_held else None,
        "may_separate": may_see and request.user.has_perm(permissions.CONFIRM_BUSINESS),
        "may_close": may_see and request.user.has_perm(permissions.CLOSE),
    }
    return render(request, "desk/compare.html", context)


def _answer(request: HttpRequest, company: Company, *, may_see: bool) -> HttpResponse:
    """Of the identity that stood on the page; what its reader did not see, nobody can compare."""
    answer = request.POST.get("answer")
    is_same = answer == SAME
    require_permission(request.user, permissions.CLOSE if is_same else permissions.CONFIRM_BUSINESS)
    if not may_see or answer not in (SAME, SEPARATE):
        return see_other(request.path)
    act = doubles.same_customer if is_same else doubles.separate
    shown = request.POST.get("identity", "")
    try:
        act(identity_public_id=shown, company=company, by=request.user, now=timezone.now())
    except OutdatedIdentity:
        messages.warning(request, _("Something has changed meanwhile. Compare them again."))
        return to_company(company)
    nudge_turn(company)
    nudge_email()
    if is_same:
        messages.success(request, _("Closed. The customer is told by e-mail."))
    else:
        messages.success(request, _("They are separate. The customer can carry on."))
    return to_company(company)
