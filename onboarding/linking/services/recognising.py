"""Whose business was granted, held against the one confirmed before; and what follows at once."""

from datetime import datetime

from onboarding.linking.models import (
    Company,
    CompanyIdentity,
    Connection,
    HistoryEntry,
)
from onboarding.linking.models.invitation import Purpose

from .comparing import Compared, compare
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
    before = confirmed_before(connection)
    if before is not None:
        identity.compared_with = before
        identity.compared = compare(before, identity)
    if before is not None and identity.compared == Compared.SAME:
        identity.confirmed_at = now
        identity.account_holder = before.account_holder
    elif identity.compared == Compared.DIFFERENT:
        identity.rejected_at = now
    identity.save(force_insert=True)
    if identity.confirmed_at:
        _note(company, connection, HistoryEntry.RECOGNISED, now)
        settle(company, identity, now=now)
    elif identity.rejected_at:
        _note(company, connection, HistoryEntry.OTHER_BUSINESS, now)


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
