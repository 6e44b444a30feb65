"""Leaving for now: what was answered is saved, and a mailed link leads back to it."""

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from onboarding.journey import steps
from onboarding.journey.cards import masked_address
from onboarding.journey.decorators import OWNER, company_of, session_required
from onboarding.journey.views.mailed import link_sent_page
from onboarding.linking.limits import limit_posts
from onboarding.linking.services import invitations
from onboarding.ui.htmx import render_page


@session_required(*OWNER)
@limit_posts(company_of)
@require_http_methods(["GET", "HEAD", "POST"])
def pause(request: Any) -> HttpResponse:
    """“Leave for now?”: the button mails a link to carry on, on any device."""
    company, opened_with = request.company, request.customer_session.invitation
    if request.method == "POST":
        now = timezone.now()
        sent = invitations.invite(
            company=company,
            purpose=str(invitations.purpose_to_carry_on(company)),
            recipient=opened_with.recipient if opened_with else None,
            mail="carry_on",
            now=now,
        )
        return link_sent_page(request, sent, now)
    context = {
        "company": company,
        "email": masked_address(company),
        "stay_url": steps.next_page(company),
    }
    return render_page(request, "journey/pause.html", context)
