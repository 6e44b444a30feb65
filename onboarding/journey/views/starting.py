"""The front door: who you are, and which software you use."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from onboarding.journey import steps
from onboarding.journey.cards import masked_address
from onboarding.journey.decorators import (
    OWNER,
    company_of,
    read_keys,
    remember_key,
    session_required,
)
from onboarding.journey.forms import NotListedForm, StartForm
from onboarding.journey.redirects import HttpResponseSeeOther
from onboarding.journey.tiles import categories_of_tiles, connected_text, current_wording
from onboarding.linking.limits import limit_posts
from onboarding.linking.models import Company, CustomerSession
from onboarding.linking.models.invitation import Purpose
from onboarding.linking.services import connecting, invitations, onboarding, unlisted
from onboarding.linking.services.errors import NotOnOffer
from onboarding.ui.htmx import render_page


def device_class(request: HttpRequest) -> str:
    """A guess for our own counts only; nothing is decided by it."""
    return "phone" if "Mobi" in request.headers.get("User-Agent", "") else "computer"


def typed_address(request: HttpRequest) -> str | None:
    return request.POST.get("email", "").strip().lower()[:254] or None


@login_not_required
@limit_posts(typed_address)
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Landing page; with self-service on, the form that begins the journey."""
    if not settings.SELF_SERVICE:
        if request.method == "POST":
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return render_page(request, "journey/landing.html")
    form = StartForm(request.POST or None, initial={"start_key": uuid.uuid4()})
    if request.method == "POST" and form.is_valid():
        known = invitations.session_of_same_start(
            keys=read_keys(request),
            true_name=form.cleaned_data["name"],
            email=form.cleaned_data["email"],
            now=timezone.now(),
        )
        if known:
            return HttpResponseSeeOther(steps.next_page(known.company))
        company = _register(form)
        response = HttpResponseSeeOther(steps.choosing_page(company))
        _let_in(request, response, company)
        return response
    context = {"form": form, "step_text": steps.step_text("start")}
    return render_page(request, "journey/start.html", context, status=422 if form.errors else 200)


def _register(form: StartForm) -> Company:
    return onboarding.register_company(
        true_name=form.cleaned_data["name"],
        email=form.cleaned_data["email"],
        origin=str(Company.Origin.SELF_SERVICE),
        language=get_language() or "",
        start_key=form.answers_key(),
        now=timezone.now(),
    )


def _let_in(request: HttpRequest, response: HttpResponse, company: Company) -> None:
    _session, key = invitations.open_session(
        company=company,
        purpose=str(Purpose.ONBOARD),
        channel=str(CustomerSession.Channel.SELF_SERVICE),
        device_class=device_class(request),
        now=timezone.now(),
    )
    remember_key(response, request, key)


@session_required(*OWNER)
@limit_posts(company_of)
@require_http_methods(["GET", "HEAD", "POST"])
def choose(request: Any) -> HttpResponse:
    """All software on offer, grouped; each tile is a form, so choosing works without script."""
    if request.method == "POST":
        return _chosen(request)
    query = " ".join(request.GET.get("q", "").split())[:100]
    offers = connecting.offers(company=request.company)
    categories = categories_of_tiles(request.company, offers, query)
    found = sum(len(category.tiles) for category in categories)
    context = {
        "company": request.company,
        "categories": categories,
        "connected_text": connected_text(offers),
        "query": query,
        "found": found,
        "count_text": ngettext("%(n)d found for “%(q)s”", "%(n)d found for “%(q)s”", found)
        % {"n": found, "q": query},
        "step_text": steps.step_text("choose"),
    }
    return render_page(request, "journey/choose.html", context)


def _chosen(request: Any) -> HttpResponse:
    company = request.company
    try:
        platform = connecting.platform_on_offer(key=request.POST.get("platform", "")[:16])
    except NotOnOffer:
        messages.warning(request, _("That software is not on offer now. Choose from this page."))
        return HttpResponseSeeOther(steps.address("choose", company))
    version = current_wording(platform).version
    return HttpResponseSeeOther(steps.page_for_platform(company, platform, version=version))


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
        return HttpResponseSeeOther(request.path)
    asks = form.is_bound or query or "again" in request.GET
    context = {
        "company": company,
        "form": form,
        "told": None if asks else company.history.not_listed(),
        "email": masked_address(company),
        "back_url": steps.address("choose", company),
    }
    return render_page(
        request, "journey/not_listed.html", context, status=422 if form.errors else 200
    )
