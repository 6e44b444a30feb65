"""“Send files”: the other way in, for whom the software cannot be connected."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from onboarding.journey import steps
from onboarding.journey.decorators import OWNER, company_of, session_required
from onboarding.journey.file_words import words_of_refusal
from onboarding.journey.forms import SendFilesForm
from onboarding.journey.redirects import HttpResponseSeeOther
from onboarding.journey.uploads import takes_files
from onboarding.linking.limits import limit_posts
from onboarding.linking.services import files
from onboarding.ui.htmx import render_page


def _where_offered(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def offered(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.SEND_FILES:
            raise Http404
        return view(request, *args, **kwargs)

    return offered


@session_required(*OWNER)
@_where_offered
@limit_posts(company_of)
@require_http_methods(["GET", "HEAD", "POST"])
@takes_files
def send_files(request: Any) -> HttpResponse:
    """Choose and send; what was accepted stays when something else was not."""
    company = request.company
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = SendFilesForm(*sent)
    if form.is_bound and form.is_valid():
        refused = files.send(
            session=request.customer_session,
            uploads=form.cleaned_data["files"],
            now=timezone.now(),
        )
        if not refused:
            return HttpResponseSeeOther(steps.address("files_sent", company))
        for each in refused:
            form.add_error("files", words_of_refusal(each))
    context = {
        "company": company,
        "form": form,
        "files": company.files.kept(),
        "back_url": steps.address("choose", company),
    }
    return render_page(
        request, "journey/send_files.html", context, status=422 if form.errors else 200
    )


@session_required(*OWNER)
@_where_offered
@require_safe
def files_sent(request: Any) -> HttpResponse:
    """What we have, and what happens next."""
    company = request.company
    kept = list(company.files.kept())
    if not kept:
        return HttpResponseSeeOther(steps.address("send_files", company))
    waiting = [each.sent_at for each in kept if each.seen_at is None]
    context = {
        "company": company,
        "files": kept,
        "n": len(kept),
        "uses_script": True,
        "looked_at_by": max(waiting) + timedelta(days=settings.FILES_ANSWER_DAYS)
        if waiting
        else None,
    }
    return render_page(request, "journey/files_sent.html", context)


@session_required(*OWNER)
@_where_offered
@limit_posts(company_of)
@require_POST
def remove_file(request: Any, file_id: UUID) -> HttpResponse:
    files.remove(session=request.customer_session, public_id=file_id, now=timezone.now())
    messages.success(request, _("Removed. We no longer have this file."))
    return HttpResponseSeeOther(steps.address("send_files", request.company))
