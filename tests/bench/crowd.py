"""Rows for many companies, as an engine at rest would have left them. Needs a set-up Django."""

import uuid
from datetime import timedelta

from django.utils import timezone

from onboarding.linking.models import Company, Connection, Contact, Lane, Problem

BATCH = 2000


def add_companies(ids: list[tuple[str, str]], *, owner=None, problem_every: int = 0) -> None:
    """One waiting company for each (company id, connection id) at Codat."""
    for first in range(0, len(ids), BATCH):
        _add(ids[first : first + BATCH], first, owner, problem_every)


def _add(ids: list[tuple[str, str]], first: int, owner, problem_every: int) -> None:
    now = timezone.now()
    companies = Company.objects.bulk_create(
        Company(
            true_name=f"Bench Company {first + place:06d}",
            name_at_codat=f"Bench Company {first + place:06d}",
            reference=uuid.uuid4().hex,
            codat_id=company_id,
            owner=owner,
            stage="authorizing",
            link_status="PendingAuth",
        )
        for place, (company_id, _) in enumerate(ids)
    )
    Contact.objects.bulk_create(
        Contact(company=company, email=f"{company.reference}@bench.example", is_primary=True)
        for company in companies
    )
    Lane.objects.bulk_create(Lane(company=company) for company in companies)
    Connection.objects.bulk_create(
        Connection(
            company=company,
            codat_id=connection_id,
            platform_key="gbol",
            platform_name="Xero",
            source_type="Accounting",
            status="PendingAuth",
        )
        for company, (_, connection_id) in zip(companies, ids, strict=True)
    )
    if problem_every:
        Problem.objects.bulk_create(
            Problem(company=company, reason="stopped", since=now - timedelta(hours=1))
            for company in companies[::problem_every]
        )
