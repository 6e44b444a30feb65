from datetime import datetime

from django.db import connections, models
from django.utils.translation import gettext_lazy as _

from onboarding.linking import stages

from . import labels
from .company import Company
from .connection import Connection, OfCompanyQuerySet


class HistoryEntryQuerySet(OfCompanyQuerySet):
    """Where a fact hangs on what somebody did, it is read from here."""

    def deletion_asked_at(self):
        """When the customer asked to delete; None if they did not, or have their answer."""
        latest = self._latest_about_deletion()
        return latest.at if latest and latest.subject == HistoryEntry.DELETION_ASKED else None

    def deletion_answer(self):
        """The entry with the answer to the customer's latest request to delete; None without."""
        latest = self._latest_about_deletion()
        return latest if latest and latest.subject != HistoryEntry.DELETION_ASKED else None

    def _latest_about_deletion(self):
        about = [HistoryEntry.DELETION_ASKED, *HistoryEntry.DELETION_ANSWERS]
        return self.filter(subject__in=about).order_by("-at", "-pk").first()

    def not_listed(self):
        """What the customer last said to use that is not on offer; None once staff answered."""
        about = [HistoryEntry.NOT_LISTED, HistoryEntry.NOT_LISTED_ANSWERED]
        latest = self.filter(subject__in=about).order_by("-at", "-pk").first()
        return latest.text if latest and latest.subject == HistoryEntry.NOT_LISTED else None

    def other_records(self):
        """Codat's ids of second records of this company that nobody has seen to yet."""
        about = [HistoryEntry.DOUBLED_AT_CODAT, HistoryEntry.DOUBLED_SETTLED]
        found = set()
        for subject, text in (
            self.filter(subject__in=about).order_by("pk").values_list("subject", "text")
        ):
            found = found | {text} if subject == HistoryEntry.DOUBLED_AT_CODAT else set()
        return found

    def word_wanted(self):
        """When a customer last asked for a mail once it works again, by platform key."""
        acts = self.filter(subject=HistoryEntry.WORD_WANTED).order_by("at", "pk")
        return dict(acts.values_list("text", "at"))

    def ends(self):
        """When connections were seen to be linked no more: the moments, by connection."""
        seen = self.filter(kind=HistoryEntry.Kind.STATUS, subject="connection")
        found = {}
        for connection, at in seen.filter(before=stages.LINKED).values_list("connection_id", "at"):
            found.setdefault(connection, []).append(at)
        return found

    def name_later(self):
        """When a customer last went on without a name to confirm, by connection."""
        acts = self.filter(subject=HistoryEntry.NAME_LATER).order_by("at", "pk")
        return dict(acts.values_list("connection_id", "at"))

    def unlinked_by_customer(self):
        """When a customer last asked to disconnect, by connection."""
        acts = self.filter(subject=HistoryEntry.UNLINK_ASKED, source=HistoryEntry.Source.CUSTOMER)
        return dict(acts.order_by("at", "pk").values_list("connection_id", "at"))

    def switched(self):
        """When a customer last changed from a connection to other software, by connection."""
        acts = self.filter(subject=HistoryEntry.SWITCHED).order_by("at", "pk")
        return dict(acts.values_list("connection_id", "at"))


