import uuid
from functools import partial

from django.core.files.storage import storages
from django.db import models, transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _

from .company import Company, Contact
from .connection import OfCompanyQuerySet


class SentFileQuerySet(OfCompanyQuerySet):
    def kept(self):
        return self.filter(removed_at__isnull=True)

    def waiting(self):
        """Kept, and no member of staff has said to have looked at it."""
        return self.kept().filter(seen_at__isnull=True)


class SentFile(models.Model):
    """A file that a customer sent instead of connecting software.

    Its bytes are in the storage `files`, as they came, under a name of ours; no address serves
    them but the desk's download. The row outlives them, so that the history stays readable.
    """

    class Kind(models.TextChoices):
        PDF = "pdf", "PDF"
        EXCEL = "excel", "Excel"
        WORD = "word", "Word"
        POWERPOINT = "powerpoint", "PowerPoint"
        CSV = "csv", "CSV"
        JPG = "jpg", "JPG"
        PNG = "png", "PNG"

    public_id = models.UUIDField(_("public id"), default=uuid.uuid4, unique=True, editable=False)
    company = models.ForeignKey(
        Company, models.CASCADE, related_name="files", verbose_name=_("company")
    )
    contact = models.ForeignKey(
        Contact, models.SET_NULL, null=True, related_name="+", verbose_name=_("contact")
    )
    name = models.CharField(
        _("name"), max_length=120, help_text=_("As the customer calls it; for display only.")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    size = models.PositiveIntegerField(_("size"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    path = models.CharField(max_length=100, blank=True, help_text=_("Empty: the bytes are gone."))
    sent_at = models.DateTimeField(_("sent"))
    seen_at = models.DateTimeField(_("looked at"), null=True)
    removed_at = models.DateTimeField(_("removed"), null=True)

    objects = SentFileQuerySet.as_manager()

    class Meta:
        ordering = ["-sent_at", "-pk"]
        verbose_name = _("file from a customer")
        verbose_name_plural = _("files from customers")

    def __str__(self):
        return self.name


@receiver(post_delete, sender=SentFile)
def delete_bytes(instance, **kwargs):
    """A row that goes, by whatever cascade, takes its bytes with it."""
    if instance.path:
        transaction.on_commit(partial(storages["files"].delete, instance.path))
