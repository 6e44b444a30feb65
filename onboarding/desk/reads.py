"""Having Codat read anew, at the wish of staff."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from onboarding.linking import permissions
from onboarding.linking.services import refreshing
from onboarding.linking.services.errors import NotAllowed
from onboarding.linking.tasks import nudge_turn

from .acts import back
from .decorators import desk_page
from .views import visible_company


@require_POST
@desk_page
def refresh(request: HttpRequest, public_id: Any, connection_id: Any) -> HttpResponse:
    """Everything, or the one data type that was chosen; a second press queues nothing."""
    company = visible_company(request, public_id, may=permissions.INVITE)
    connection = get_object_or_404(company.connections.present(), public_id=connection_id)
    wanted, now = request.POST.get("data_type", ""), timezone.now()
    try:
        is_new = refreshing.refresh(
            connection=connection, by=request.user, now=now, data_type=wanted
        )
    except NotAllowed:
        messages.error(request, _("Not asked: nothing can be read through this connection now."))
        return back(request, company)
    if is_new:
        nudge_turn(company)
        messages.success(request, _("Codat is asked to read it again. That takes some minutes."))
    else:
        messages.info(request, _("Asked already. You can ask again after ten minutes."))
    return back(request, company)
