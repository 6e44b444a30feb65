"""Short ways to the rows that the desk shows."""

import uuid
from typing import Any

from django.contrib.auth.models import Group

from onboarding.accounts.models import User
from onboarding.linking import permissions
from onboarding.linking.models import Company, Connection
from tests.factories import make_company, make_connection


def make_user(name: str, group: str | None = None, **fields: Any) -> User:
    """Somebody besides the cast: a viewer without a group, a senior, one who is not staff."""
    fields = {"is_staff": True, "name": name, **fields}
    user = User.objects.create_user(f"{name.lower()}@example.com", "a-password", **fields)
    if group:
        permissions.create_groups()
        user.groups.add(Group.objects.get(name=group))
    return user


def register(owner: User | None, name: str = "Brook & Sons Ltd") -> Company:
    return make_company(name, email=f"{uuid.uuid4().hex[:8]}@customer.example", owner=owner)


def connect(
    company: Company, status: str = "Linked", stage: str = "ready", **more: Any
) -> Connection:
    return make_connection(company, status=status, stage=stage, **more)
