"""Work rows, what we ask of Codat, and the two logs."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from onboarding.linking.models import (
    CodatWrite,
    Company,
    CustomerMessage,
    HistoryEntry,
    Lane,
    OutgoingEmail,
    SentFile,
    WebhookEvent,
    labels,
)

from .bases import (
    SEARCH_COMPANY,
    HistoryAdmin,
    MirrorAdmin,
    WordedFilter,
    WorkAdmin,
    YesOrNoFilter,
    look_again,
)


@admin.register(Lane)
class LaneAdmin(WorkAdmin):
    list_display = ("company", "due_at", "hinted", "attempts", "looked_at", "parked_reason")
    list_select_related = ("company",)
    search_fields = SEARCH_COMPANY
    actions = ("look_again", "release")

    @admin.action(description=_("Look again"), permissions=["operate"])
    def look_again(self, request: HttpRequest, lanes: QuerySet) -> None:
        look_again(request, Company.objects.filter(lane__in=lanes))


class MailFilter(WordedFilter):
    @staticmethod
    def words(code: str) -> Any:
        return labels.MAILS.get(code, code)


@admin.register(OutgoingEmail)
class OutgoingEmailAdmin(WorkAdmin):
    list_display = ("company", "kind", "due_at", "parked_reason", "sent_at", "cancelled_at")
    list_filter = (("kind", MailFilter), *WorkAdmin.list_filter)
    list_select_related = ("company",)
    search_fields = ("dedupe_key", "contact__email", *SEARCH_COMPANY)

    @admin.action(description=_("Release what was set aside"), permissions=["operate"])
    def release(self, request: HttpRequest, rows: QuerySet) -> Any:
        """Asks first: a mail that may have been sent would reach its reader twice."""
        if "confirmed" in request.POST:
            return super().release(request, rows)
        parked = rows.exclude(parked_reason="").select_related("company")
        context = {
            **self.admin_site.each_context(request),
            "title": _("Send these mails again?") if parked else _("No mail to send again"),
            "opts": self.opts,
            "rows": parked,
            "selected": request.POST.getlist("_selected_action"),
        }
        return TemplateResponse(request, "admin/linking/confirm_release.html", context)


@admin.register(CodatWrite)
class CodatWriteAdmin(MirrorAdmin):
    list_display = ("company", "kind", "due_at", "attempts", "done_at", "outcome", "reason")
    list_filter = ("kind", "outcome", "doubtful")
    list_select_related = ("company",)
    search_fields = ("target", "result_id", *SEARCH_COMPANY)


def _subject(code: str) -> str:
    """“Renamed; before: …”: what an act is called where it is of nobody in particular."""
    return str(_SUBJECTS.get(code) or labels.act(code, "…" if code in labels.ACTS else ""))


_SUBJECTS = {"stage": _("Stage"), "connection": _("Connection")}


def _value(entry: HistoryEntry, value: str) -> str:
    """Our own stages in words; what is Codat's stays as Codat says it."""
    return str(_STAGES.get(value, value)) if entry.subject == "stage" else value


_STAGES = dict(labels.stages())


class SubjectFilter(WordedFilter):
    words = staticmethod(_subject)


@admin.register(HistoryEntry)
class HistoryEntryAdmin(HistoryAdmin):
    list_display = ("at", "company", "what", "was", "became", "source", "actor")
    list_filter = ("kind", "source", ("subject", SubjectFilter))
    list_select_related = ("company", "connection")
    search_fields = ("subject", "actor", *SEARCH_COMPANY)

    @admin.display(description=_("subject"), ordering="subject")
    def what(self, entry: HistoryEntry) -> str:
        if entry.kind != HistoryEntry.Kind.STATUS:
            return labels.act(entry.subject, entry.text)
        name = entry.connection.platform_name if entry.connection else ""
        return name or _subject(entry.subject)

    @admin.display(description=_("before"))
    def was(self, entry: HistoryEntry) -> str:
        return _value(entry, entry.before)

    @admin.display(description=_("after"))
    def became(self, entry: HistoryEntry) -> str:
        return _value(entry, entry.after)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        ours = {"subject": "what", "before": "was", "after": "became"}
        return [ours.get(name, name) for name in super().get_fields(request, obj)]


@admin.register(CustomerMessage)
class CustomerMessageAdmin(HistoryAdmin):
    list_display = ("at", "company", "email", "text")
    list_select_related = ("company",)
    search_fields = ("email", "text", *SEARCH_COMPANY)


@admin.register(SentFile)
class SentFileAdmin(HistoryAdmin):
    """What there is; the bytes are downloaded at the desk, where it is written down who did."""

    list_display = ("sent_at", "company", "name", "kind", "how_big", "seen_at", "removed_at")
    list_filter = ("kind", ("removed_at", YesOrNoFilter))
    list_select_related = ("company",)
    search_fields = ("name", "sha256", *SEARCH_COMPANY)

    @admin.display(description=_("size"), ordering="size")
    def how_big(self, file: SentFile) -> str:
        return filesizeformat(file.size)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return ["how_big" if name == "size" else name for name in super().get_fields(request, obj)]


@admin.register(WebhookEvent)
class WebhookEventAdmin(HistoryAdmin):
    """Events name a company by Codat's id only; those of unknown companies are for seniors."""

    list_display = ("received_at", "type", "company_codat_id", "connection_codat_id")
    list_filter = ("type",)
    search_fields = ("webhook_id", "event_id", "company_codat_id", "connection_codat_id")

    def visible_rows(self, rows: QuerySet, companies: QuerySet) -> QuerySet:
        known = companies.filter(codat_id__isnull=False).values("codat_id")
        return rows.filter(company_codat_id__in=known)
