"""What staff change about a customer. Each act has its own page; one that harms asks there."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from onboarding.linking import permissions, stages
from onboarding.linking.models import Company, Connection
from onboarding.linking.services import connecting, contacts, looking, onboarding
from onboarding.linking.tasks import nudge_turn

from .decorators import desk_page, require_permission
from .forms import AddressForm, DeleteForm, NoteForm, OwnerForm, RenameForm
from .views import see_other, to_company, visible_company
from .wording import Text

with_page = require_http_methods(["GET", "HEAD", "POST"])


@dataclass(frozen=True)
class Page:
    """The words around a form that changes one thing."""

    heading: Text
    intro: Text
    button: Text


_NAME = Page(
    gettext_lazy("Rename this customer"),
    gettext_lazy("Mails and pages show the new name at once. What is connected is not affected."),
    gettext_lazy("Save name"),
)
_ADDRESS = Page(
    gettext_lazy("Change who gets our mails"),
    gettext_lazy(
        "Links that went to the old address stop working at once, and pages opened with them close."
        " Send a new link afterwards."
    ),
    gettext_lazy("Save contact"),
)
_OWNER = Page(
    gettext_lazy("Change the account manager"),
    gettext_lazy("The customer moves to the worklist of whom you choose, and is not told."),
    gettext_lazy("Save account manager"),
)
_NOTE = Page(
    gettext_lazy("Add a note"),
    gettext_lazy("It stands in the history for all staff who see this customer. It stays there."),
    gettext_lazy("Add note"),
)


def _sent(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _draw(request: HttpRequest, company: Company, form: forms.Form, page: Page) -> HttpResponse:
    context = {"section": "customers", "company": company, "form": form, "words": page}
    return render(request, "desk/change.html", context, status=422 if form.is_bound else 200)


@with_page
@desk_page
def rename(request: HttpRequest, public_id: Any) -> HttpResponse:
    company = visible_company(request, public_id, may=permissions.CHANGE)
    form = RenameForm(_sent(request), initial={"true_name": company.true_name})
    if not (form.is_bound and form.is_valid()):
        return _draw(request, company, form, _NAME)
    name = form.cleaned_data["true_name"]
    if name != company.true_name:
        onboarding.rename(company=company, true_name=name, by=request.user, now=timezone.now())
        nudge_turn(company)
    messages.success(request, _("Renamed. The connection is not affected."))
    return to_company(company)


@with_page
@desk_page
def address(request: HttpRequest, public_id: Any) -> HttpResponse:
    company = visible_company(request, public_id, may=permissions.CHANGE)
    contact = company.contacts.filter(is_primary=True).first()
    known = {"name": contact.name, "email": contact.email} if contact else {}
    form = AddressForm(_sent(request), initial=known)
    if not (form.is_bound and form.is_valid()):
        return _draw(request, company, form, _ADDRESS)
    given, now = form.cleaned_data, timezone.now()
    if contacts.change_address(company=company, by=request.user, now=now, **given):
        messages.success(request, _("Address changed. Links sent before no longer work."))
    else:
        messages.info(request, _("The address is the same as before: links sent still work."))
    return to_company(company)


@with_page
@desk_page
def reassign(request: HttpRequest, public_id: Any) -> HttpResponse:
    company = visible_company(request, public_id, may=permissions.REASSIGN)
    form = OwnerForm(_sent(request), initial={"owner": company.owner_id})
    if not (form.is_bound and form.is_valid()):
        return _draw(request, company, form, _OWNER)
    owner = form.cleaned_data["owner"]
    onboarding.reassign(company=company, owner=owner, by=request.user, now=timezone.now())
    messages.success(request, _("The account manager is changed."))
    if not Company.objects.visible_to(request.user).filter(pk=company.pk).exists():
        return see_other(reverse("desk:companies"))
    return to_company(company)


@with_page
@desk_page
def note(request: HttpRequest, public_id: Any) -> HttpResponse:
    company = visible_company(request, public_id, may=permissions.INVITE)
    form = NoteForm(_sent(request))
    if not (form.is_bound and form.is_valid()):
        return _draw(request, company, form, _NOTE)
    text = form.cleaned_data["text"]
    onboarding.add_note(company=company, text=text, by=request.user, now=timezone.now())
    messages.success(request, _("The note is in the history."))
    return to_company(company)


@with_page
@desk_page
def close(request: HttpRequest, public_id: Any) -> HttpResponse:
    company = visible_company(request, public_id, may=permissions.CLOSE)
    if request.method != "POST":
        linked = company.connections.present().filter(status=stages.LINKED)
        context = {"section": "customers", "company": company, "linked": linked}
        context["asked_at"] = company.history.deletion_asked_at()
        return render(request, "desk/close.html", context)
    onboarding.close(company=company, by=request.user, now=timezone.now())
    messages.success(request, _("Closed. No links work, and nothing is sent."))
    return to_company(company)


@require_POST
@desk_page
def reopen(request: HttpRequest, public_id: Any) -> HttpResponse:
    """Harms nothing: it can be closed again, and what follows is worked out by a look."""
    company = visible_company(request, public_id, may=permissions.CLOSE)
    onboarding.reopen(company=company, by=request.user, now=timezone.now())
    looking.hint_now(company=company)
    nudge_turn(company)
    messages.success(request, _("Opened again. We are looking how it stands at Codat."))
    return to_company(company)


def _connection(request: HttpRequest, public_id: Any, connection_id: Any) -> Connection:
    company = visible_company(request, public_id)
    connections = company.connections.select_related("company")
    return get_object_or_404(connections, public_id=connection_id)


@with_page
@desk_page
def unlink(request: HttpRequest, public_id: Any, connection_id: Any) -> HttpResponse:
    connection = _connection(request, public_id, connection_id)
    company = connection.company
    require_permission(request.user, permissions.UNLINK)
    if connection.deleted_at or connection.status != stages.LINKED:
        messages.info(request, _("It is not linked, so there is nothing to unlink."))
        return to_company(company)
    if request.method != "POST":
        context = {"section": "customers", "company": company, "connection": connection}
        return render(request, "desk/unlink.html", context)
    connecting.unlink(connection=connection, by=request.user, now=timezone.now())
    nudge_turn(company)
    messages.success(request, _("Codat is asked to unlink it. Reload in a few seconds."))
    return to_company(company)


@with_page
@desk_page
def delete(request: HttpRequest, public_id: Any, connection_id: Any) -> HttpResponse:
    connection = _connection(request, public_id, connection_id)
    company = connection.company
    require_permission(request.user, permissions.DELETE)
    if connection.deleted_at:
        messages.info(request, _("It is deleted already."))
        return to_company(company)
    form = DeleteForm(_sent(request), name=company.true_name)
    if not (form.is_bound and form.is_valid()):
        context = {"section": "customers", "company": company, "form": form}
        context["connection"] = connection
        return render(request, "desk/delete.html", context, status=422 if form.is_bound else 200)
    connecting.delete(connection=connection, by=request.user, now=timezone.now())
    nudge_turn(company)
    messages.success(request, _("Codat is asked to delete it. Reload in a few seconds."))
    return to_company(company)
