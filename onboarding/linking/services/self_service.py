"""Customers who begin by themselves. A mailed link proves the address before anything is made.

Until it is pressed there is a row of ours and nothing else: no session, nothing at Codat, nothing
for staff to do. `housekeeping.prune` throws such rows away.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from onboarding.linking.models import Company, Invitation, OutgoingEmail

from .errors import NotAllowed
from .invitations import invite, purpose_to_carry_on
from .onboarding import register_company

MOST_MAILS_A_DAY: Final = 5
"""To one address: anybody may type it, and it must not become a nuisance to whoever owns it."""


def begin(
    *,
    true_name: str,
    email: str,
    now: datetime,
    language: str = "",
    start_key: UUID | None = None,
    platform_key: str = "",
) -> None:
    """Mail a link to carry on. It tells the caller nothing: nobody may learn whom we know.

    The same business begun again with the same address is the same company, whoever began it.
    `platform_key` is the software to go to; empty for the list.
    """
    if _mails_today(email, now) >= MOST_MAILS_A_DAY:
        return
    company = _known(true_name, email) or register_company(
        true_name=true_name,
        email=email,
        origin=Company.Origin.SELF_SERVICE,
        language=language,
        start_key=start_key,
        now=now,
    )
    try:
        invite(
            company=company,
            purpose=purpose_to_carry_on(company),
            mail=Invitation.START,
            platform_key=platform_key,
            now=now,
        )
    except NotAllowed:
        return  # closed meanwhile


def _known(true_name: str, email: str) -> Company | None:
    """Only for its main contact: people who help with one connection begin no business of ours."""
    known = Company.objects.open().filter(contacts__email__iexact=email, contacts__is_primary=True)
    return known.filter(true_name__iexact=true_name).order_by("pk").first()


def _mails_today(email: str, now: datetime) -> int:
    mails = OutgoingEmail.objects.filter(kind=Invitation.START, contact__email__iexact=email)
    return mails.filter(invitation__created_at__gt=now - timedelta(days=1)).count()
