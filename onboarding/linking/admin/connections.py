"""Mirrors of what Codat says about connections and their data."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from onboarding.linking.models import (
    Company,
    CompanyIdentity,
    Connection,
    DataStatus,
    PullOperation,
)

from .bases import SEARCH_COMPANY, MirrorAdmin, look_again, search_through


@admin.register(Connection)
class ConnectionAdmin(MirrorAdmin):
    list_display = (
        "company",
        "platform_name",
        "status",
        "stage",
        "linked_first_at",
        "last_read_at",
    )
    list_filter = ("status", "stage", "source_type", "platform_name")
    list_select_related = ("company",)
    search_fields = ("public_id", "codat_id", *SEARCH_COMPANY)
    actions = ("look_again",)

    @admin.action(description=_("Look again"), permissions=["operate"])
    def look_again(self, request: HttpRequest, connections: QuerySet) -> None:
        look_again(request, Company.objects.filter(connections__in=connections).distinct())


@admin.register(DataStatus)
class DataStatusAdmin(MirrorAdmin):
    list_display = ("company", "data_type", "status", "last_successful_sync")
    list_filter = ("status",)
    list_select_related = ("company",)
    search_fields = ("data_type", *SEARCH_COMPANY)


class OfConnection(MirrorAdmin):
    company_path = "connection__company"
    list_select_related = ("connection__company",)

    @admin.display(description=_("company"))
    def company(self, row: Any) -> Company:
        return row.connection.company


@admin.register(PullOperation)
class PullOperationAdmin(OfConnection):
    list_display = ("company", "connection", "data_type", "status", "requested", "completed")
    list_filter = ("status",)
    search_fields = ("codat_id", "data_type", *search_through("connection"))


@admin.register(CompanyIdentity)
class CompanyIdentityAdmin(OfConnection):
    list_display = ("company", "connection", "name", "read_at", "confirmed_at", "rejected_at")
    search_fields = ("public_id", "name", "legal_name", *search_through("connection"))
