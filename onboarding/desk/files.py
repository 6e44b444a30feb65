"""What a customer sent instead of connecting: downloaded here and nowhere else, never shown."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.storage import storages
from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from onboarding.linking import permissions
from onboarding.linking.services import files

from .decorators import desk_page
from .forms import FilesSeenForm
from .views import to_company, visible_company


@require_safe
@desk_page
def file(request: HttpRequest, public_id: Any, file_id: UUID) -> HttpResponseBase:
    """To be saved, as bytes without a meaning: no browser may open it as a page of ours."""
    company = visible_company(request, public_id)
    found = get_object_or_404(company.files.kept(), public_id=file_id)
    try:
        content = storages["files"].open(found.path)
    except FileNotFoundError as missing:
        raise Http404 from missing
    if request.method == "GET":
        files.note_download(file=found, by=request.user, now=timezone.now())
    response = FileResponse(
        content,
        as_attachment=True,
        filename=found.name,
        content_type="application/octet-stream",
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
@desk_page
def files_seen(request: HttpRequest, public_id: Any) -> HttpResponseBase:
    """“I have looked at them”: of those that the page showed, not of what has come since."""
    company = visible_company(request, public_id, may=permissions.CHANGE)
    form = FilesSeenForm(request.POST)
    if form.is_valid():
        newest, now = form.cleaned_data["newest"], timezone.now()
        files.look_at(company=company, newest=newest, by=request.user, now=now)
        messages.success(request, _("Marked as looked at."))
    return to_company(company)
