"""Two kinds of desktop software, and a customer who has chosen one."""

import pytest
from django.urls import reverse
from django.utils import timezone

from onboarding.linking.services import consents
from tests import factories

PHONE = {"user-agent": "Mozilla/5.0 (iPhone) Mobile/15E148"}
KEY = "1f0c6a3e-7d51-4a0c-9b77-2f5d3a9e8c10"


@pytest.fixture
def sage_50(xero):
    return factories.make_platform("hbql", "Sage 50", is_offline=True, set_up_by="key")


@pytest.fixture
def quickbooks(xero):
    return factories.make_platform(
        *("pqsw", "QuickBooks Desktop"),
        is_offline=True,
        set_up_by="password",
        read_from="19:00",
        read_until="07:00",
    )


@pytest.fixture
def company(company):
    company.codat_id = KEY
    company.save(update_fields=["codat_id"])
    return company


@pytest.fixture
def address(company):
    def address(page, platform="hbql"):
        return reverse(f"journey:{page}", args=[company.public_id, platform])

    return address


@pytest.fixture
def agree(company):
    def agree(platform):
        session, _key = factories.make_session(company)
        wording = consents.wording_for(platform=platform, language="en", firm_name="Northbank")
        now = timezone.now()
        consents.record(session=session, platform=platform, wording=wording, now=now)

    return agree


@pytest.fixture
def made(company, agree):
    """`made(sage_50)`: permission given, and the connection there to be signed in to."""

    def made(platform, status="PendingAuth", **fields):
        agree(platform)
        return factories.make_connection(
            company, platform.key, status, platform_name=platform.name, **fields
        )

    return made
