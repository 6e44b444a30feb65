"""After the return: what happened, whose business it is, what is read, and where it all stands."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from onboarding.journey import steps, wording
from onboarding.journey.cards import cards_of, masked_address, progress_items, summary_of
from onboarding.journey.decorators import (
    OWNER,
    company_of,
    forget_keys,
    read_keys,
    session_ended_page,
    session_required,
    was_closed,
)
from onboarding.journey.forms import IdentityForm
from onboarding.journey.redirects import HttpResponseSeeOther, go
from onboarding.journey.tiles import connected_text
from onboarding.linking import tasks
from onboarding.linking.limits import limit_posts
from onboarding.linking.models import CompanyIdentity
from onboarding.linking.services import connecting, invitations, looking
from onboarding.linking.services import identity as identities
from onboarding.linking.services.errors import OutdatedIdentity, SessionEnded
from onboarding.linking.stages import Stage
from onboarding.ui.htmx import is_fragment, looks_so_far, poll_delay, render_page


@session_required(*OWNER, after_link=True)
@require_safe
def progress(request: Any) -> HttpResponse:
    """One page from the return to the last thing read; its fragment polls our rows, not Codat."""
    company = request.company
    state = steps.progress_of(company, now=timezone.now())
    page = steps.OTHER_PAGES.get(state.kind)
    if page:
        return go(request, steps.address(page, company))
    if is_fragment(request):
        if request.GET.get("at") != state.kind:
            return go(request, request.path)
    elif state.waits and looking.hint_from_page(company=company):
        tasks.nudge_turn(company)
    return _progress_page(request, state)


def _progress_page(request: Any, state: steps.Progress) -> HttpResponse:
    looks = looks_so_far(request)
    context = {
        "company": request.company,
        "state": state,
        "words": wording.words_of(state, request.company, email=masked_address(request.company)),
        "items": progress_items(state.data_types),
        "summary": summary_of(state.data_types),
        "url": request.path,
        "poll_url": f"{request.path}?at={state.kind}",
        "looks": looks,
        "delay": poll_delay(looks, eager=state.ends_soon) if state.waits else None,
        "uses_htmx": state.waits,
    }
    return render_page(
        request,
        "journey/progress.html",
        context,
        fragment="journey/_progress_status.html",
        fragment_id="progress_status",
    )


@session_required(*OWNER, after_link=True)
@limit_posts(company_of)
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: Any) -> HttpResponse:
    """Is this your business? The form names what was shown, so that nothing newer is confirmed."""
    company = request.company
    found = identities.awaiting(company=company)
    if found is None:
        _warn_of_other_answer(request)
        return HttpResponseSeeOther(steps.address("progress", company))
    name = found.display_name or found.connection.platform_name
    form = IdentityForm(request.POST or None, initial={"identity": found.public_id}, found=name)
    if request.method == "POST" and form.is_valid():
        return _answered(request, form, found)
    is_first = found.connection.linked_first_at == found.connection.linked_last_at
    context = {
        "company": company,
        "identity": found,
        "software": found.connection.platform_name,
        "name": name,
        "is_same": identities.looks_the_same(company=company, identity=found),
        "form": form,
        "step_text": steps.step_text("confirm") if is_first else "",
    }
    return render_page(request, "journey/confirm.html", context, status=422 if form.errors else 200)


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
@require_safe
def done(request: Any) -> HttpResponse:
    """The end of the journey, which also works as a bookmark for as long as it is true."""
    company = request.company
    if company.stage != Stage.READY:
        page = "connections" if company.stage == Stage.LOST else "progress"
        return HttpResponseSeeOther(steps.address(page, company))
    context = {
        "company": company,
        "cards": cards_of(company),
        "connected_text": connected_text(connecting.offers(company=company)),
    }
    return render_page(request, "journey/done.html", context)


@session_required(*OWNER)
@require_safe
def connections(request: Any) -> HttpResponse:
    """What is connected, in words, with the way to mend what is not."""
    company = request.company
    context = {
        "company": company,
        "cards": cards_of(company),
        "deletion_asked": company.history.deletion_asked_at() is not None,
    }
    return render_page(request, "journey/connections.html", context)


@session_required(*OWNER)
@limit_posts(company_of)
@require_POST
def sign_out(request: Any) -> HttpResponse:
    """For shared computers: nothing in this browser opens a page of this or another business."""
    invitations.end_session(session=request.customer_session, now=timezone.now())
    messages.success(request, _("You have finished on this computer. Your answers are saved."))
    response = HttpResponseSeeOther("/")
    forget_keys(response)
    return response


@login_not_required
@limit_posts(lambda request, company: str(company))
@require_POST
def session_renew(request: HttpRequest, company: UUID) -> HttpResponse:
    """A link to carry on, to the address on file, for a browser whose session has ended."""
    now = timezone.now()
    try:
        session = invitations.check_session(
            keys=read_keys(request),
            company_public_id=company,
            now=now,
            touch=False,
            purposes=OWNER,
        )
    except SessionEnded as ended:
        if was_closed(ended):
            return session_ended_page(request, ended)
        invitations.send_new_link(company=ended.company, now=now)
        tasks.nudge_email()
        return render_page(
            request, "journey/link_sent.html", {"email": masked_address(ended.company)}
        )
    except LookupError as stranger:
        raise Http404 from stranger
    return HttpResponseSeeOther(steps.next_page(session.company))
