"""Asking for a look, and comparing everybody with Codat's list."""

import logging
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from onboarding import codat
from onboarding.linking import stages
from onboarding.linking.models import Company, Connection, Lane

from . import strays
from .lanes import Wish, lane_of
from .pacing import AFTER_A_READ

logger = logging.getLogger(__name__)

_TOGETHER = 500
"""How many companies of a list are compared and hinted in one go."""

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
    wish = Wish(AFTER_A_READ, connections=False, urgent=False)
    lane = lane_of(company.codat_id or "", debounce=wish.debounce)
    return lane is not None and not lane.knows(wish) and lane.hint(wish)


def hint_difference(*, company: Company) -> None:
    """Something said that the company may differ from our mirror; nobody waits for the answer."""
    seconds = settings.HINT_DEBOUNCE_IDLE_SECONDS
    Lane.objects.filter(company=company).hint(debounce=timedelta(seconds=seconds))


def hint_now(*, company: Company, connections: bool = True) -> None:
    """Somebody waits for the answer: not debounced."""
    Lane.objects.filter(company=company).hint(debounce=timedelta(0), connections=connections)


def compare_pages(client: codat.Client) -> int:
    """Compare everybody with Codat's company list, and hint those that differ. Returns how many.

    No fact is recorded from a list, so lists that lag or shift can do no harm; a second record of
    one company is told to staff.
    """
    differing = 0
    seen_ids: set[str] = set()
    batch: list[codat.Company] = []
    try:
        for seen in client.list_companies(order_by="created", page_size=settings.CODAT_PAGE_SIZE):
            seen_ids.add(seen.id)
            batch.append(seen)
            if len(batch) >= min(_TOGETHER, settings.CODAT_PAGE_SIZE):
                differing += _hint_differing(batch)
                _hint_differences(strays.find(batch, client, timezone.now()))
                batch.clear()
        _hint_differences(strays.find(batch, client, timezone.now()))
    except codat.CodatError as error:
        # A list cut short says nothing of those it did not reach.
        logger.warning("list_not_compared %s", error)
        return differing
    differing += _hint_differing(batch)
    absent = Company.objects.open().filter(codat_id__isnull=False, gone_at__isnull=True)
    known = absent.values_list("codat_id", "pk").iterator(chunk_size=2000)
    unseen = [pk for codat_id, pk in known if codat_id not in seen_ids]
    for first in range(0, len(unseen), _TOGETHER):
        _hint_differences(unseen[first : first + _TOGETHER])
    return differing + len(unseen)


def _hint_differing(batch: list[codat.Company]) -> int:
    known = dict(
        Company.objects.open()
        .filter(codat_id__in=[seen.id for seen in batch])
        .values_list("codat_id", "pk")
    )
    ours: dict[int, dict[str, str]] = {pk: {} for pk in known.values()}
    present = Connection.objects.present().filter(company__in=ours)
    for pk, codat_id, status in present.values_list("company_id", "codat_id", "status"):
        ours[pk][codat_id] = status
    differing = [
        known[seen.id]
        for seen in batch
        if seen.id in known
        and ours[known[seen.id]] != {each.id: each.status for each in seen.connections}
    ]
    _hint_differences(differing)
    return len(differing)


def _hint_differences(company_ids: list[int]) -> None:
    if company_ids:
        debounce = timedelta(seconds=settings.HINT_DEBOUNCE_IDLE_SECONDS)
        Lane.objects.filter(company__in=company_ids).hint(debounce=debounce)
