"""“Ask us to delete information”: a request that staff carry out, never a deletion by itself."""

from datetime import datetime

from django.db import transaction

from onboarding.linking.models import (
    CodatWrite,
    Company,
    Connection,
    CustomerSession,
    HistoryEntry,
)

from . import files
from .errors import NotAllowed
from .mail_planning import plan_link_email
from .onboarding import add_act
from .recording import lock_company
from .restaging import restage


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


def erased(*, company: Company) -> set[str]:
    """Codat's ids of the connections that were deleted there with what was read."""
    done = company.writes.filter(kind=CodatWrite.Kind.DELETE_WITH_DATA, done_at__isnull=False)
    return set(done.exclude(outcome=CodatWrite.Outcome.REFUSED).values_list("target", flat=True))


def held_at_codat(*, company: Company) -> list[Connection]:
    """The connections through which something was read, and which Codat still keeps."""
    return list(company.connections.present().filter(linked_first_at__isnull=False))


def answer(
    *,
    company: Company,
    by,
    now: datetime,
    carried_out: bool = False,
    text: str = "",
    asked_at: datetime | None = None,
) -> bool:
    """Staff have deleted (`carried_out`), or say in `text` why the firm keeps it.

    True if the customer is told by mail: a customer who is closed, or without a contact, is not.
    `asked_at` names the request that was on the reader's page. Raises NotAllowed: nobody asks, it
    is another request by now, or it cannot be carried out yet because Codat still keeps something.
    """
    with transaction.atomic():
        company = lock_company(company.pk)
        open_since = company.history.deletion_asked_at()
        if open_since is None or asked_at not in (None, open_since):
            raise NotAllowed("nobody asked to delete, or asked again since")
        if carried_out and held_at_codat(company=company):
            raise NotAllowed("Codat still keeps what was read")
        act = HistoryEntry.DELETION_CARRIED_OUT if carried_out else HistoryEntry.DELETION_REFUSED
        add_act(company, act, by=by, now=now, text=text)
        if carried_out:
            files.erase(company=company, now=now)
        contact = company.primary_contact
        is_told = contact is not None and company.closed_at is None
        if is_told:
            plan_link_email(
                kind="deletion_answered",
                dedupe_key=f"deletion_answered:{company.public_id}:{open_since.isoformat()}",
                company=company,
                contact=contact,
                now=now,
            )
        restage(company, by=by, now=now)
    return is_told
