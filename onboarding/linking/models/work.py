"""Rows that are work, and the one way to claim them.

A message to Celery only makes work happen sooner; the row is what cannot be lost.
Correctness rests on the count of a conditional UPDATE, so it holds on every database.
"""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import (
    Case,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    Value,
    When,
)
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from . import labels


def moment(offset: timedelta):
    """Now by the database's clock, plus an offset; workers' clocks do not have to agree."""
    return ExpressionWrapper(Now() + Value(offset), output_field=models.DateTimeField())


class WorkQuerySet(models.QuerySet):
    def due(self):
        return self.filter(parked_reason="", claim_token__isnull=True, due_at__lte=Now())

    def claim(self, pk, *, lease: timedelta, **also) -> uuid.UUID | None:
        """Take one row that is free and due. None means that somebody else has it."""
        token = uuid.uuid4()
        claimed = {"claim_token": token, "due_at": moment(lease), "attempts": F("attempts") + 1}
        taken = self.due().filter(pk=pk).update(**claimed, **also)
        return token if taken == 1 else None

    def held(self, pk, token):
        return self.filter(pk=pk, claim_token=token)

    def expired(self):
        return self.filter(claim_token__isnull=False, due_at__lte=Now())

    def release(self) -> int:
        """Free parked rows at the wish of staff; they are due at once. Returns how many."""
        return self.exclude(parked_reason="").update(parked_reason="", attempts=0, due_at=Now())


class Work(models.Model):
    due_at = models.DateTimeField(
        _("due"),
        null=True,
        help_text=_("Empty: nothing to do, or set aside. While claimed: the lease's end."),
    )
    claim_token = models.UUIDField(null=True, editable=False)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    parked_reason = models.CharField(_("set aside because"), max_length=200, blank=True)

    class Meta:
        abstract = True


def _after_the_last(debounce: timedelta):
    """One debounce after the last look; now, if there was none, or it is longer ago."""
    next_one = ExpressionWrapper(
        F("looked_at") + Value(debounce), output_field=models.DateTimeField()
    )
    return Case(
        When(looked_at__gt=moment(-debounce), then=next_one),
        default=Now(),
        output_field=models.DateTimeField(),
    )


class LaneQuerySet(WorkQuerySet):
    def free_cut(self, *, max_attempts: int) -> int:
        """Free what a dead worker held; set aside what failed too often. Returns how many.

        The look that it may have taken is owed: a write that comes first must not swallow it.
        """
        cut = self.expired()
        cut.filter(attempts__gte=max_attempts).update(
            claim_token=None,
            parked_reason=str(_("Stopped in the middle %(count)d times") % {"count": max_attempts}),
        )
        return cut.update(claim_token=None, hinted=True)

    def hint(self, *, debounce: timedelta, connections: bool = True, urgent: bool = True) -> int:
        """Ask for a look: at once, or one debounce after the last. Never pushes a look back.

        `connections=False` says that only the progress of reads may have changed: a cheaper look.
        `urgent=False` may wait a little longer where a look is running already.

        One statement. Updated twice in a transaction, the row would have its foreign key checked
        at COMMIT, and wait there for a company that somebody locked who waits for this lane.
        """
        also = {"hinted_connections": True} if connections else {}
        if urgent:
            also["hinted_urgently"] = True
        soon = _after_the_last(debounce) if debounce else Now()
        sooner = Q(due_at__isnull=True) | Q(due_at__gt=soon)
        due_at = Case(When(Q(claim_token__isnull=True) & sooner, then=soon), default=F("due_at"))
        return self.update(hinted=True, **also, due_at=due_at)

    def claim_for_look(self, pk, *, lease: timedelta) -> uuid.UUID | None:
        """Claim and take the hint with it. A plain `claim` leaves it: the look is still due."""
        return self.claim(
            pk,
            lease=lease,
            # Kept until a look has seen them: the one before may have been cut or refused.
            look_at_connections=Case(
                When(hinted_connections=True, then=Value(True)), default=F("look_at_connections")
            ),
            hinted=False,
            hinted_urgently=False,
            hinted_connections=False,
        )

    def wake(self) -> int:
        """Make free lanes due now, for a write that was just planned; no look is asked for."""
        return self.filter(claim_token__isnull=True).update(due_at=Now())

    def wake_by(self, at) -> int:
        """Have free lanes looked at no later than `at`; a claimed one works that out at its end."""
        return self.filter(
            Q(due_at__isnull=True) | Q(due_at__gt=at), claim_token__isnull=True
        ).update(due_at=at)

    def prove(self, company_id: int, token: uuid.UUID) -> bool:
        """Whether the claim still holds; inside a transaction it then holds until its end."""
        return self.filter(company_id=company_id, claim_token=token).update(claim_token=token) == 1

    def finish(
        self,
        company_id: int,
        token: uuid.UUID,
        *,
        due_at,
        urgent: timedelta,
        other: timedelta | None,
        still_owed: bool = False,
    ) -> bool:
        """Give the lane back. A hint that came meanwhile brings the next look forward.

        `due_at` is the next moment with something to do, None for none. An urgent hint is looked
        after within `urgent`, any other within `other`; None says that this look answered it.
        `still_owed` says that the look could not be taken: its hint goes to the next holder.
        """
        next_due = Value(due_at, output_field=models.DateTimeField(null=True))
        soon = [When(hinted_urgently=True, then=moment(urgent))]
        if other is not None:
            later = moment(other)
            soon += [
                When(Q(hinted=True) & Q(_next_due__lt=later), then=next_due),
                When(hinted=True, then=later),
            ]
        given_back = {"claim_token": None, "attempts": 0, "looked_at": Now()}
        if still_owed:
            given_back["hinted"] = True
        mine = self.filter(company_id=company_id, claim_token=token).annotate(_next_due=next_due)
        return mine.update(due_at=Case(*soon, default=next_due), **given_back) == 1

    def visible_to(self, user):
        from .company import Company  # noqa: PLC0415 - models of one app know each other

        return self.filter(company__in=Company.objects.visible_to(user))


