"""The front door: who you are, and which software you use."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from onboarding.journey import started, steps
from onboarding.journey.cards import masked_address
from onboarding.journey.decorators import (
    OWNER,
    answers_in_even_time,
    company_of,
    read_keys,
    session_required,
)
from onboarding.journey.forms import NotListedForm, StartForm
from onboarding.journey.redirects import HttpResponseSeeOther
from onboarding.journey.tiles import categories_of_tiles, connected_text, kinds_on_offer, page_of
from onboarding.linking import tasks
from onboarding.linking.limits import limit_posts, refusal
from onboarding.linking.models import CustomerSession, Platform
from onboarding.linking.on_offer import on_offer
from onboarding.linking.services import (
    invitations,
    offering,
    self_service,
    unlisted,
)
from onboarding.linking.services.errors import NotOnOffer
from onboarding.ui.htmx import render_page


def device_class(request: HttpRequest) -> str:
    """A guess, for our counts and for which button comes first; nothing is refused by it."""
    return "phone" if "Mobi" in request.headers.get("User-Agent", "") else "computer"


def typed_address(request: HttpRequest, **_kwargs: str) -> str | None:
    return request.POST.get("email", "").strip().lower()[:254] or None


@login_not_required
@limit_posts(typed_address)
@require_http_methods(["GET", "HEAD", "POST"])
@answers_in_even_time
def start(request: HttpRequest, platform_key: str = "") -> HttpResponse:
    """Landing page; with self-service on, the form that begins the journey.

    With a platform's key in the address it leads straight to that software.
    """
    if not settings.SELF_SERVICE:
        if request.method == "POST":
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return render_page(request, "journey/landing.html", why(platform_key))
    try:
        platform = offering.platform_on_offer(key=platform_key) if platform_key else None
    except NotOnOffer:
        return HttpResponseSeeOther(reverse("journey:start"))
    initial = {**started.answers(request), "start_key": uuid.uuid4()}
    form = StartForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        return _begin(request, form, platform)
    context = {
        "form": form,
        "software": platform.name if platform else "",
        "step_text": steps.step_text("start", is_given=platform is not None),
        **why(platform_key),
    }
    return render_page(request, "journey/start.html", context, status=422 if form.errors else 200)


def why(platform_key: str = "") -> dict[str, Any]:
    """What is told before anything is asked; of one software, where that alone is meant."""
    one = on_offer().platform(platform_key) or steps.only_platform()
    kinds = kinds_on_offer(one)
    return {
        "arrives": True,
        "kinds": kinds,
        "one": one.name if one else "",
        "on_computer": one is not None and one.needs_computer,
        "is_needed": any(kind.category.required for kind in kinds),
        "asks_for_accounting": not kinds or any(k.category.slug == "accounting" for k in kinds),
    }


def _begin(request: HttpRequest, form: StartForm, platform: Platform | None) -> HttpResponse:
    name, email, now = form.cleaned_data["name"], form.cleaned_data["email"], timezone.now()
    known = invitations.session_of_same_start(
        keys=read_keys(request), true_name=name, email=email, now=now
    )
    if known:
        onward = page_of(known.company, platform) if platform else steps.next_page(known.company)
        return HttpResponseSeeOther(onward)
    limit = settings.SELF_SERVICE_LIMIT
    refused = refusal(request, name="start", about=email.lower(), limit=limit)
    if refused:
        return refused
    key = platform.key if platform else ""
    self_service.begin(
        true_name=name,
        email=email,
        language=get_language() or "",
        start_key=form.answers_key(),
        platform_key=key,
        now=now,
    )
    tasks.nudge_email()
    response = HttpResponseSeeOther(reverse("journey:start_sent"))
    started.remember(response, name=name, email=email, platform_key=key)
    return response


@login_not_required
@require_safe
def start_sent(request: HttpRequest) -> HttpResponse:
    """Where the link went: the same for an address that we know and one that we do not."""
    answers = started.answers(request)
    if not answers:
        return HttpResponseSeeOther(reverse("journey:start"))
    key = answers["platform_key"]
    context = {
        "email": answers["email"],
        "again_url": reverse("journey:start_with", args=[key]) if key else reverse("journey:start"),
        "mails_url": reverse("demo:mails") if settings.DEMO else "",
        "days": settings.INVITATION_DAYS,
    }
    return render_page(request, "journey/start_sent.html", context)


@session_required(*OWNER)
@require_safe
def choose(request: Any) -> HttpResponse:
    """All software on offer, grouped, each tile a link; with script the search answers at once."""
    query = " ".join(request.GET.get("q", "").split())[:100]
    offers = offering.offers(company=request.company)
    categories = categories_of_tiles(request.company, offers, query)
    found = sum(len(category.tiles) for category in categories)
    context = {
        "company": request.company,
        "categories": categories,
        "connected_text": connected_text(offers),
        "query": query,
        "found": found,
        "count_text": _count_text(found, query),
        "step_text": steps.step_text("choose"),
        "is_needed": any(group.category.required for group in offers),
        "skip_url": steps.page_after_skipping(request.company, offers),
        "searches": True,
        "back_url": _back_from_choosing(request, offers),
    }
    return render_page(
        request,
        "journey/choose.html",
        context,
        fragment="journey/_choose_results.html",
        fragment_id="choose_results",
    )


def _count_text(found: int, query: str) -> str:
    if not query:
        return _("All software is shown")
    text = ngettext("%(n)d found for “%(q)s”", "%(n)d found for “%(q)s”", found)
    return text % {"n": found, "q": query}


def _back_from_choosing(request: Any, offers: list[offering.CategoryOffers]) -> str:
    """What lies behind this page: their connections, or the start; of a mailed link nothing."""
    if any(offer.state == "connected" for group in offers for offer in group.offers):
        return steps.address("connections", request.company)
    channel = request.customer_session.channel
    began_here = settings.SELF_SERVICE and channel == CustomerSession.Channel.SELF_SERVICE
    return reverse("journey:start") if began_here else ""


@session_required(*OWNER)
@limit_posts(company_of)
@require_http_methods(["GET", "HEAD", "POST"])
def not_listed(request: Any) -> HttpResponse:
    """What they use that we do not offer: kept for staff, who find another way."""
    company = request.company
    query = " ".join(request.GET.get("q", "").split())[:100]
    form = NotListedForm(request.POST or None, initial={"software": query})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        unlisted.tell(session=request.customer_session, now=timezone.now(), **values)
        sends = settings.SEND_FILES and "send_files" in request.POST
        return HttpResponseSeeOther(steps.address("send_files", company) if sends else request.path)
    asks = form.is_bound or query or "again" in request.GET
    told = None if asks else company.history.not_listed()
    context = {
        "company": company,
        "form": form,
        "told": told,
        "uses_script": bool(told),
        "email": masked_address(company),
        "back_url": steps.address("choose", company),
    }
    return render_page(
        request, "journey/not_listed.html", context, status=422 if form.errors else 200
    )
