import secrets
import uuid

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from onboarding.linking import stages

from . import labels
from .search import PartIndex

REFERENCE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Letters and digits that nobody confuses when reading a reference aloud."""


def make_reference() -> str:
    """A reference a customer can say on the phone; 30^8 of them, so clashes are retried."""
    letters = "".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"


def sees_all(user) -> bool:
    """Staff who see every company, and all that hangs on one."""
    return user.is_active and user.is_staff and user.has_perm("linking.view_all_companies")


class CompanyQuerySet(models.QuerySet):
    def visible_to(self, user):
        """What a member of staff may see: their own customers, or all with the permission."""
        if not user.is_active or not user.is_staff:
            return self.none()
        return self if sees_all(user) else self.filter(owner=user)

    def with_problems(self):
        # No join: it would have to be made distinct, over all that match.
        problems = self.model._meta.get_field("problems").related_model.objects.open()
        return self.filter(Exists(problems.filter(company=OuterRef("pk"))))

    def open(self):
        return self.filter(closed_at__isnull=True)

    def matching(self, words: str):
        """Search by the true name, a contact's e-mail, our reference or Codat's id.

        Four questions rather than one with OR: each can be answered from an index of its own.
        """
        companies = Company.objects.order_by().values("pk")
        return self.filter(
            pk__in=companies.filter(true_name__icontains=words).union(
                Contact.objects.filter(email__icontains=words).values("company"),
                companies.filter(reference__iexact=words),
                companies.filter(codat_id__iexact=words),
            )
        )


class Company(models.Model):
    """One customer of the firm: our record, tied to at most one company at Codat."""

    class Origin(models.TextChoices):
        SELF_SERVICE = "self_service", _("Self-service")
        STAFF = "staff", _("Staff")
        HOST = "host", _("Host application")
        IMPORT = "import", _("Import")

    public_id = models.UUIDField(_("public id"), default=uuid.uuid4, unique=True, editable=False)
    reference = models.CharField(_("reference"), max_length=64, unique=True, default=make_reference)
    true_name = models.CharField(_("name of the business"), max_length=200)
    name_at_codat = models.CharField(_("name at Codat"), max_length=200, blank=True)
    name_is_placeholder = models.BooleanField(_("name is a placeholder"), default=False)
    codat_id = models.CharField(
        _("company id at Codat"), max_length=64, unique=True, null=True, blank=True
    )
    start_key = models.UUIDField(
        null=True,
        unique=True,
        editable=False,
        help_text=_("The form that made it: a second press of its button finds the same company."),
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="owned_companies",
        verbose_name=_("account manager"),
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("made by"),
    )
    origin = models.CharField(_("origin"), max_length=16, choices=Origin, default=Origin.STAFF)
    language = models.CharField(_("language"), max_length=12, blank=True)
    stage = models.CharField(
        _("stage"),
        max_length=16,
        choices=labels.stages,
        default=stages.Stage.DRAFT.value,
        db_index=True,
        editable=False,
    )
    link_status = models.CharField(
        _("link status"),
        max_length=16,
        choices=labels.link_statuses,
        default=stages.LinkStatus.BLANK.value,
        editable=False,
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    observed_at = models.DateTimeField(_("last looked at"), null=True, editable=False)
    reads_listed_at = models.DateTimeField(_("reads listed"), null=True, editable=False)
    missing_since = models.DateTimeField(_("missing since"), null=True, editable=False)
    closed_at = models.DateTimeField(_("closed"), null=True, editable=False)
    gone_at = models.DateTimeField(_("gone from Codat"), null=True, editable=False)
    erased_at = models.DateTimeField(_("names removed"), null=True, editable=False)

    objects = CompanyQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="linking_company_new"),
            models.Index(fields=["owner", "-created_at", "-id"], name="linking_company_owner_new"),
            PartIndex(fields=["true_name"], name="linking_company_part_of_name"),
            models.Index(Upper("reference"), name="linking_company_reference"),
            models.Index(Upper("codat_id"), name="linking_company_codat_id"),
        ]
        permissions = [
            ("view_all_companies", _("Can see every company, not only their own")),
            ("invite", _("Can send links to customers")),
            ("reassign", _("Can change a company's account manager")),
            ("close", _("Can close and reopen a company")),
            ("operate", _("Can look again and release work that was set aside")),
            ("confirm_business", _("Can say for a customer whose business was connected")),
        ]

    def __str__(self):
        return self.true_name

    @staticmethod
    def placeholder_for(reference: str) -> str:
        """What a company is called at Codat as long as no name that Codat takes is known."""
        return f"Customer {reference}"

    def is_visible_to(self, user):
        """As `Company.objects.visible_to`, of a row that is read already."""
        if not user.is_active or not user.is_staff:
            return False
        return self.owner_id == user.pk or sees_all(user)

    @property
    def has_no_name(self):
        """Nobody has told us a name yet."""
        return self.true_name == self.placeholder_for(self.reference)

    @property
    def primary_contact(self):
        """The person mails go to; costs a query unless contacts are prefetched."""
        contacts = list(self.contacts.all())
        return next((c for c in contacts if c.is_primary), contacts[0] if contacts else None)


class Contact(models.Model):
    company = models.ForeignKey(
        Company, models.CASCADE, related_name="contacts", verbose_name=_("company")
    )
    name = models.CharField(_("name"), max_length=120, blank=True)
    email = models.EmailField(_("e-mail address"))
    language = models.CharField(_("language"), max_length=12, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=60, blank=True)
    is_primary = models.BooleanField(_("main contact"), default=False)
    verified_at = models.DateTimeField(_("address proven"), null=True, editable=False)
    stopped_at = models.DateTimeField(_("wants no reminders since"), null=True, blank=True)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        constraints = [
            models.UniqueConstraint(
                fields=["company"],
                condition=Q(is_primary=True),
                name="linking_contact_one_primary",
            )
        ]
        # For `email__iexact`, by which public forms ask whom they know.
        indexes = [
            models.Index(Upper("email"), name="linking_contact_email"),
            PartIndex(fields=["email"], name="linking_contact_part_of_email"),
        ]

    def __str__(self):
        return self.name or f"contact {self.pk}"