class HistoryEntry(models.Model):
    """What happened, when, seen through what, and by whom. Append only."""

    UNLINK_ASKED, SWITCHED = "unlink_asked", "switched"
    DELETION_ASKED = "deletion_asked"
    DELETION_CARRIED_OUT, DELETION_REFUSED = "deletion_carried_out", "deletion_refused"
    DELETION_ANSWERS = (DELETION_CARRIED_OUT, DELETION_REFUSED)
    ADDRESS_CHANGED = "address_changed"
    NAME_LATER = "name_later"
    RECOGNISED, OTHER_BUSINESS = "recognised", "other_business"
    DOUBLED = "doubled"
    WROTE = "wrote"
    DOUBLED_AT_CODAT, DOUBLED_SETTLED = "doubled_at_codat", "doubled_settled"
    WORD_WANTED = "works_again_asked"
    FILES_SENT, FILES_SEEN = "files_sent", "files_seen"
    FILE_REMOVED, FILE_DOWNLOADED = "file_removed", "file_downloaded"
    NOT_LISTED, NOT_LISTED_ANSWERED = "software_not_listed", "software_not_listed_answered"

    class Kind(models.TextChoices):
        STATUS = "status", _("Status")
        ACT = "act", _("Act")
        NOTE = "note", _("Note")

    class Source(models.TextChoices):
        WEBHOOK = "webhook", _("Webhook")
        READ = "read", _("Our look")
        CUSTOMER = "customer", _("Customer")
        STAFF = "staff", _("Staff")
        TIMER = "timer", _("Timer")

    company = models.ForeignKey(
        Company, models.CASCADE, null=True, related_name="history", verbose_name=_("company")
    )
    connection = models.ForeignKey(
        Connection, models.CASCADE, null=True, related_name="history", verbose_name=_("connection")
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    at = models.DateTimeField(_("at"), db_index=True)
    source = models.CharField(_("source"), max_length=10, choices=Source)
    actor = models.CharField(_("by"), max_length=200, blank=True)
    subject = models.CharField(_("subject"), max_length=60)
    before = models.CharField(_("before"), max_length=200, blank=True)
    after = models.CharField(_("after"), max_length=200, blank=True)
    text = models.CharField(_("text"), max_length=500, blank=True)

    objects = HistoryEntryQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("history entry")
        verbose_name_plural = _("history entries")

    def __str__(self):
        if self.kind == self.Kind.STATUS:
            return f"{self.subject} {self.after}".strip()
        return labels.act(self.subject, self.text)


class ProblemQuerySet(OfCompanyQuerySet):
    def open(self):
        return self.filter(cleared_at__isnull=True)


class Problem(models.Model):
    """Why somebody should look. Written only when the stage is worked out again."""

    company = models.ForeignKey(
        Company, models.CASCADE, related_name="problems", verbose_name=_("company")
    )
    connection = models.ForeignKey(
        Connection,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="problems",
        verbose_name=_("connection"),
    )
    reason = models.CharField(
        _("reason"),
        max_length=24,
        choices=labels.reasons,
    )
    since = models.DateTimeField(_("since"))
    cleared_at = models.DateTimeField(_("cleared"), null=True)
    snoozed_until = models.DateTimeField(_("quiet until"), null=True, blank=True)

    objects = ProblemQuerySet.as_manager()

    class Meta:
        ordering = ["since", "pk"]
        verbose_name = _("problem")
        verbose_name_plural = _("problems")
        constraints = [
            models.UniqueConstraint(
                fields=["company", "connection", "reason"],
                condition=models.Q(cleared_at__isnull=True),
                name="linking_problem_open_once",
                nulls_distinct=False,
            )
        ]
        indexes = [
            models.Index(
                fields=["reason", "since", "id"],
                condition=models.Q(cleared_at__isnull=True),
                name="linking_problem_open_reason",
            )
        ]

    def __str__(self):
        return str(self.get_reason_display())


class WebhookEventQuerySet(models.QuerySet):
    def note(
        self,
        *,
        webhook_id: str,
        event_id: str,
        event_type: str,
        company_codat_id: str,
        connection_codat_id: str,
        generated_at: datetime | None,
        received_at: datetime,
    ) -> None:
        """Insert one row, unless its `webhook_id` is there already.

        Written out: an instance and `bulk_create` cost four times as much, and Codat may send
        very many at once.
        """
        database = connections[self.db]
        times = (database.ops.adapt_datetimefield_value(at) for at in (generated_at, received_at))
        texts = (webhook_id, event_id, event_type, company_codat_id, connection_codat_id)
        with database.cursor() as cursor:
            cursor.execute(
                "INSERT INTO linking_webhookevent (webhook_id, event_id, type, company_codat_id,"
                " connection_codat_id, generated_at, received_at)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
                [*texts, *times],
            )


class WebhookEvent(models.Model):
    """A delivery that proved to come from Codat: ids and times, never the body."""

    webhook_id = models.CharField(_("webhook id"), max_length=128, unique=True)
    event_id = models.CharField(_("event id"), max_length=64, blank=True)
    type = models.CharField(_("type"), max_length=64)
    company_codat_id = models.CharField(
        _("company id at Codat"), max_length=64, blank=True, db_index=True
    )
    connection_codat_id = models.CharField(_("connection id at Codat"), max_length=64, blank=True)
    generated_at = models.DateTimeField(_("made at Codat"), null=True)
    received_at = models.DateTimeField(_("received"))

    objects = WebhookEventQuerySet.as_manager()

    class Meta:
        ordering = ["-received_at", "-pk"]
        verbose_name = _("webhook event")
        verbose_name_plural = _("webhook events")

    def __str__(self):
        return f"{self.type} {self.webhook_id}"
