from datetime import timedelta
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from onboarding.linking import stages


def is_time_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(_("Use a time zone such as Europe/London."))


class PlatformQuerySet(models.QuerySet):
    def on_offer(self):
        """What a customer may choose: enabled at Codat, still listed there, and shown by us."""
        return self.filter(enabled=True, shown=True, gone_at__isnull=True).popular_first()

    def popular_first(self):
        """As the list shows it: in staff's order, and among equals what many have connected."""
        return self.order_by("order", "-connected", "name")

    def without_pictures(self):
        """All but the pictures' bytes, which a page or a mail only links to."""
        return self.defer("logo", "button", "button_hover")


class Platform(models.Model):
    """One piece of software customers can connect; mirrors an Integration of `GET /integrations`.

    The catalogue service writes Codat's columns only, and never deletes: what disappears there
    gets `gone_at`, since connections made with it live on.
    """

    class DeviceClass(models.TextChoices):
        ANY = "any", _("Any device")
        LARGE = "large", _("Better on a large screen")
        DESKTOP = "desktop", _("Only on the computer that has the software")

    class SetUpBy(models.TextChoices):
        UNKNOWN = "", _("Not known")
        LICENCE_KEY = "key", _("Licence key: the company id at Codat")
        PASSWORD = "password", _("Password, shown during setup")

    key = models.CharField(_("platform key"), max_length=16, unique=True)
    integration_id = models.CharField(_("integration id"), max_length=64, blank=True)
    source_type = models.CharField(_("source type"), max_length=32, blank=True)
    name = models.CharField(_("name"), max_length=120)
    enabled = models.BooleanField(_("enabled at Codat"), default=False)
    is_offline = models.BooleanField(_("desktop software"), default=False)
    is_beta = models.BooleanField(_("beta"), default=False)
    features = models.JSONField(
        _("features"),
        default=dict,
        blank=True,
        help_text=_("Data type → what Codat can do with it."),
    )
    logo_url = models.URLField(_("logo's address"), max_length=500, blank=True)
    logo = models.BinaryField(null=True, editable=False)
    logo_hash = models.CharField(_("logo's checksum"), max_length=64, blank=True)
    button = models.BinaryField(null=True, editable=False)
    button_hash = models.CharField(max_length=64, blank=True, editable=False)
    button_hover = models.BinaryField(null=True, editable=False)
    button_hover_hash = models.CharField(max_length=64, blank=True, editable=False)
    button_asked_at = models.DateTimeField(null=True, editable=False)
    seen_at = models.DateTimeField(_("seen"), null=True)
    gone_at = models.DateTimeField(_("gone from Codat"), null=True)

    shown = models.BooleanField(
        _("offered to customers"),
        default=True,
        help_text=_(
            "Only what is enabled at Codat too can be chosen. Who has it connected keeps it."
        ),
    )
    order = models.PositiveSmallIntegerField(
        _("order"), default=100, help_text=_("The smallest number stands first.")
    )
    connected = models.PositiveIntegerField(
        _("customers connected"),
        default=0,
        editable=False,
        help_text=_("Counted with the catalogue: among equals the popular ones come first."),
    )
    note = models.CharField(
        _("note for customers"),
        max_length=200,
        blank=True,
        help_text=_("Stands below the name where software is chosen."),
    )
    device_class = models.CharField(
        _("device"),
        max_length=8,
        choices=DeviceClass,
        default=DeviceClass.ANY,
        help_text=_("On a phone, customers are told before they choose, and can mail the steps."),
    )
    set_up_by = models.CharField(
        _("desktop software is set up by"), max_length=8, choices=SetUpBy, blank=True
    )
    read_from = models.TimeField(
        _("reading begins at"), null=True, help_text=_("Empty: it can be read at any time.")
    )
    read_until = models.TimeField(_("reading ends at"), null=True)
    read_at_weekends = models.BooleanField(_("read all day at weekends"), default=True)
    read_zone = models.CharField(
        _("time zone of these hours"),
        max_length=64,
        blank=True,
        validators=[is_time_zone],
        help_text=_("Where most of your customers are, such as America/New_York. Empty: UTC."),
    )
    one_time = models.BooleanField(
        _("read once"),
        default=False,
        help_text=_("Disconnects itself after the first reading, as set up at Codat."),
    )
    idle_days = models.PositiveSmallIntegerField(
        _("days without a read until we act"),
        null=True,
        help_text=_("Then it is read anew, or flagged for renewal. Empty: as the settings say."),
    )

    objects = PlatformQuerySet.as_manager()

    class Meta:
        ordering = ["order", "name"]
        verbose_name = _("platform")
        verbose_name_plural = _("platforms")

    def __str__(self):
        return self.name

    @property
    def idle_after(self) -> timedelta:
        """Without a successful read for so long, its permission may soon end."""
        return timedelta(days=self.idle_days or settings.IDLE_DAYS)

    @property
    def needs_computer(self) -> bool:
        """It is set up on the computer that has it, and not on a sign-in page."""
        return self.is_offline or self.device_class == self.DeviceClass.DESKTOP

    @property
    def read_window(self) -> stages.ReadWindow | None:
        """The hours in which it can be read, None for always."""
        if self.read_from is None or self.read_until is None:
            return None
        return stages.ReadWindow(
            opens=self.read_from,
            closes=self.read_until,
            weekends=self.read_at_weekends,
            zone=ZoneInfo(self.read_zone or "UTC"),
        )

    @property
    def is_on_offer(self) -> bool:
        """The same for one row that `on_offer` asks of all."""
        return self.enabled and self.shown and self.gone_at is None

    @property
    def data_types(self) -> list[str]:
        """The data types Codat can read from it, from the integration's features."""
        return [data_type for data_type, kinds in self.features.items() if "Get" in kinds]


class Category(models.Model):
    """A kind of software in customers' words, and whether this deployment needs it."""

    slug = models.SlugField(
        _("short name"), max_length=32, unique=True, help_text=_("For us alone, without spaces.")
    )
    name = models.CharField(
        _("name"), max_length=80, help_text=_("Customers choose their software below this heading.")
    )
    source_types = models.JSONField(_("Codat's source types"), default=list)
    required = models.BooleanField(
        _("required"), default=False, help_text=_("Nobody is done without one of these.")
    )
    allows_many = models.BooleanField(
        _("several connections allowed"),
        default=False,
        help_text=_("Off: a second one is refused, with the way to switch."),
    )
    offered = models.BooleanField(
        _("offered"), default=True, help_text=_("Off: nobody can choose it, and nobody needs it.")
    )
    needed_data_types = models.JSONField(
        _("needed before it counts as read"),
        default=list,
        blank=True,
        help_text=_("None: everything that Codat begins to read by itself."),
    )
    order = models.PositiveSmallIntegerField(
        _("order"), default=100, help_text=_("The smallest number stands first.")
    )
    wording = models.CharField(
        _("sentence for customers"),
        max_length=200,
        blank=True,
        help_text=_("Below the heading. Empty: whether it is needed."),
    )

    class Meta:
        ordering = ["order", "name"]
        verbose_name = _("category")
        verbose_name_plural = _("categories")

    def __str__(self):
        return self.name
