"""Asking for a look, and comparing everybody with Codat's list."""

import logging
from datetime import timedelta

from django.conf import settings

from onboarding import codat
from onboarding.linking import stages
from onboarding.linking.models import Company, Lane

from .pacing import AFTER_A_READ

logger = logging.getLogger(__name__)

CUSTOMER_MAY_WAIT = (
    *(stages.Stage.STARTED, stages.Stage.AUTHORIZING),
    *(stages.Stage.CONFIRMING, stages.Stage.READING),
)


def a_customer_may_wait(company: Company) -> bool:
    """Somebody may be looking at a page of this company's journey right now."""
    return company.stage in CUSTOMER_MAY_WAIT


def hint_from_page(*, company: Company) -> bool:
    """A customer opened a page that waits; a look that is planned sooner anyway is enough.

    Whether a look became due by it.
    """
    lane = Lane.objects.filter(company=company)
    return lane.hint(debounce=AFTER_A_READ, connections=False, urgent=False)


def hint_difference(*, company: Company) -> None:
    """Something said that the company may differ from our mirror; nobody waits for the answer."""
    seconds = settings.HINT_DEBOUNCE_IDLE_SECONDS
    Lane.objects.filter(company=company).hint(debounce=timedelta(seconds=seconds))


def hint_now(*, company: Company, connections: bool = True) -> None:
    """Somebody waits for the answer: not debounced."""
    Lane.objects.filter(company=company).hint(debounce=timedelta(0), connections=connections)


def compare_pages(client: codat.Client) -> int:
    """Compare everybody with Codat's company list, and hint those that differ. Returns how many.

    Nothing is recorded from a list, so lists that lag or shift can do no harm.
    """
    differing = 0
    seen_ids: set[str] = set()
    batch: list[codat.Company] = []
    try:
        for seen in client.list_companies(order_by="created", page_size=settings.CODAT_PAGE_SIZE):
            seen_ids.add(seen.id)
            batch.append(seen)
            if len(batch) >= 500:
                differing += _hint_differing(batch)
                batch.clear()
    except codat.CodatError as error:
        # A list cut short says nothing of those it did not reach.
        logger.warning("list_not_compared %s", error)
        return differing
    differing += _hint_differing(batch)
    absent = Company.objects.open().filter(codat_id__isnull=False, gone_at__isnull=True)
    for company in absent.iterator(chunk_size=500):
        if company.codat_id not in seen_ids:
            hint_difference(company=company)
            differing += 1
    return differing


def _hint_differing(batch: list[codat.Company]) -> int:
    known = {
        company.codat_id: company
        for company in Company.objects.open()
        .filter(codat_id__in=[seen.id for seen in batch])
        .prefetch_related("connections")
    }
    differing = 0
    for seen in batch:
        company = known.get(seen.id)
        if company is None:
            continue
        ours = {c.codat_id: c.status for c in company.connections.all() if c.deleted_at is None}
        if ours != {c.id: c.status for c in seen.connections}:
            hint_difference(company=company)
            differing += 1
    return differing
