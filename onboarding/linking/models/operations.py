from django.db import models
from django.utils.translation import gettext_lazy as _

from . import labels
from .work import CodatWrite


class CodatInstance(models.Model):
    """Whose account at Codat we talk to: remembered at first contact, one row.

    A wrong API key answers 404 for every company; it must never pass for everybody being deleted.
    """

    client_id = models.CharField(_("client id"), max_length=64)
    seen_at = models.DateTimeField(_("seen"))
    read_every = models.JSONField(
        _("read again after so many hours"),
        default=dict,
        blank=True,
        help_text=_("By data type, as Codat's settings for all companies say."),
    )

    class Meta:
        verbose_name = _("account at Codat")
        verbose_name_plural = _("account at Codat")

    def __str__(self):
        return self.client_id


class CallCount(models.Model):
    """How many calls of one operation of Codat's were made in one hour, by all processes."""

    hour = models.DateTimeField(_("hour"))
    operation = models.CharField(_("operation"), max_length=64)
    count = models.PositiveIntegerField(_("calls"), default=0)

    class Meta:
        ordering = ["-hour", "operation"]
        verbose_name = _("count of calls to Codat")
        verbose_name_plural = _("counts of calls to Codat")
        constraints = [
            models.UniqueConstraint(fields=["hour", "operation"], name="linking_call_count_once")
        ]

    def __str__(self):
        return f"{self.operation} {self.hour:%Y-%m-%d %H}h: {self.count}"


class Pause(models.Model):
    """The row exists: that part is paused. In the database, so it survives Redis."""

    CODAT, MAIL, REMOVALS, WEBHOOKS = "codat", "mail", "removals", "webhooks"

    scope = models.CharField(_("what is paused"), max_length=40, unique=True)
    reason = models.CharField(_("why"), max_length=200)
    since = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("pause")
        verbose_name_plural = _("pauses")

    def __str__(self):
        return str(self.words)

    @property
    def words(self):
        """What is paused: a whole side of the engine, or one kind of write."""
        kinds = dict(CodatWrite.Kind.choices)
        return labels.PAUSES.get(self.scope) or kinds.get(self.scope, self.scope)
