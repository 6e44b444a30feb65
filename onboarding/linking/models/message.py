import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from .company import Company, Contact
from .connection import OfCompanyQuerySet


class CustomerMessage(models.Model):
    """What somebody wrote to the firm in the form “Write to us”; mailed to its support address.

    Without a company it came from a visitor, whose address is what they typed.
    """

    key = models.UUIDField(
        _("key"),
        default=uuid.uuid4,
        unique=True,
        editable=False,
        help_text=_("Of the form: sent once."),
    )
    company = models.ForeignKey(
        Company, models.CASCADE, null=True, related_name="messages", verbose_name=_("company")
    )
    contact = models.ForeignKey(
        Contact, models.SET_NULL, null=True, related_name="+", verbose_name=_("contact")
    )
    email = models.EmailField(_("e-mail address"))
    text = models.TextField(_("message"))
    at = models.DateTimeField(_("at"))

    objects = OfCompanyQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("message from a customer")
        verbose_name_plural = _("messages from customers")

    def __str__(self):
        return f"message {self.pk}"
