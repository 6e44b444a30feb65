"""Whose business it is: the question, and what can be said instead of an answer."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from onboarding.journey import standing, steps, wording
from onboarding.journey.decorators import OWNER, company_of, session_required
from onboarding.journey.forms import IdentityForm
from onboarding.journey.redirects import HttpResponseSeeOther
from onboarding.linking import tasks
from onboarding.linking.limits import limit_posts
from onboarding.linking.models import CompanyIdentity
from onboarding.linking.services import identity as identities
from onboarding.linking.services import offering
from onboarding.linking.services.errors import OutdatedIdentity
from onboarding.ui.htmx import render_page


@session_required(*OWNER, after_link=True)
@limit_posts(company_of)
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: Any) -> HttpResponse:
    """Is this your business? The form names what was shown, so that nothing newer is confirmed."""
    company = request.company
    found = identities.awaiting(company=company, session=request.customer_session)
    if found is None:
        _warn_of_other_answer(request)
        return HttpResponseSeeOther(steps.address("progress", company))
    name = found.display_name or found.connection.platform_name
    form = IdentityForm(
        request.POST or None,
        initial={"identity": found.public_id},
        found=name,
        asks_holder=found.connection.source_type == "Banking",
    )
    if request.method == "POST" and form.is_valid():
        return _answered(request, form, found)
    is_first = found.connection.linked_first_at == found.connection.linked_last_at
    is_given = steps.was_given(request.customer_session, found.connection.platform_key)
    context = {
        "company": company,
        "identity": found,
        "software": found.connection.platform_name,
        "name": name,
        "form": form,
        "uses_script": True,
        "step_text": steps.step_text("confirm", is_given=is_given) if is_first else "",
        **_differences(company, found),
    }
    context["facts"] = _facts(found, is_same=context["is_same"])
    return render_page(request, "journey/confirm.html", context, status=422 if form.errors else 200)


def _differences(company: Any, found: CompanyIdentity) -> dict[str, Any]:
    """Beside what the customer told us, and beside what was connected before."""
    kind = identities.difference(company=company, identity=found)
    return {
        "is_same": kind is not identities.Difference.OTHER,
        "difference": wording.DIFFERENCES[kind],
    }


def _facts(found: CompanyIdentity, *, is_same: bool) -> list[tuple[str, str]]:
    """What the software tells of the business, without what the page says above it already."""
    shown, before = found.display_name, found.compared_with
    rows = [
        (_("Name before"), before.display_name if before else ""),
        (_("Name"), found.name if is_same else ""),
        (_("Legal name"), found.legal_name if is_same or found.legal_name != shown else ""),
        (_("Registration number"), found.registration_number),
        (_("Town"), found.town),
        (_("Web address"), found.web_address),
        (_("Currency"), "" if shown else found.currency),
        (_("From"), found.connection.platform_name if shown and is_same and not before else ""),
    ]
    return [(label, text) for label, text in rows if text]


def _warn_of_other_answer(request: Any) -> None:
    """A second tab, or a colleague, may have answered differently: never drop that in silence."""
    form = IdentityForm(request.POST, found="")
    if request.method != "POST" or not form.is_valid():
        return
    answered = CompanyIdentity.objects.filter(
        public_id=form.cleaned_data["identity"], connection__company=request.company
    ).first()
    says_yes = form.cleaned_data["answer"] == IdentityForm.YES
    if answered and (answered.rejected_at if says_yes else answered.confirmed_at):
        text = _("This question was answered the other way before. If that is wrong, contact us.")
        messages.warning(request, text)


def _answered(request: Any, form: IdentityForm, found: CompanyIdentity) -> HttpResponse:
    company = request.company
    says_yes = form.cleaned_data["answer"] == IdentityForm.YES
    answer = identities.confirm if says_yes else identities.reject
    try:
        answer(
            identity_public_id=form.cleaned_data["identity"],
            company=company,
            session=request.customer_session,
            now=timezone.now(),
            **({"account_holder": form.cleaned_data["account_holder"]} if says_yes else {}),
        )
    except OutdatedIdentity:
        messages.warning(
            request,
            _("%(software)s has told us something newer. Check it once more.")
            % {"software": found.connection.platform_name},
        )
    tasks.nudge_turn(company)
    tasks.nudge_email()
    return HttpResponseSeeOther(steps.address("progress", company))


@session_required(*OWNER, after_link=True)
@limit_posts(company_of)
@require_POST
def name_later(request: Any) -> HttpResponse:
    """“Carry on, ask me later”: no name came in time, and nobody has to sit and wait for it."""
    company, session = request.company, request.customer_session
    state = standing.progress_of(company, now=timezone.now(), session=session)
    if state.kind is not standing.Kind.SLOW or state.connection is None:
        return HttpResponseSeeOther(steps.address("progress", company))
    identities.carry_on(connection=state.connection, session=session, now=timezone.now())
    messages.success(request, _("We will e-mail you when there is a name to check."))
    groups = offering.offers(company=company)
    is_all = all(any(o.state == "connected" for o in group.offers) for group in groups)
    page = steps.address("connections", company) if is_all else steps.choosing_page(company)
    return HttpResponseSeeOther(page)


@session_required(*OWNER, after_link=True)
@limit_posts(company_of)
@require_POST
def same_business(request: Any) -> HttpResponse:
    """“It is the same business”, of one that was stopped: told to staff, who decide."""
    company, session = request.company, request.customer_session
    state = standing.progress_of(company, now=timezone.now(), session=session)
    if state.kind is standing.Kind.OTHER_BUSINESS and state.identity and state.is_shown:
        identities.claim(
            identity_public_id=state.identity.public_id,
            company=company,
            session=session,
            now=timezone.now(),
        )
    return HttpResponseSeeOther(steps.address("progress", company))
