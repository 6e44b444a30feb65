from django.db import models
from django.utils.translation import gettext_lazy as _

from . import labels
from .company import Company, Contact
from .connection import OfCompanyQuerySet
from .platform import Category


class ConsentText(models.Model):
    """The five sections a customer agrees to; a new wording is a new version, never an edit.

    The same version in another language is its translation: one permission holds for both.
    """

    category = models.ForeignKey(
        Category,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="consent_texts",
        verbose_name=_("category"),
    )
    language = models.CharField(_("language"), max_length=12, default="en")
    version = models.PositiveIntegerField(_("version"), default=1)
    purpose = models.TextField(_("why we ask"))
    access = models.TextField(_("what we can do"))
    account_information = models.TextField(_("about your business"))
    platform_data = models.TextField(_("what we read"))
    retention = models.TextField(_("how long we keep it"))

    class Meta:
        ordering = ["-pk"]  # the newest; a translation has the number of what it translates
        verbose_name = _("permission text")
        verbose_name_plural = _("permission texts")
        constraints = [
            models.UniqueConstraint(
                fields=["category", "language", "version"],
                name="linking_consent_text_version",
                nulls_distinct=False,
            )
        ]

    def __str__(self):
        words = _("%(language)s, version %(version)d")
        return words % {
            "language": labels.language_name(self.language),
            "version": self.version,
        }


class Consent(models.Model):
    """One permission, with the text exactly as it was shown."""

    company = models.ForeignKey(
        Company, models.CASCADE, related_name="consents", verbose_name=_("company")
    )
    contact = models.ForeignKey(
        Contact, models.SET_NULL, null=True, related_name="consents", verbose_name=_("contact")
    )
    platform_key = models.CharField(_("platform key"), max_length=16)
    version = models.PositiveIntegerField(_("version"))
    text = models.TextField(_("text"))
    data_types = models.JSONField(_("data types"), default=list)
    at = models.DateTimeField(_("at"))
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True)

    objects = OfCompanyQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("permission")
        verbose_name_plural = _("permissions given")

    def __str__(self):
        return f"permission {self.pk}"
