"""After the return: what happened, what is read, and where it all stands."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from onboarding.journey import standing, steps, wording
from onboarding.journey.cards import cards_of, masked_address, progress_items, reads_of, summary_of
from onboarding.journey.decorators import (
    OWNER,
    company_of,
    forget_keys,
    read_keys,
    session_ended_page,
    session_required,
    was_closed,
)
from onboarding.journey.redirects import HttpResponseSeeOther, go
from onboarding.journey.tiles import connected_text
from onboarding.journey.views.mailed import link_sent_page
from onboarding.linking import tasks
from onboarding.linking.limits import limit_posts
from onboarding.linking.services import invitations, looking, offering
from onboarding.linking.services.errors import SessionEnded
from onboarding.linking.stages import Stage
from onboarding.ui.htmx import is_fragment, looks_so_far, poll_delay, render_page


@session_required(*OWNER, after_link=True)
@require_safe
def progress(request: Any) -> HttpResponse:
    """One page from the return to the last thing read; its fragment polls our rows, not Codat."""
    company = request.company
    state = standing.progress_of(company, now=timezone.now(), session=request.customer_session)
    other = state.other_page(company)
    if other:
        return go(request, other)
    if is_fragment(request):
        if request.GET.get("at") != state.kind:
            return go(request, request.path)
    elif state.waits and looking.hint_from_page(company=company):
        tasks.nudge_turn(company)
    return _progress_page(request, state)


def _progress_page(request: Any, state: standing.Progress) -> HttpResponse:
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
        "uses_script": True,
        "claims_url": _claims_url(request, state),
        "connected_text": _how_many_are_connected(request, state),
    }
    return render_page(
        request,
        "journey/progress.html",
        context,
        fragment="journey/_progress_status.html",
        fragment_id="progress_status",
    )


def _how_many_are_connected(request: Any, state: standing.Progress) -> str:
    """“1 of 3 kinds …”, on the whole page only: it changes on other pages than this one."""
    if is_fragment(request) or state.kind not in (standing.Kind.READING, standing.Kind.READ):
        return ""
    return connected_text(offering.offers(company=request.company))


def _claims_url(request: Any, state: standing.Progress) -> str:
    """Where “It is the same business” is said; empty where there is nothing to say, or no more."""
    stopped = state.identity if state.kind is standing.Kind.OTHER_BUSINESS else None
    may_claim = stopped is not None and state.is_shown and not stopped.claimed_at
    return steps.address("same_business", request.company) if may_claim else ""


@session_required(*OWNER, after_link=True)
@require_safe
def done(request: Any) -> HttpResponse:
    """The end of the journey, which also works as a bookmark for as long as it is true."""
    company = request.company
    if company.stage != Stage.READY:
        page = "connections" if company.stage == Stage.LOST else "progress"
        return HttpResponseSeeOther(steps.address(page, company))
    cards = cards_of(company)
    context = {
        "company": company,
        "cards": cards,
        "is_open": any(card.is_open for card in cards),
        "can_stop": not all(card.was_read_once for card in cards),
        "software": next((c.connection.platform_name for c in cards if not c.is_open), ""),
        "reads": reads_of(cards),
        "uses_script": True,
        "connected_text": connected_text(offering.offers(company=company)),
    }
    return render_page(request, "journey/done.html", context)


@session_required(*OWNER)
@require_safe
def connections(request: Any) -> HttpResponse:
    """What is connected, in words, with the way to mend what is not."""
    company = request.company
    cards = cards_of(company)
    context = {
        "company": company,
        "cards": cards,
        "first_to_act_on": next((card.anchor for card in cards if card.act), ""),
        "deletion_asked": company.history.deletion_asked_at() is not None,
    }
    return render_page(request, "journey/connections.html", context)


@session_required(*OWNER)
@limit_posts(company_of)
@require_POST
def sign_out(request: Any) -> HttpResponse:
    """For shared computers: nothing in this browser opens a page of this or another business."""
    invitations.end_session(session=request.customer_session, now=timezone.now())
    messages.success(request, _("You have signed out on this device. Your answers are saved."))
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
        sent = invitations.send_new_link(company=ended.company, now=now)
        if sent is None:
            return session_ended_page(request, ended)
        return link_sent_page(request, sent, now)
    except LookupError as stranger:
        raise Http404 from stranger
    return HttpResponseSeeOther(steps.next_page(session.company))