class Lane(Work):
    """The one place in which a company's writes and looks happen, one holder at a time.

    Its own table, so that saving a Company can never overwrite a claim.
    """

    company = models.OneToOneField(
        "linking.Company", models.CASCADE, related_name="lane", verbose_name=_("company")
    )
    hinted = models.BooleanField(_("told to look"), default=False)
    hinted_urgently = models.BooleanField(_("told urgently"), default=False)
    hinted_connections = models.BooleanField(
        _("told of connections"),
        default=False,
        help_text=_("A hint said that a connection itself may have changed."),
    )
    look_at_connections = models.BooleanField(
        _("look at connections"),
        default=False,
        help_text=_("The hint that the present holder took with the claim."),
    )
    looked_at = models.DateTimeField(_("looked at"), null=True)

    objects = LaneQuerySet.as_manager()

    class Meta:
        verbose_name = _("lane")
        verbose_name_plural = _("lanes")
        indexes = [
            models.Index(
                fields=["due_at"],
                name="linking_lane_due",
                condition=Q(parked_reason="", due_at__isnull=False),
            )
        ]

    def __str__(self):
        return str(self.company)


class CodatWriteQuerySet(models.QuerySet):
    def open(self):
        return self.filter(done_at__isnull=True)

    def due(self, now):
        return self.open().in_turn().filter(due_at__lte=now)

    def in_turn(self):
        """Without renames that come after an open one: the newest name must arrive last."""
        renames = CodatWrite.objects.open().filter(kind=CodatWrite.Kind.UPDATE_COMPANY)
        older = renames.filter(company=OuterRef("company"), pk__lt=OuterRef("pk"))
        return self.exclude(Exists(older), kind=CodatWrite.Kind.UPDATE_COMPANY)

    def visible_to(self, user):
        from .company import Company  # noqa: PLC0415 - models of one app know each other

        return self.filter(company__in=Company.objects.visible_to(user))


