from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

COLOUR = RegexValidator(r"^#[0-9a-fA-F]{6}$", _("Write the colour like #0b5a8f."))


class Branding(models.Model):
    """The firm's name, look and contacts. One row; without it the settings' defaults serve."""

    name = models.CharField(_("name of the firm"), max_length=80)
    message = models.CharField(_("own message"), max_length=300, blank=True)
    support_email = models.EmailField(_("support e-mail"), blank=True)
    support_phone = models.CharField(_("support phone"), max_length=40, blank=True)
    privacy_url = models.URLField(_("privacy policy"), blank=True)
    terms_url = models.URLField(_("terms"), blank=True)
    home_url = models.URLField(_("the firm's own site"), blank=True)
    colour = models.CharField(_("colour"), max_length=7, blank=True, validators=[COLOUR])
    colour_dark = models.CharField(
        _("colour in the dark theme"), max_length=7, blank=True, validators=[COLOUR]
    )
    logo = models.BinaryField(null=True, editable=False)
    logo_hash = models.CharField(max_length=64, blank=True, editable=False)
    secured_by_codat = models.BooleanField(_("show “Secured by Codat”"), default=False)

    class Meta:
        verbose_name = _("branding")
        verbose_name_plural = _("branding")

    def __str__(self):
        return self.name
