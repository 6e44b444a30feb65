"""Rows with sensible defaults, as plain functions."""

import hashlib
import uuid
from datetime import timedelta

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db.models import F
from django.utils import timezone

from onboarding.linking.models import (
    Company,
    CompanyIdentity,
    Connection,
    Invitation,
    Platform,
    PullOperation,
    SentFile,
)
from onboarding.linking.models.invitation import Purpose
from onboarding.linking.services import invitations, onboarding, restaging


def make_platform(key="gbol", name="Xero", source_type="Accounting", **fields) -> Platform:
    defaults = {
        "name": name,
        "source_type": source_type,
        "enabled": True,
        "seen_at": timezone.now(),
        "features": {"company": ["Get"], "invoices": ["Get"], "bills": ["Get"]},
    }
    return Platform.objects.create(key=key, **{**defaults, **fields})


def make_company(true_name="Brook & Sons Ltd", email="owner@brook.example", **fields) -> Company:
    """A registered company with its contact and lane; extra fields are set afterwards."""
    company = onboarding.register_company(
        true_name=true_name,
        email=email,
        contact_name=fields.pop("contact_name", ""),
        origin=fields.pop("origin", Company.Origin.STAFF),
        owner=fields.pop("owner", None),
        by=fields.pop("by", None),
        now=fields.pop("now", timezone.now()),
    )
    if fields:
        Company.objects.filter(pk=company.pk).update(**fields)
        company.refresh_from_db()
    return company


def make_connection(company, platform_key="gbol", status="PendingAuth", **fields) -> Connection:
    """A mirror as `recording` would have left it; a linked one was linked five minutes ago."""
    linked_at = timezone.now() - timedelta(minutes=5)
    if status != "PendingAuth":
        fields = {"linked_first_at": linked_at, "linked_last_at": linked_at, **fields}
    defaults = {"platform_name": "Xero", "source_type": "Accounting", "codat_id": str(uuid.uuid4())}
    return Connection.objects.create(
        company=company, platform_key=platform_key, status=status, **{**defaults, **fields}
    )


def make_identity(connection, name="Brook & Sons", **fields) -> CompanyIdentity:
    defaults = {
        "legal_name": "Brook & Sons Ltd",
        "registration_number": "08123456",
        "town": "Leeds",
        "linked_at": connection.linked_last_at,
        "read_after_link": True,
        "read_at": timezone.now(),
    }
    return CompanyIdentity.objects.create(
        connection=connection, name=name, **{**defaults, **fields}
    )


def make_double(company, known, **fields) -> CompanyIdentity:
    """The customer said yes to a business whose number `known`, another customer's, has too."""
    connection = make_connection(company, status="Linked")
    now = timezone.now()
    found = make_identity(connection, same_number_as=known, doubled_at=now, **fields)
    restage(company)
    return found


def make_operation(connection, data_type="invoices", status="Complete", **fields) -> PullOperation:
    now = timezone.now()
    defaults = {"codat_id": str(uuid.uuid4()), "requested": now, "changed_at": now}
    if status == "Complete":
        defaults["completed"] = now
    return PullOperation.objects.create(
        connection=connection, data_type=data_type, status=status, **{**defaults, **fields}
    )


def make_invitation(company, purpose=Purpose.ONBOARD, **fields) -> Invitation:
    now = fields.pop("now", timezone.now())
    invitation = invitations.invite(company=company, purpose=purpose, now=now)
    if fields:
        Invitation.objects.filter(pk=invitation.pk).update(**fields)
        invitation.refresh_from_db()
    return invitation


def make_file(company, name="Balance sheet.pdf", content=b"%PDF-1.7 sheet", **fields) -> SentFile:
    """A file as `services.files` keeps it."""
    path = storages["files"].save(f"{company.public_id}/{uuid.uuid4().hex}", ContentFile(content))
    defaults = {"kind": "pdf", "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    defaults |= {"path": path, "sent_at": timezone.now()}
    return SentFile.objects.create(company=company, name=name, **{**defaults, **fields})


def make_session(company, **fields):
    """A customer's session and the key that their browser would hold."""
    return invitations.open_session(
        company=company,
        purpose=fields.pop("purpose", Purpose.ONBOARD),
        channel=fields.pop("channel", "link"),
        now=fields.pop("now", timezone.now()),
        **fields,
    )


def restage(company) -> Company:
    """Bring stage and problems up to date after rows were made by hand."""
    restaging.restage(company, now=timezone.now())
    company.refresh_from_db()
    return company


def age_linking(company, **ago) -> None:
    """As if the company's connections had been linked so long ago: `minutes=5`."""
    earlier = F("linked_last_at") - timedelta(**ago)
    company.connections.filter(linked_last_at__isnull=False).update(
        linked_first_at=F("linked_first_at") - timedelta(**ago), linked_last_at=earlier
    )
