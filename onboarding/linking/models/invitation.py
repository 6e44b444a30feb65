import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .company import Company, Contact
from .connection import Connection, OfCompanyQuerySet
from .platform import Category


class Purpose(models.TextChoices):
    ONBOARD = "onboard", _("Onboarding")
    RELINK = "relink", _("Reconnect")
    DELEGATE = "delegate", _("Hand over")
    SIGN_IN = "sign_in", _("Sign in")


class InvitationQuerySet(OfCompanyQuerySet):
    def finish(self, *, purpose, now, connection=None):
        """End the live ones whose purpose is done; their company is locked."""
        live = self.filter(purpose=purpose, ended_at__isnull=True)
        if connection is not None:
            live = live.filter(connection=connection)
        live.update(ended_at=now, ended_why=Invitation.EndedWhy.FINISHED)

    def about(self, platform_key, *, is_start):
        """Those that lead to one software: to begin with it alone, or with the steps for it."""
        found = self.filter(platform_key=platform_key)
        started = models.Q(emails__kind=Invitation.START)
        return found.filter(started) if is_start else found.exclude(started)


class Invitation(models.Model):
    """A mailed link. The token is made when the mail is rendered and stored nowhere."""

    START = "start"
    """The kind of mail in which a customer who began alone gets it."""

    class EndedWhy(models.TextChoices):
        FINISHED = "finished", _("Finished")
        REPLACED = "replaced", _("Replaced")
        REVOKED = "revoked", _("Taken back")
        DECLINED = "declined", _("Not for them")

    SHUT = (EndedWhy.REVOKED, EndedWhy.DECLINED)
    """Ended on purpose: its sessions end with it, and no new link is mailed in its place."""

    public_id = models.UUIDField(_("public id"), default=uuid.uuid4, unique=True, editable=False)
    company = models.ForeignKey(
        Company, models.CASCADE, related_name="invitations", verbose_name=_("company")
    )
    connection = models.ForeignKey(
        Connection,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="invitations",
        verbose_name=_("connection"),
    )
    platform_key = models.CharField(_("platform key"), max_length=16, blank=True)
    category = models.ForeignKey(
        Category, models.SET_NULL, null=True, blank=True, verbose_name=_("category")
    )
    recipient = models.ForeignKey(
        Contact, models.CASCADE, related_name="invitations", verbose_name=_("recipient")
    )
    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose)
    language = models.CharField(_("language"), max_length=12, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("sent by"),
    )
    asked_by = models.ForeignKey(
        Contact,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("asked by"),
    )
    return_url = models.URLField(_("return address"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("made"), auto_now_add=True)
    expires_at = models.DateTimeField(_("ends"))
    opened_at = models.DateTimeField(_("opened"), null=True)
    ended_at = models.DateTimeField(_("ended"), null=True)
    ended_why = models.CharField(_("ended because"), max_length=10, choices=EndedWhy, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("ended by"),
    )

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("mailed link")
        verbose_name_plural = _("mailed links")

    def __str__(self):
        return f"{self.purpose} #{self.pk}"

    @property
    def proves_a_start(self) -> bool:
        """Whether the customer, and nobody of the firm, asked for it: they began alone."""
        own = self.company.origin == Company.Origin.SELF_SERVICE and self.sent_by_id is None
        if not own or self.purpose != Purpose.ONBOARD:
            return False
        return not self.platform_key or self.emails.filter(kind=self.START).exists()


class CustomerSession(models.Model):
    """A customer's browser, let in for one company. Only a hash of its key is kept."""

    class Channel(models.TextChoices):
        SELF_SERVICE = "self_service", _("Self-service")
        LINK = "link", _("Mailed link")

    public_id = models.UUIDField(_("public id"), default=uuid.uuid4, unique=True, editable=False)
    company = models.ForeignKey(
        Company, models.CASCADE, related_name="sessions", verbose_name=_("company")
    )
    invitation = models.ForeignKey(
        Invitation,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="sessions",
        verbose_name=_("mailed link"),
    )
    key_hash = models.CharField(max_length=64, unique=True, editable=False)
    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose)
    channel = models.CharField(_("channel"), max_length=16, choices=Channel)
    device_class = models.CharField(_("device"), max_length=8, blank=True)
    platform_key = models.CharField(_("platform key"), max_length=16, blank=True)
    created_at = models.DateTimeField(_("made"))
    used_at = models.DateTimeField(_("last used"))
    ended_at = models.DateTimeField(_("ended"), null=True)

    objects = OfCompanyQuerySet.as_manager()

    class Meta:
        verbose_name = _("customer's session")
        verbose_name_plural = _("customers' sessions")

    def __str__(self):
        return f"session {self.pk}"


class Way(models.TextChoices):
    """How a connection came to be linked, as far as our own hops can tell."""

    HERE = "here", _("came back to the browser that left")
    HELPER = "helper", _("by the person who was asked to help")
    ELSEWHERE = "elsewhere", _("without coming back to us")


def way_of_linking(hops, *, linked_at, ends=()) -> Way:
    """How the linking that began at `linked_at` came about.

    `hops` are the connection's LinkAttempts with their sessions, `ends` the moments at which it was
    seen to be linked no more. A hop still out after the last return may be in anybody's hands.
    """
    before = [end for end in ends if linked_at is None or end < linked_at]
    after = [end for end in ends if linked_at is not None and end >= linked_at]
    hops = [
        hop
        for hop in hops
        if (not before or hop.sent_at > max(before)) and (not after or hop.sent_at < min(after))
    ]
    back = [hop for hop in hops if hop.returned_at]
    if not back:
        return Way.ELSEWHERE
    last = max(back, key=lambda hop: hop.returned_at)
    if any(hop.sent_at > last.returned_at for hop in hops):
        return Way.ELSEWHERE
    return Way.HELPER if last.session.purpose == Purpose.DELEGATE else Way.HERE


def way_linked(connection) -> Way:
    """How the present or last linking of one connection came about."""
    return way_of_linking(
        connection.attempts.select_related("session"),
        linked_at=connection.linked_last_at,
        ends=connection.company.history.ends().get(connection.pk, ()),
    )


class LinkAttempt(models.Model):
    """One hop to the software's sign-in. Only a hash of its `state` is kept."""

    session = models.ForeignKey(
        CustomerSession, models.CASCADE, related_name="attempts", verbose_name=_("session")
    )
    connection = models.ForeignKey(
        Connection, models.CASCADE, related_name="attempts", verbose_name=_("connection")
    )
    state_hash = models.CharField(max_length=64, unique=True, editable=False)
    sent_at = models.DateTimeField(_("sent"))
    returned_at = models.DateTimeField(_("returned"), null=True)
    same_browser = models.BooleanField(_("same browser"), default=False)
    return_hint = models.CharField(
        _("return says"),
        max_length=3,
        blank=True,
        help_text=_("The redirect's status code: for wording only."),
    )
    was_linked = models.BooleanField(
        _("was linked"),
        default=False,
        help_text=_("Reading wanted a new sign-in, while Codat called it linked."),
    )

    class Meta:
        ordering = ["-sent_at", "-pk"]
        verbose_name = _("link attempt")
        verbose_name_plural = _("link attempts")

    def __str__(self):
        return f"attempt {self.pk}"
