from django.db import models
from django.utils.translation import gettext_lazy as _


class Pause(models.Model):
    """The row exists: that part is paused. In the database, so it survives Redis."""

    CODAT, MAIL, REMOVALS = "codat", "mail", "removals"

    scope = models.CharField(_("what is paused"), max_length=40, unique=True)
    reason = models.CharField(_("why"), max_length=200)
    since = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("pause")
        verbose_name_plural = _("pauses")

    def __str__(self):
        return self.scope
