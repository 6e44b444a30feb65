"""Customers: companies, contacts, mailed links, sessions, permissions given."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as __
from django.utils.translation import gettext_lazy as _

from onboarding.linking import permissions
from onboarding.linking.models import (
    Category,
    Company,
    Connection,
    Consent,
    Contact,
    CustomerSession,
    Invitation,
    LinkAttempt,
    Problem,
)
from onboarding.linking.models.labels import CONNECTION_STAGES, STAGES
from onboarding.linking.services import onboarding
from onboarding.linking.services.restaging import assess_company
from onboarding.linking.tasks import nudge_turn

from .bases import (
    SEARCH_COMPANY,
    HistoryAdmin,
    MirrorAdmin,
    OrNoneFilter,
    SavesWhatChanged,
    VisibleAdmin,
    YesOrNoFilter,
    look_again,
    release_lanes,
    search_through,
    without_ways_to_others,
)


class OwnerFilter(OrNoneFilter):
    none = _("Nobody")


class ReadOnlyInline(admin.TabularInline):
    template = "admin/linking/read_only_inline.html"
    extra = 0
    can_delete = False
    show_change_link = True

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ConnectionInline(ReadOnlyInline):
    model = Connection
    fields = ("platform_name", "status", "stage", "codat_id", "linked_first_at", "last_read_at")


class ProblemInline(ReadOnlyInline):
    model = Problem
    fields = ("reason", "connection", "since", "cleared_at")


class ContactInline(ReadOnlyInline):
    model = Contact
    fields = ("name", "email", "is_primary", "stopped_at")


@admin.register(Company)
class CompanyAdmin(VisibleAdmin):
    """Name and account manager are changed through the services; all else is worked out."""

    company_path = "pk"
    list_display = ("true_name", "stage", "link_status", "owner", "observed_at", "reference")
    list_filter = ("stage", "link_status", "origin", ("owner", OwnerFilter))
    list_select_related = ("owner",)
    search_fields = (
        *("public_id", "reference", "codat_id", "true_name", "contacts__email"),
        *("connections__codat_id", "connections__public_id"),
    )
    fieldsets = (
        (None, {"fields": ("true_name", "owner", "reference", "public_id")}),
        (_("Stage"), {"fields": ("stage", "why_this_stage", "link_status")}),
        (_("At Codat"), {"fields": ("codat_id", "name_at_codat", "observed_at", "gone_at")}),
        (_("Origin"), {"fields": ("origin", "created_by", "created_at", "language", "closed_at")}),
    )
    inlines = (ConnectionInline, ProblemInline, ContactInline)
    actions = ("look_again", "release")
    _editable = ("true_name", "owner")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        shown = [name for _name, options in self.fieldsets for name in options["fields"]]
        may_reassign = request.user.has_perm(permissions.REASSIGN)
        editable = self._editable if may_reassign else ("true_name",)
        return [name for name in shown if name not in editable]

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "owner":
            field.queryset = field.queryset.filter(is_staff=True, is_active=True)
            without_ways_to_others(field)
        return field

    @admin.display(description=_("why this stage"))
    def why_this_stage(self, company: Company) -> str:
        """What the stage follows from, worked out again at this moment."""
        assessment = assess_company(company, now=timezone.now())
        names = dict(Category.objects.values_list("slug", "name"))
        facts = ", ".join(
            f"{__(names.get(kind, kind))} – {CONNECTION_STAGES.get(stage, __('nothing yet'))}"
            for kind, stage in assessment.categories.items()
        )
        text = __("%(facts)s. What is required decides: %(stage)s.")
        text %= {"facts": facts, "stage": STAGES[assessment.stage]}
        if assessment.changes_at:
            moment = date_format(timezone.localtime(assessment.changes_at), "DATETIME_FORMAT")
            later = __("It can change by time alone at %(moment)s.")
            text = f"{text} {later % {'moment': moment}}"
        return text

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # customers are added at the desk, where their contact is asked for

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Company, form: Any, change: bool) -> None:
        company, now = Company.objects.get(pk=obj.pk), timezone.now()
        if "true_name" in form.changed_data:
            onboarding.rename(company=company, true_name=obj.true_name, by=request.user, now=now)
            nudge_turn(company)
        if "owner" in form.changed_data:
            onboarding.reassign(company=company, owner=obj.owner, by=request.user, now=now)

    @admin.action(description=_("Look again"), permissions=["operate"])
    def look_again(self, request: HttpRequest, companies: QuerySet) -> None:
        look_again(request, companies)

    @admin.action(description=_("Release what was set aside"), permissions=["operate"])
    def release(self, request: HttpRequest, companies: QuerySet) -> None:
        release_lanes(request, companies)


@admin.register(Contact)
class ContactAdmin(SavesWhatChanged, VisibleAdmin):
    list_display = ("__str__", "email", "company", "is_primary", "stopped_at")
    list_select_related = ("company",)
    search_fields = ("email", "name", "company__public_id", "company__reference")
    fields = ("company", "name", "email", "language", "time_zone", "is_primary", "stopped_at")
    readonly_fields = ("company", "is_primary")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Contact, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if form.changed_data:
            onboarding.add_act(
                obj.company,
                "contact_changed",
                by=request.user,
                now=timezone.now(),
                text=", ".join(form.changed_data),
            )


@admin.register(Invitation)
class InvitationAdmin(HistoryAdmin):
    list_display = ("company", "purpose", "created_at", "opened_at", "expires_at", "ended_why")
    list_filter = ("purpose", "ended_why")
    list_select_related = ("company",)
    search_fields = ("public_id", "recipient__email", *SEARCH_COMPANY)


@admin.register(CustomerSession)
class CustomerSessionAdmin(HistoryAdmin):
    list_display = ("company", "purpose", "channel", "created_at", "used_at", "ended_at")
    list_filter = ("purpose", "channel")
    list_select_related = ("company",)
    search_fields = SEARCH_COMPANY


@admin.register(LinkAttempt)
class LinkAttemptAdmin(HistoryAdmin):
    company_path = "session__company"
    list_display = ("company", "connection", "sent_at", "returned_at", "return_hint")
    list_select_related = ("session__company", "connection")
    search_fields = ("connection__codat_id", *search_through("session"))

    @admin.display(description=_("company"))
    def company(self, attempt: LinkAttempt) -> Company:
        return attempt.session.company


@admin.register(Consent)
class ConsentAdmin(HistoryAdmin):
    list_display = ("company", "platform_key", "version", "at", "withdrawn_at")
    list_select_related = ("company",)
    search_fields = ("platform_key", *SEARCH_COMPANY)


@admin.register(Problem)
class ProblemAdmin(MirrorAdmin):
    list_display = ("company", "reason", "connection", "since", "cleared_at")
    list_filter = ("reason", ("cleared_at", YesOrNoFilter))
    list_select_related = ("company", "connection")
    search_fields = SEARCH_COMPANY
