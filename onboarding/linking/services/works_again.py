"""“E-mail me when it works”: after trouble on our side, a word to who went away."""

from datetime import datetime

from django.db import transaction

from onboarding.linking.models import Company, CustomerSession, HistoryEntry

from .looking import hint_now
from .onboarding import add_act
from .recording import lock_company
from .restaging import restage


def is_wanted(*, company: Company, platform_key: str) -> bool:
    """Whether they asked, and have not been to that software's sign-in page since."""
    wanted_at = company.history.word_wanted().get(platform_key)
    if wanted_at is None:
        return False
    left = company.history.filter(
        subject="left_for_sign_in", connection__platform_key=platform_key, at__gt=wanted_at
    )
    return not left.exists()


def ask(*, session: CustomerSession, platform_key: str, now: datetime) -> None:
    """Mail this customer as soon as Codat answers a look again. A second press changes nothing."""
    with transaction.atomic():
        company = lock_company(session.company_id)
        if is_wanted(company=company, platform_key=platform_key):
            return
        act = HistoryEntry.WORD_WANTED
        add_act(company, act, session=session, now=now, text=platform_key)
        restage(company, now=now)
        hint_now(company=company)
