from django.db import models
from django.utils.translation import gettext_lazy as _


class PlatformQuerySet(models.QuerySet):
    def on_offer(self):
        """What a customer may choose: enabled at Codat, still listed there, and shown by us."""
        return self.filter(enabled=True, shown=True, gone_at__isnull=True).order_by("order", "name")


class Platform(models.Model):
    """One piece of software customers can connect; mirrors an Integration of `GET /integrations`.

    The catalogue service writes Codat's columns only, and never deletes: what disappears there
    gets `gone_at`, since connections made with it live on.
    """

    class DeviceClass(models.TextChoices):
        ANY = "any", _("any device")
        LARGE = "large", _("better on a large screen")
        DESKTOP = "desktop", _("only on the computer that has the software")

    key = models.CharField(_("platform key"), max_length=16, unique=True)
    integration_id = models.CharField(max_length=64, blank=True)
    source_type = models.CharField(_("source type"), max_length=32, blank=True)
    name = models.CharField(_("name"), max_length=120)
    enabled = models.BooleanField(_("enabled at Codat"), default=False)
    is_offline = models.BooleanField(_("desktop software"), default=False)
    is_beta = models.BooleanField(default=False)
    features = models.JSONField(
        default=dict, blank=True, help_text=_("Data type → what Codat can do with it.")
    )
    logo_url = models.URLField(max_length=500, blank=True)
    logo = models.BinaryField(null=True, editable=False)
    logo_hash = models.CharField(max_length=64, blank=True)
    seen_at = models.DateTimeField(null=True)
    gone_at = models.DateTimeField(null=True)

    shown = models.BooleanField(_("offered to customers"), default=True)
    order = models.PositiveSmallIntegerField(_("order"), default=100)
    note = models.CharField(_("note for customers"), max_length=200, blank=True)
    device_class = models.CharField(
        _("device"), max_length=8, choices=DeviceClass, default=DeviceClass.ANY
    )
    idle_days = models.PositiveSmallIntegerField(_("days until an idle link lapses"), null=True)

    objects = PlatformQuerySet.as_manager()

    class Meta:
        ordering = ["order", "name"]
        verbose_name = _("platform")
        verbose_name_plural = _("platforms")

    def __str__(self):
        return self.name

    @property
    def data_types(self) -> list[str]:
        """The data types Codat can read from it, from the integration's features."""
        return [data_type for data_type, kinds in self.features.items() if "Get" in kinds]


class Category(models.Model):
    """A kind of software in customers' words, and whether this deployment needs it."""

    slug = models.SlugField(max_length=32, unique=True)
    name = models.CharField(_("name"), max_length=80)
    source_types = models.JSONField(_("Codat's source types"), default=list)
    required = models.BooleanField(_("required"), default=False)
    allows_many = models.BooleanField(_("several connections allowed"), default=False)
    offered = models.BooleanField(_("offered"), default=True)
    order = models.PositiveSmallIntegerField(_("order"), default=100)
    wording = models.CharField(_("sentence for customers"), max_length=200, blank=True)

    class Meta:
        ordering = ["order", "name"]
        verbose_name = _("category")
        verbose_name_plural = _("categories")

    def __str__(self):
        return self.name
