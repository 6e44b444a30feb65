"""The small cast: Alice owns a company, Bob is a colleague with his own, Sam sees everybody's."""

import uuid
from typing import Any

from django.contrib.auth.models import Group
from django.utils import timezone

from onboarding.accounts.models import User
from onboarding.linking import permissions
from onboarding.linking.models import Company, Connection
from onboarding.linking.services import onboarding


def make_user(name: str, group: str | None = None, **fields: Any) -> User:
    email = f"{name.lower()}@firm.example"
    fields = {"is_staff": True, "name": name, **fields}
    user = User.objects.create_user(email, "a-good-long-one", **fields)
    if group:
        permissions.create_groups()
        user.groups.add(Group.objects.get(name=group))
    return user


def register(owner: User | None, name: str = "Brook & Sons Ltd", **fields: Any) -> Company:
    return onboarding.register_company(
        true_name=name,
        email=f"{uuid.uuid4().hex[:8]}@customer.example",
        origin="staff",
        owner=owner,
        by=owner,
        now=timezone.now(),
        **fields,
    )


def connect(company: Company, status: str = "Linked", stage: str = "ready", **fields: Any) -> Any:
    values = {"platform_key": "gbol", "platform_name": "Xero", "source_type": "Accounting"}
    return Connection.objects.create(
        company=company, codat_id=str(uuid.uuid4()), status=status, stage=stage, **values | fields
    )
