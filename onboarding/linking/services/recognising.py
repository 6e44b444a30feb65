"""Whose business was granted, held against what is known; and what follows at once."""

from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet

from onboarding.linking.models import (
    Company,
    CompanyIdentity,
    Connection,
    HistoryEntry,
)
from onboarding.linking.models.invitation import Purpose

from .comparing import Compared, compare, key_of
from .naming import clean_name
from .renaming import plan_rename


def confirmed_before(connection: Connection) -> CompanyIdentity | None:
    """The identity that this connection last stood for."""
    return connection.identities.filter(
        confirmed_at__isnull=False, rejected_at__isnull=True
    ).first()


def recognise(company: Company, identity: CompanyIdentity, *, now: datetime) -> None:
    """Store a new identity. On a relink the same business passes, and another one is stopped.

    Where it cannot be told, nothing is decided: a person will be asked. The company is locked.
    """
    connection = identity.connection
    identity.registration_key = key_of(identity.registration_number)
    before = confirmed_before(connection)
    if before is not None:
        identity.compared_with = before
        identity.compared = compare(before, identity)
    if before is not None and identity.compared == Compared.SAME:
        identity.confirmed_at = now
        identity.account_holder = before.account_holder
        # What staff said of it, or have still to say, is true of the same business again.
        identity.same_number_as = before.same_number_as
        identity.doubled_at, identity.separate_at = before.doubled_at, before.separate_at
    elif identity.compared == Compared.DIFFERENT:
        identity.rejected_at = now
    identity.save(force_insert=True)
    if identity.confirmed_at:
        _note(company, connection, HistoryEntry.RECOGNISED, now)
        settle(company, identity, now=now)
    elif identity.rejected_at:
        _note(company, connection, HistoryEntry.OTHER_BUSINESS, now)


def with_number(key: str) -> QuerySet[CompanyIdentity]:
    """All identities with this number, from its index, which leaves out those without any."""
    return CompanyIdentity.objects.filter(registration_key=key).exclude(registration_key="")


def other_customer(company: Company, identity: CompanyIdentity) -> CompanyIdentity | None:
    """Another open company's confirmed identity with the same registration number.

    None for a number that says nothing, and for a business that was this company's before. All
    that have the number are locked first, in one order: of two customers who confirm it at the
    same moment, the second waits here and then finds the first.
    """
    if not identity.registration_key:
        return None
    alike = with_number(identity.registration_key)
    list(alike.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    confirmed = alike.filter(confirmed_at__isnull=False, rejected_at__isnull=True)
    if confirmed.filter(connection__company=company).exists():
        return None
    others = confirmed.filter(connection__company__closed_at__isnull=True)
    return others.order_by("confirmed_at", "pk").first()


def note_double(company: Company, identity: CompanyIdentity, *, now: datetime) -> bool:
    """Whether the answer must wait for staff, since another customer has the same number.

    Where the deployment does not stop for it, staff hear of it all the same.
    """
    if identity.separate_at is not None:
        return False
    other = other_customer(company, identity)
    if other is None:
        return False
    identity.same_number_as, identity.doubled_at = other, now
    _note(company, identity.connection, HistoryEntry.DOUBLED, now)
    return settings.KNOWN_BUSINESS_STOPS


def _note(company: Company, connection: Connection, subject: str, now: datetime) -> None:
    HistoryEntry.objects.create(
        company=company,
        connection=connection,
        kind=HistoryEntry.Kind.ACT,
        at=now,
        source=HistoryEntry.Source.READ,
        subject=subject,
    )


def settle(company: Company, identity: CompanyIdentity, *, now: datetime) -> None:
    """What follows from a confirmed identity, whoever confirmed it. The company is locked."""
    company.invitations.finish(purpose=Purpose.RELINK, connection=identity.connection, now=now)
    if company.name_is_placeholder:
        _replace_placeholder(company, identity, now)


def _replace_placeholder(company: Company, identity: CompanyIdentity, now: datetime) -> None:
    """Give the company at Codat the software's name, where what is left of one is a name."""
    if company.has_no_name and identity.display_name:
        company.true_name = identity.display_name[:200]
    name = clean_name(identity.name) or clean_name(identity.legal_name)
    if name:
        company.name_is_placeholder = False
        plan_rename(company, name, now=now)
    company.save(update_fields=["true_name", "name_is_placeholder"])
