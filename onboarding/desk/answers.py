"""What a customer asked of the firm itself: to delete, or for another way than the software listed.

Each has a page that shows what was asked and takes the answer; with it the problem is done.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from onboarding.linking import permissions
from onboarding.linking.data_types import customer_words
from onboarding.linking.models import Company, Connection, HistoryEntry
from onboarding.linking.services import deletions, unlisted
from onboarding.linking.services.errors import NotAllowed
from onboarding.linking.tasks import nudge_email

from . import wording
from .decorators import desk_page
from .forms import DeletionAnswerForm, NotListedAnswerForm
from .views import see_other, to_company, visible_company


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def deletion(request: HttpRequest, public_id: Any) -> HttpResponse:
    company = visible_company(request, public_id, may=permissions.CHANGE)
    asked_at = company.history.deletion_asked_at()
    if asked_at is None:
        return _answered_already(request, company)
    held = deletions.held_at_codat(company=company)
    sent = request.POST if request.method == "POST" else None
    n = company.files.kept().count()
    form = DeletionAnswerForm(
        sent, still_held=bool(held), initial={"asked_at": asked_at.isoformat()}
    )
    if form.is_bound and form.is_valid():
        return _answer_deletion(request, company, form)
    context = {
        "section": "customers",
        "company": company,
        "form": form,
        "asked_at": asked_at,
        "due_at": asked_at + timedelta(days=settings.DELETION_ANSWER_DAYS),
        "now": timezone.now(),
        "covered": [_covered(each) for each in company.connections.all()],
        "held": held,
        "files": wording.files_sentence(n) if n else "",
        "is_told": company.primary_contact is not None and company.closed_at is None,
    }
    return render(request, "desk/deletion.html", context, status=422 if form.is_bound else 200)


def _covered(connection: Connection) -> dict[str, Any]:
    """What was read through one connection, and whether Codat still has it."""
    done = connection.operations.filter(status="Complete").values_list("data_type", flat=True)
    kinds = dict.fromkeys(customer_words(each) for each in done.order_by("data_type").distinct())
    return {
        "connection": connection,
        "status": wording.status_words(connection.status),
        "kinds": list(kinds),
    }


def _answer_deletion(
    request: HttpRequest, company: Company, form: DeletionAnswerForm
) -> HttpResponse:
    given = form.cleaned_data
    try:
        is_told = deletions.answer(
            company=company,
            by=request.user,
            now=timezone.now(),
            carried_out=given["answer"] == DeletionAnswerForm.CARRIED_OUT,
            text=given["text"],
            asked_at=given["asked_at"],
        )
    except NotAllowed:
        return _changed_meanwhile(request)
    if is_told:
        nudge_email()
        messages.success(request, _("Answered. The customer is told by e-mail."))
    else:
        messages.warning(request, _("Answered. No e-mail goes out: tell the customer yourself."))
    return to_company(company)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_page
def not_listed(request: HttpRequest, public_id: Any) -> HttpResponse:
    company = visible_company(request, public_id, may=permissions.CHANGE)
    told = company.history.not_listed()
    if told is None:
        return _answered_already(request, company)
    sent = request.POST if request.method == "POST" else None
    form = NotListedAnswerForm(sent, initial={"told": told})
    if form.is_bound and form.is_valid():
        return _answer_not_listed(request, company, form, timezone.now())
    n = company.files.kept().count()
    context = {
        "section": "customers",
        "company": company,
        "form": form,
        "told": told,
        "entry": company.history.filter(subject=HistoryEntry.NOT_LISTED).first(),
        "contact": company.primary_contact,
        "files": wording.files_sentence(n) if n else "",
    }
    return render(request, "desk/not_listed.html", context, status=422 if form.is_bound else 200)


def _answer_not_listed(
    request: HttpRequest, company: Company, form: NotListedAnswerForm, now: datetime
) -> HttpResponse:
    try:
        unlisted.answer(company=company, by=request.user, now=now, **form.cleaned_data)
    except NotAllowed:
        return _changed_meanwhile(request)
    messages.success(request, _("Marked as answered. No e-mail goes out about this."))
    return to_company(company)


def _answered_already(request: HttpRequest, company: Company) -> HttpResponse:
    messages.info(request, _("This is answered already, or nothing was asked."))
    return to_company(company)


def _changed_meanwhile(request: HttpRequest) -> HttpResponse:
    """Show what is asked now: an answer must never be taken for one to something unread."""
    messages.warning(request, _("This has changed since you opened it. Read it again."))
    return see_other(request.path)
