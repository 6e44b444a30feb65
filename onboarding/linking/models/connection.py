"""Mirrors of what Codat says about connections. `services.recording` alone writes them."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from onboarding.linking import stages

from . import labels
from .company import Company, sees_all


class OfCompanyQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self if sees_all(user) else self.filter(company__in=Company.objects.visible_to(user))


class ConnectionQuerySet(OfCompanyQuerySet):
    def present(self):
        return self.filter(deleted_at__isnull=True)


class Connection(models.Model):
    class Role(models.TextChoices):
        SOURCE = "source", _("Source of data")
        EXPENSE = "expense", _("Expenses")

    public_id = models.UUIDField(_("public id"), default=uuid.uuid4, unique=True, editable=False)
    company = models.ForeignKey(
        Company, models.CASCADE, related_name="connections", verbose_name=_("company")
    )
    codat_id = models.CharField(_("connection id at Codat"), max_length=64, unique=True)
    platform_key = models.CharField(_("platform key"), max_length=16, blank=True)
    integration_id = models.CharField(_("integration id"), max_length=64, blank=True)
    source_id = models.CharField(_("source id"), max_length=64, blank=True)
    source_type = models.CharField(_("source type"), max_length=32, blank=True)
    platform_name = models.CharField(_("software"), max_length=120, blank=True)
    status = models.CharField(_("status at Codat"), max_length=32)
    status_changed_at = models.DateTimeField(_("status changed"), null=True)
    stage = models.CharField(
        _("stage"),
        max_length=16,
        choices=labels.connection_stages,
        default=stages.ConnectionStage.AUTHORIZING.value,
    )
    errors = models.JSONField(_("errors"), default=list, blank=True)
    troubles = models.JSONField(
        _("what its connector complains of"),
        default=list,
        blank=True,
        help_text=_("Codat's name for each, and the connector's own words."),
    )
    seen_at = models.DateTimeField(_("first seen"), auto_now_add=True)
    linked_first_at = models.DateTimeField(_("first linked"), null=True)
    linked_last_at = models.DateTimeField(_("last linked"), null=True)
    last_read_at = models.DateTimeField(_("last read"), null=True)
    one_time = models.BooleanField(
        _("read once"),
        default=False,
        help_text=_("On: it is read once, then disconnected as planned."),
    )
    role = models.CharField(_("role"), max_length=8, choices=Role, default=Role.SOURCE)
    missing_since = models.DateTimeField(_("missing since"), null=True)
    deleted_at = models.DateTimeField(_("deleted at Codat"), null=True)

    objects = ConnectionQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("connection")
        verbose_name_plural = _("connections")
        permissions = [("unlink_connection", _("Can unlink a connection"))]

    def __str__(self):
        return f"{self.platform_name} ({self.status})"

    @property
    def identity(self):
        """The newest identity, if it was read after the present or last linking; else None."""
        newest = next(iter(self.identities.all()), None)
        is_present = newest and newest.read_after_link and newest.linked_at == self.linked_last_at
        return newest if is_present else None


class DataStatus(models.Model):
    """What `GET /companies/{id}/dataStatus` says of one data type of one company."""

    company = models.ForeignKey(
        Company, models.CASCADE, related_name="data_statuses", verbose_name=_("company")
    )
    data_type = models.CharField(_("data type"), max_length=64)
    status = models.CharField(_("status"), max_length=32, blank=True)
    last_successful_sync = models.DateTimeField(_("last read in full"), null=True)
    latest_sync_id = models.CharField(_("last read's id"), max_length=64, blank=True)
    latest_successful_sync_id = models.CharField(
        _("last full read's id"), max_length=64, blank=True
    )

    objects = OfCompanyQuerySet.as_manager()

    class Meta:
        verbose_name = _("data status")
        verbose_name_plural = _("data statuses")
        constraints = [
            models.UniqueConstraint(
                fields=["company", "data_type"], name="linking_data_status_once"
            )
        ]

    def __str__(self):
        return f"{self.data_type}: {self.status}"


class PullOperation(models.Model):
    """One read of one data type on one connection, as in `GET /companies/{id}/data/history`."""

    connection = models.ForeignKey(
        Connection, models.CASCADE, related_name="operations", verbose_name=_("connection")
    )
    codat_id = models.CharField(_("id at Codat"), max_length=64, unique=True)
    data_type = models.CharField(_("data type"), max_length=64)
    status = models.CharField(_("status"), max_length=32)
    requested = models.DateTimeField(_("asked"), null=True)
    completed = models.DateTimeField(_("completed"), null=True)
    error = models.CharField(_("error"), max_length=300, blank=True)
    description = models.CharField(_("description"), max_length=200, blank=True)
    seen_at = models.DateTimeField(_("seen"), auto_now_add=True)
    changed_at = models.DateTimeField(
        _("last change"), help_text=_("When we last saw its status change.")
    )

    class Meta:
        ordering = ["-requested", "-pk"]
        verbose_name = _("read")
        verbose_name_plural = _("reads")

    def __str__(self):
        return f"{self.data_type}: {self.status}"


class CompanyIdentity(models.Model):
    """Whose company was granted, as the software says it. Append only but for the answer."""

    class Compared(models.TextChoices):
        """What comparing its identifiers with those confirmed before has given."""

        SAME = "same", _("The same business")
        DIFFERENT = "different", _("Another business")
        UNKNOWN = "unknown", _("Not known")

    public_id = models.UUIDField(_("public id"), default=uuid.uuid4, unique=True, editable=False)
    connection = models.ForeignKey(
        Connection, models.CASCADE, related_name="identities", verbose_name=_("connection")
    )
    name = models.CharField(_("name"), max_length=300, blank=True)
    legal_name = models.CharField(_("legal name"), max_length=300, blank=True)
    platform_ref = models.CharField(_("id at the software"), max_length=200, blank=True)
    registration_number = models.CharField(_("registration number"), max_length=100, blank=True)
    registration_key = models.CharField(
        _("number as compared"),
        max_length=100,
        blank=True,
        help_text=_("The number as it is compared among customers."),
    )
    tax_number = models.CharField(_("tax number"), max_length=100, blank=True)
    town = models.CharField(_("town"), max_length=200, blank=True)
    web_address = models.CharField(_("web address"), max_length=300, blank=True)
    currency = models.CharField(_("currency"), max_length=8, blank=True)
    account_holder = models.CharField(
        _("account holder"),
        max_length=200,
        blank=True,
        help_text=_("As the customer says; the software does not."),
    )
    compared = models.CharField(_("compared as"), max_length=10, choices=Compared, blank=True)
    compared_with = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("compared with"),
    )
    linked_at = models.DateTimeField(
        _("linked"),
        null=True,
        help_text=_("The linking it was read after: the connection's, at that time."),
    )
    read_after_link = models.BooleanField(_("read after linking"), default=False)
    read_at = models.DateTimeField(_("read"))
    confirmed_at = models.DateTimeField(_("confirmed"), null=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("confirmed by"),
    )
    rejected_at = models.DateTimeField(_("rejected"), null=True)
    claimed_at = models.DateTimeField(
        _("claimed"),
        null=True,
        help_text=_("The customer says that it is the business of before after all."),
    )
    same_number_as = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("same number as"),
    )
    doubled_at = models.DateTimeField(
        _("double found"),
        null=True,
        help_text=_("When it was confirmed, another customer had the same number."),
    )
    separate_at = models.DateTimeField(
        _("found separate"),
        null=True,
        help_text=_("Staff say that both are customers of their own."),
    )

    class Meta:
        ordering = ["-read_at", "-pk"]
        verbose_name = _("identity")
        verbose_name_plural = _("identities")
        indexes = [
            models.Index(
                fields=["registration_key"],
                condition=~models.Q(registration_key=""),
                name="linking_identity_number",
            )
        ]

    def __str__(self):
        return f"identity {self.pk} of connection {self.connection_id}"

    @property
    def display_name(self):
        """`companyName`, else `companyLegalName`; empty when the software gives neither."""
        return self.name or self.legal_name

    @property
    def is_another(self):
        """By its identifiers it is not the business that was confirmed before."""
        return self.compared == self.Compared.DIFFERENT

    @property
    def is_doubled(self):
        """Another customer has the same number, and staff have not compared the two yet."""
        return self.doubled_at is not None and self.separate_at is None and not self.rejected_at

    @property
    def is_held(self):
        """The customer said yes, and staff compare it with another customer's first."""
        return self.is_doubled and self.confirmed_at is None
