"""“My software is not listed”: what the customer typed, kept for staff."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from onboarding.linking.models import Company, CustomerSession, HistoryEntry

from .errors import NotAllowed
from .onboarding import add_act
from .recording import lock_company
from .restaging import restage


def tell(*, session: CustomerSession, software: str, phone: str, now: datetime) -> None:
    """Keep what they use, and the number to call if one was given. The same again adds nothing."""
    text = _("%(software)s. Call %(phone)s") % {"software": software, "phone": phone}
    text = text if phone else software
    with transaction.atomic():
        company = lock_company(session.company_id)
        if company.history.not_listed() == text:
            return
        add_act(company, HistoryEntry.NOT_LISTED, session=session, now=now, text=text)
        restage(company, now=now)


def answer(*, company: Company, by, now: datetime, text: str = "", told: str | None = None) -> None:
    """Staff have agreed on another way with the customer.

    `told` is what stood on the reader's page. Raises NotAllowed: nothing was told, or something
    else by now.
    """
    with transaction.atomic():
        company = lock_company(company.pk)
        known = company.history.not_listed()
        if known is None or told not in (None, known):
            raise NotAllowed("nothing was told, or something else since")
        add_act(company, HistoryEntry.NOT_LISTED_ANSWERED, by=by, now=now, text=text)
        restage(company, by=by, now=now)
