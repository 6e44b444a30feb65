import hashlib
from functools import lru_cache

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from onboarding.ui.brand_colours import brand_stylesheet, is_colour

COLOUR = RegexValidator(r"^#[0-9a-fA-F]{6}$", _("Write the colour like #0b5a8f."))
THE_ONE = 1


@lru_cache(maxsize=8)
def _sheet(light: str, dark: str) -> tuple[str, str]:
    """The stylesheet and its hash; a few milliseconds, so computed once per process."""
    css = brand_stylesheet(light, dark or None)
    return css, hashlib.sha256(css.encode()).hexdigest()[:16]


class Branding(models.Model):
    """The firm's name, look and contacts. One row; without it the settings' defaults serve."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=THE_ONE, editable=False)
    name = models.CharField(_("name of the firm"), max_length=80)
    support_email = models.EmailField(
        _("support e-mail"), blank=True, help_text=_("On every page and in every mail.")
    )
    support_phone = models.CharField(_("support phone"), max_length=40, blank=True)
    privacy_url = models.URLField(_("privacy policy"), blank=True)
    terms_url = models.URLField(_("terms"), blank=True)
    home_url = models.URLField(_("the firm's own site"), blank=True)
    colour = models.CharField(_("colour"), max_length=7, blank=True, validators=[COLOUR])
    colour_dark = models.CharField(
        _("colour in the dark theme"), max_length=7, blank=True, validators=[COLOUR]
    )
    logo = models.BinaryField(null=True, editable=False)
    logo_hash = models.CharField(_("logo's checksum"), max_length=64, blank=True, editable=False)
    logo_width = models.PositiveSmallIntegerField(_("logo's width"), default=0, editable=False)
    logo_height = models.PositiveSmallIntegerField(_("logo's height"), default=0, editable=False)
    favicon = models.BinaryField(null=True, editable=False)
    favicon_hash = models.CharField(_("icon's checksum"), max_length=64, blank=True, editable=False)
    favicon_is_own = models.BooleanField(_("icon of its own"), default=False, editable=False)
    """False: made from the logo, and made anew with each new logo."""
    secured_by_codat = models.BooleanField(
        _("show “Secured by Codat”"),
        default=False,
        help_text=_("The only place where customers would read Codat's name."),
    )

    class Meta:
        verbose_name = _("branding")
        verbose_name_plural = _("branding")
        constraints = [
            models.CheckConstraint(condition=models.Q(id=THE_ONE), name="linking_branding_one_row")
        ]

    def __str__(self):
        return self.name

    @property
    def stylesheet(self) -> str:
        """The computed CSS; empty while no colour is set."""
        return self._computed[0]

    @property
    def stylesheet_hash(self) -> str:
        return self._computed[1]

    @property
    def _computed(self) -> tuple[str, str]:
        if not is_colour(self.colour):
            return "", ""
        return _sheet(self.colour, self.colour_dark if is_colour(self.colour_dark) else "")


class SiteText(models.Model):
    """One text that staff changed, in one language; `site_texts.EDITABLE` lists what may be."""

    key = models.CharField(_("text"), max_length=40)
    language = models.CharField(_("language"), max_length=12)
    text = models.TextField(_("words"))

    class Meta:
        ordering = ["key", "language"]
        verbose_name = _("text of the pages")
        verbose_name_plural = _("texts of the pages")
        constraints = [
            models.UniqueConstraint(
                fields=["key", "language"],
                name="linking_site_text_key_language",
                violation_error_message=_("This text has its own words in this language already."),
            )
        ]

    def __str__(self):
        return f"{self.key} ({self.language})"
