"""“Ask us to delete information”: a request that staff carry out, never a deletion by itself."""

from datetime import datetime

from django.db import transaction

from onboarding.linking.models import Company, CustomerSession, HistoryEntry

from .errors import NotAllowed
from .onboarding import add_act
from .recording import lock_company
from .restaging import plan_link_email, restage


def ask(*, session: CustomerSession, now: datetime) -> None:
    """Keep the request for staff and confirm it by mail. A second press changes nothing."""
    with transaction.atomic():
        company = lock_company(session.company_id)
        if company.history.deletion_asked_at():
            return
        add_act(company, HistoryEntry.DELETION_ASKED, session=session, now=now)
        contact = company.primary_contact
        if contact is not None:
            plan_link_email(
                kind="deletion_asked",
                dedupe_key=f"deletion_asked:{company.public_id}:{now.isoformat()}",
                company=company,
                contact=contact,
                now=now,
            )
        restage(company, now=now)


def answer(*, company: Company, by, now: datetime, text: str = "") -> None:
    """Staff have deleted, or said what the law makes the firm keep. Raises NotAllowed."""
    with transaction.atomic():
        company = lock_company(company.pk)
        if company.history.deletion_asked_at() is None:
            raise NotAllowed("nobody asked to delete")
        add_act(company, HistoryEntry.DELETION_ANSWERED, by=by, now=now, text=text)
        restage(company, by=by, now=now)
