"""Records at Codat that carry our mark and are not the one we know: a second one of a company.

How it can come about: an answer is lost, and Codat's lists are silent about what was made for
longer than it is looked up. Nobody but staff can say which of the two is to be kept.
"""

import logging
import uuid
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import transaction

from onboarding import codat
from onboarding.linking.models import CodatWrite, Company, HistoryEntry

from .onboarding import add_act
from .recording import lock_company
from .restaging import restage

logger = logging.getLogger(__name__)


def is_ours(seen: codat.Company) -> bool:
    """Made by this deployment, for one of its customers."""
    return seen.tags.get("env", settings.CODAT_ENV) == settings.CODAT_ENV and "uid" in seen.tags


def note(company: Company, others: Iterable[str], now: datetime) -> bool:
    """Write down ids of a locked company's other records; False if they were known. The problem
    opens when the company is worked out next."""
    new = sorted(set(others) - company.history.other_records() - {company.codat_id})
    for codat_id in new:
        logger.error("doubled_at_codat company=%s other=%s", company.public_id, codat_id)
        HistoryEntry.objects.create(
            company=company,
            kind=HistoryEntry.Kind.ACT,
            at=now,
            source=HistoryEntry.Source.READ,
            subject=HistoryEntry.DOUBLED_AT_CODAT,
            text=codat_id,
        )
    return bool(new)


def find(batch: Iterable[codat.Company], client: codat.Client, now: datetime) -> list[int]:
    """Note the strays among a page of Codat's list; returns the companies they belong to.

    Each is asked for by itself: a list may still show what was deleted. Raises CodatError.
    """
    marked = {seen.id: seen.tags["uid"] for seen in batch if is_ours(seen)}
    marked = {codat_id: uid for codat_id, uid in marked.items() if _is_uuid(uid)}
    known = {
        str(company.public_id): company
        for company in Company.objects.open().filter(
            public_id__in=marked.values(), codat_id__isnull=False, gone_at__isnull=True
        )
    }
    found = []
    for codat_id, uid in marked.items():
        company = known.get(uid)
        if company is None or company.codat_id == codat_id or _is_being_made(company):
            continue
        try:
            client.get_company(codat_id)
        except codat.NotFoundError:
            continue
        with transaction.atomic():
            if note(lock_company(company.pk), [codat_id], now):
                found.append(company.pk)
    return found


def _is_being_made(company: Company) -> bool:
    return company.writes.open().filter(kind=CodatWrite.Kind.CREATE_COMPANY).exists()


def _is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False


def settle(*, company: Company, by, now: datetime) -> None:
    """Staff have seen to it at Codat. A second press changes nothing."""
    with transaction.atomic():
        company = lock_company(company.pk)
        if company.history.other_records():
            add_act(company, HistoryEntry.DOUBLED_SETTLED, by=by, now=now)
            restage(company, by=by, now=now)
