"""Two customers with one registration number: what staff say after they compared both."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from onboarding.linking import stages
from onboarding.linking.models import Company, CompanyIdentity

from . import connecting, onboarding
from .errors import OutdatedIdentity
from .identity import carry_out, mail_about, to_answer
from .mail_planning import plan_email
from .onboarding import add_act
from .recording import lock_company
from .restaging import restage

ALREADY_WITH_US = "already_with_us"


def answer_due(identity: CompanyIdentity) -> datetime | None:
    """Until when the customer was told to have an answer."""
    days = timedelta(days=settings.KNOWN_BUSINESS_ANSWER_DAYS)
    return identity.doubled_at and identity.doubled_at + days


def _to_compare(company: Company, identity_public_id) -> CompanyIdentity:
    identity = to_answer(company, identity_public_id)
    if identity.doubled_at is None or identity.rejected_at or company.closed_at:
        raise OutdatedIdentity
    return identity


def separate(*, identity_public_id, company: Company, by, now: datetime) -> None:
    """“Two separate customers”: what the customer answered counts from now on, and they are told.

    A second press changes nothing. Raises OutdatedIdentity for what is not to be compared now.
    """
    with transaction.atomic():
        company = lock_company(company.pk)
        identity = _to_compare(company, identity_public_id)
        if identity.separate_at:
            return
        was_held = identity.is_held
        identity.separate_at = now
        identity.confirmed_at = identity.confirmed_at or now
        identity.save(update_fields=["separate_at", "confirmed_at"])
        connection = identity.connection
        add_act(company, "separate_customers", by=by, now=now, connection=connection)
        if was_held:
            carry_out(company, identity, by=by, now=now)
            mail_about(identity, "checked", identity.public_id, now)
        else:
            restage(company, by=by, now=now)


def same_customer(*, identity_public_id, company: Company, by, now: datetime) -> None:
    """“The same customer”: this newer one is disconnected and closed, and told why.

    A second press changes nothing. Raises OutdatedIdentity for what is not to be compared now.
    """
    with transaction.atomic():
        company = lock_company(company.pk)
        identity = _to_compare(company, identity_public_id)
        if identity.separate_at:
            raise OutdatedIdentity
        add_act(company, "same_customer", by=by, now=now, connection=identity.connection)
        for linked in company.connections.present().filter(status=stages.LINKED):
            connecting.unlink(connection=linked, by=by, now=now)
        onboarding.close(company=company, by=by, now=now)
        contact = company.primary_contact
        if contact is not None:
            plan_email(
                kind=ALREADY_WITH_US,
                dedupe_key=f"{ALREADY_WITH_US}:{identity.public_id}",
                company=company,
                contact=contact,
                connection_id=identity.connection_id,
            )