class CodatWrite(models.Model):
    """One thing we ask of Codat, committed with its exact body before the first byte leaves."""

    class Kind(models.TextChoices):
        CREATE_COMPANY = "create_company", _("Create the company")
        UPDATE_COMPANY = "update_company", _("Rename the company")
        CREATE_CONNECTION = "create_connection", _("Create a connection")
        UNLINK_CONNECTION = "unlink_connection", _("Unlink a connection")
        DELETE_CONNECTION = "delete_connection", _("Delete a connection")
        DELETE_WITH_DATA = "delete_with_data", _("Delete a connection and what was read")
        REFRESH_ALL = "refresh_all", _("Read everything")
        REFRESH_DATA_TYPE = "refresh_data_type", _("Read one data type")

    class Outcome(models.TextChoices):
        DONE = "done", _("Done")
        ADOPTED = "adopted", _("Found done already")
        REFUSED = "refused", _("Refused by Codat")
        DROPPED = "dropped", _("No longer wanted")

    company = models.ForeignKey(
        "linking.Company", models.CASCADE, related_name="writes", verbose_name=_("company")
    )
    kind = models.CharField(_("kind"), max_length=24, choices=Kind)
    target = models.CharField(_("target"), max_length=160, blank=True)
    body = models.JSONField(_("body sent"), default=dict)
    created_at = models.DateTimeField(_("made"), auto_now_add=True)
    idempotency_key = models.UUIDField(_("idempotency key"), default=uuid.uuid4)
    key_made_at = models.DateTimeField(_("key made"))
    due_at = models.DateTimeField(_("due"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    doubtful = models.BooleanField(
        _("doubtful"),
        default=False,
        help_text=_("It was sent, and whether it happened is not known."),
    )
    server_error_seen = models.BooleanField(
        _("server error seen"),
        default=False,
        help_text=_("The present key was already answered with a server error."),
    )
    lookups = models.PositiveSmallIntegerField(
        _("look-ups"),
        default=0,
        help_text=_("How often it was looked up, since repeating the key cannot help."),
    )
    result_id = models.CharField(_("id of what was made"), max_length=64, blank=True)
    done_at = models.DateTimeField(_("done"), null=True)
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)

    objects = CodatWriteQuerySet.as_manager()

    class Meta:
        verbose_name = _("write to Codat")
        verbose_name_plural = _("writes to Codat")
        constraints = [
            models.UniqueConstraint(
                fields=["company", "kind", "target"],
                condition=Q(done_at__isnull=True),
                name="linking_write_one_open",
            )
        ]
        indexes = [
            models.Index(
                fields=["due_at"], name="linking_write_due", condition=Q(done_at__isnull=True)
            )
        ]

    def __str__(self):
        return f"{self.kind} #{self.pk}"


class OutgoingEmailQuerySet(WorkQuerySet):
    def due(self):
        return super().due().filter(sent_at__isnull=True, cancelled_at__isnull=True)

    def park_cut(self) -> int:
        """A sending that was cut may have reached the mail server: never repeat it by ourselves."""
        companies = set(self.expired().values_list("company_id", flat=True))
        parked = self.expired().update(
            claim_token=None, due_at=None, parked_reason=str(self.MAY_HAVE_BEEN_SENT)
        )
        self.wake_lanes(companies)
        return parked

    def release(self) -> int:
        companies = set(self.exclude(parked_reason="").values_list("company_id", flat=True))
        released = super().release()
        self.wake_lanes(companies)
        return released

    def wake_lanes(self, companies) -> None:
        """A mail that was set aside, or is no longer, is a fact of its company: let it be told."""
        if companies:
            Lane.objects.filter(company_id__in=companies).wake_by(Now())

    MAY_HAVE_BEEN_SENT = _("May have been sent: the worker stopped while sending")

    def visible_to(self, user):
        from .company import Company  # noqa: PLC0415 - models of one app know each other

        return self.filter(company__in=Company.objects.visible_to(user))


class OutgoingEmail(Work):
    """A mail to be sent at most once. Holds ids only; it is rendered when it is sent."""

    MESSAGE = "message"
    """The kind that goes to the firm: what somebody wrote in “Write to us”."""
    DIGEST = "digest"
    """The kind that goes to a member of staff: what happened to their customers in a day."""

    dedupe_key = models.CharField(_("sent once as"), max_length=200, unique=True)
    company = models.ForeignKey(
        "linking.Company",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="emails",
        verbose_name=_("company"),
    )
    contact = models.ForeignKey(
        "linking.Contact",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="emails",
        verbose_name=_("contact"),
    )
    message = models.ForeignKey(
        "linking.CustomerMessage",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="emails",
        verbose_name=_("message"),
    )
    """What is mailed to the firm itself; a visitor's has neither company nor contact."""
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("user"),
    )
    """Who gets it, of the firm's own people: a digest is about no single company."""
    invitation = models.ForeignKey(
        "linking.Invitation",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="emails",
        verbose_name=_("mailed link"),
    )
    connection = models.ForeignKey(
        "linking.Connection",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="emails",
        verbose_name=_("connection"),
    )
    kind = models.CharField(_("kind"), max_length=32, choices=labels.mails)
    language = models.CharField(_("language"), max_length=12, blank=True)
    bulk_id = models.UUIDField(_("sent together as"), null=True, blank=True)
    expires_at = models.DateTimeField(_("ends"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True)
    provider_id = models.CharField(_("id at the mail provider"), max_length=200, blank=True)
    delivery = models.CharField(_("delivery"), max_length=24, blank=True)

    objects = OutgoingEmailQuerySet.as_manager()

    class Meta:
        verbose_name = _("e-mail")
        verbose_name_plural = _("e-mails")
        indexes = [
            models.Index(
                fields=["due_at"],
                name="linking_email_due",
                condition=Q(parked_reason="", sent_at__isnull=True, due_at__isnull=False),
            )
        ]

    def __str__(self):
        return f"{self.kind} #{self.pk}"
