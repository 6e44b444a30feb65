import uuid

import pytest
from django.test import Client

from onboarding.linking.models import (
    Branding,
    CallCount,
    CodatInstance,
    CodatWrite,
    Consent,
    ConsentText,
    CustomerMessage,
    DataStatus,
    LinkAttempt,
    OutgoingEmail,
    Pause,
    Problem,
    SiteText,
    WebhookEvent,
)
from tests.factories import (
    make_company,
    make_connection,
    make_file,
    make_identity,
    make_invitation,
    make_operation,
    make_platform,
    make_session,
)


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def as_alice(alice):
    return signed_in(alice)


@pytest.fixture
def as_charlie(charlie):
    return signed_in(charlie)


def fill_every_table(owner, name, now):
    """One row of everything that belongs to a customer; `name` is in each customer's name."""
    company = make_company(
        name, email=f"{name.lower()}@customer.example", owner=owner, codat_id=f"codat-{name}"
    )
    connection = make_connection(company, status="Linked", platform_name=f"{name} software")
    make_identity(connection, name=f"{name} legal")
    make_operation(connection)
    invitation = make_invitation(company)
    session, _ = make_session(company, invitation=invitation)
    LinkAttempt.objects.create(
        session=session, connection=connection, state_hash=uuid.uuid4().hex, sent_at=now
    )
    DataStatus.objects.create(company=company, data_type="invoices", status="Complete")
    Consent.objects.create(company=company, platform_key="gbol", version=1, text="…", at=now)
    CodatWrite.objects.create(
        company=company, kind="create_company", key_made_at=now, due_at=now, done_at=now
    )
    Problem.objects.create(company=company, reason="refused", since=now)
    CustomerMessage.objects.create(company=company, email="o@brook.example", text="?", at=now)
    make_file(company)
    WebhookEvent.objects.create(
        webhook_id=uuid.uuid4().hex,
        type="company.updated",
        company_codat_id=company.codat_id,
        received_at=now,
    )
    return company


@pytest.fixture
def brook(alice, now):
    return fill_every_table(alice, "Brook", now)


@pytest.fixture
def harbour(bob, now):
    return fill_every_table(bob, "Harbour", now)


@pytest.fixture
def deployment(now):
    """One row of each table that belongs to the firm."""
    make_platform()
    Branding.objects.create(name="Northbank")
    SiteText.objects.create(key="start.gain", language="en", text="A decision in one day.")
    sections = ("purpose", "access", "account_information", "platform_data", "retention")
    ConsentText.objects.create(version=2, **dict.fromkeys(sections, "Words"))
    CodatInstance.objects.create(client_id="ours", seen_at=now)
    CallCount.objects.create(hour=now, operation="create-company", count=3)
    Pause.objects.create(scope="codat", reason="401", since=now)


@pytest.fixture
def set_aside(brook):
    """Brook's mail was cut while it was sent."""
    email = OutgoingEmail.objects.get(company=brook)
    OutgoingEmail.objects.update(parked_reason="May have been sent", due_at=None)
    return email
