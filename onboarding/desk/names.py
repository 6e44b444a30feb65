"""Whose business was connected: both names side by side, and what staff can say or ask about it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from onboarding.linking import permissions, stages
from onboarding.linking.models import Company, CompanyIdentity, Connection
from onboarding.linking.models.invitation import way_linked
from onboarding.linking.services import identity as identities
from onboarding.linking.services.errors import NotAllowed, OutdatedIdentity
from onboarding.linking.tasks import nudge_email, nudge_turn

from . import wording
from .acts import back
from .decorators import desk_page
from .views import see_other, to_company, visible_company


def _connection(company: Company, connection_id: Any) -> Connection:
    return get_object_or_404(company.connections.present(), public_id=connection_id)


@require_safe
@desk_page
def names(request: HttpRequest, public_id: Any, connection_id: Any) -> HttpResponse:
    """What the customer told us, what was confirmed before, and what the software says now."""
    company = visible_company(request, public_id)
    connection = _connection(company, connection_id)
    found = connection.identity
    is_linked = connection.status == stages.LINKED
    is_open = is_linked and (found is None or identities.is_unanswered(found))
    may_say = request.user.has_perm(permissions.CONFIRM_BUSINESS)
    context = {
        "section": "customers",
        "company": company,
        "connection": connection,
        "identity": found,
        "before": found.compared_with if found else None,
        "way": way_linked(connection) if is_linked else "",
        "difference": _difference(company, found),
        "may_ask": is_open and found and request.user.has_perm(permissions.INVITE),
        "may_confirm": may_say and (is_open or (found and found.rejected_at)),
        "may_reject": may_say and is_linked and found and not found.rejected_at,
        "may_send": not is_linked and request.user.has_perm(permissions.INVITE),
    }
    return render(request, "desk/names.html", context)


def _difference(company: Company, found: CompanyIdentity | None) -> Any:
    if found is None or not found.display_name:
        return ""
    return wording.DIFFERENCES[identities.difference(company=company, identity=found)]


@require_POST
@desk_page
def ask_customer(request: HttpRequest, public_id: Any, connection_id: Any) -> HttpResponse:
    """“Confirm with customer”: a link to the address on file, where the name is shown."""
    company = visible_company(request, public_id, may=permissions.INVITE)
    connection = _connection(company, connection_id)
    try:
        sent = identities.ask_customer(connection=connection, by=request.user, now=timezone.now())
    except NotAllowed:
        messages.error(request, _("Not sent: there is no name to confirm, or nobody to write to."))
        return back(request, company)
    nudge_email()
    contact = company.primary_contact
    text = _("Sent to %(email)s.") if sent else _("Sent already, less than a minute ago.")
    messages.success(request, text % {"email": contact.email if contact else ""})
    return back(request, company)


@require_POST
@desk_page
def say_whose(request: HttpRequest, public_id: Any, connection_id: Any) -> HttpResponse:
    """Staff say whose business it is, of the identity that stood on their page."""
    company = visible_company(request, public_id, may=permissions.CONFIRM_BUSINESS)
    connection = _connection(company, connection_id)
    says_yes = request.POST.get("answer") == "yes"
    shown = request.POST.get("identity", "")
    try:
        _say(connection, request.user, shown, says_yes=says_yes)
    except (OutdatedIdentity, NotAllowed):
        messages.warning(request, _("Something has changed meanwhile. Look at the names again."))
        return to_company(company)
    nudge_turn(company)
    nudge_email()
    said = connection.identity
    if said is not None and said.is_held:
        messages.warning(request, _("Another customer has the same number. Compare both first."))
        return see_other(reverse("desk:compare", args=[company.public_id, connection.public_id]))
    done = _("Confirmed.") if says_yes else _("It is being disconnected.")
    messages.success(request, done)
    return to_company(company)


def _say(connection: Connection, by: Any, shown: str, *, says_yes: bool) -> None:
    now, found = timezone.now(), connection.identity
    if shown != (str(found.public_id) if found else ""):
        raise OutdatedIdentity
    if found is None:
        if says_yes:
            identities.confirm_unnamed(connection=connection, by=by, now=now)
        return
    answer = identities.confirm if says_yes else identities.reject
    answer(identity_public_id=found.public_id, company=connection.company, by=by, now=now)
