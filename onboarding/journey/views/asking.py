"""Who needs help: the form that is mailed to the firm, and the guide."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from onboarding.journey import steps
from onboarding.journey.cards import masked_address
from onboarding.journey.decorators import OWNER, company_of, read_keys, session_required
from onboarding.journey.forms import MessageForm, VisitorsMessageForm
from onboarding.journey.redirects import HttpResponseSeeOther
from onboarding.journey.views.starting import typed_address
from onboarding.linking import tasks
from onboarding.linking.context_processors import current_firm
from onboarding.linking.limits import limit_posts
from onboarding.linking.services import invitations
from onboarding.linking.services import messages as customer_messages
from onboarding.ui.htmx import render_page


@session_required(*OWNER)
@limit_posts(company_of)
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: Any) -> HttpResponse:
    """From a customer: the reference is added, and the answer goes to the address on file."""
    company = request.company
    form = MessageForm(request.POST or None, initial={"key": uuid.uuid4()})
    if _is_sent(request, form, session=request.customer_session):
        text = _("We have your message. Your reference is %(reference)s. We answer by e-mail.")
        messages.success(request, text % {"reference": company.reference})
        return HttpResponseSeeOther(steps.next_page(company))
    context = {
        "company": company,
        "form": form,
        "email": masked_address(company),
        "back_url": steps.next_page(company),
    }
    return render_page(request, "journey/write.html", context, status=422 if form.errors else 200)


@login_not_required
@limit_posts(typed_address)
@require_http_methods(["GET", "HEAD", "POST"])
def write_as_visitor(request: HttpRequest) -> HttpResponse:
    """From anybody else: they say where to answer."""
    form = VisitorsMessageForm(request.POST or None, initial={"key": uuid.uuid4()})
    if _is_sent(request, form):
        messages.success(request, _("We have your message. We answer by e-mail."))
        return HttpResponseSeeOther(reverse("journey:start"))
    context = {"form": form, "back_url": reverse("journey:start")}
    return render_page(request, "journey/write.html", context, status=422 if form.errors else 200)


def _is_sent(request: HttpRequest, form: MessageForm, **known: Any) -> bool:
    if not current_firm().support_email:
        raise Http404
    if request.method != "POST" or not form.is_valid():
        return False
    customer_messages.write(**form.cleaned_data, **known, now=timezone.now())
    tasks.nudge_email()
    return True


@login_not_required
@require_safe
def how_it_works(request: HttpRequest) -> HttpResponse:
    """How connecting works, step by step, for whoever wants to read it before they begin."""
    session = invitations.newest_session(keys=read_keys(request), now=timezone.now())
    owner = session is not None and session.purpose in OWNER
    carry_on_url = steps.next_page(session.company) if owner and session else ""
    context = {
        "carry_on_url": carry_on_url,
        "back_url": carry_on_url or reverse("journey:start"),
    }
    return render_page(request, "journey/how_it_works.html", context)
