"""Makes the demo's staff and a few customers of theirs.

Safe to run again: what exists keeps its changes. Codat hears of a customer when that one begins.
"""

import uuid
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from onboarding.demo.logins import LOGINS, PASSWORD, Login
from onboarding.linking.models import Company
from onboarding.linking.permissions import create_groups
from onboarding.linking.services.onboarding import register_company

CUSTOMERS = {
    "manager@example.com": (
        ("Brook & Sons Ltd", "Bea Brook", "bea@brook-and-sons.example"),
        ("Harbour Bakery", "Hari Harbour", "hari@harbour-bakery.example"),
    ),
    "manager2@example.com": (
        ("Hill Street Motors Ltd", "Hilda Hill", "hilda@hill-street-motors.example"),
        ("Lantern Books", "Leo Lantern", "leo@lantern-books.example"),
    ),
}


class Command(BaseCommand):
    help = "Makes the demo's staff users and their customers, where they are missing."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("The demo's users have a public password: only with DEMO=1.")
        with transaction.atomic():
            create_groups()
            made = [login for login in LOGINS if self._make_user(login)]
            self._make_companies()
        self.stdout.write(f"Done! Made {len(made)} of {len(LOGINS)} users.")

    def _make_user(self, login: Login) -> bool:
        users = get_user_model().objects
        if users.filter(email=login.email).exists():
            return False
        make = users.create_superuser if login.is_superuser else users.create_user
        user = make(email=login.email, password=PASSWORD, name=login.name)
        user.is_staff = True
        user.save(update_fields=["is_staff"])
        if login.group:
            user.groups.add(Group.objects.get(name=login.group))
        return True

    def _make_companies(self) -> None:
        """Customers whom nobody has invited yet, so that the desk has something to do."""
        for manager, customers in CUSTOMERS.items():
            owner = get_user_model().objects.get(email=manager)
            for name, contact_name, email in customers:
                register_company(
                    true_name=name,
                    email=email,
                    contact_name=contact_name,
                    origin=Company.Origin.STAFF,
                    owner=owner,
                    by=owner,
                    # The same key finds the same company, however often this runs.
                    start_key=uuid.uuid5(uuid.NAMESPACE_DNS, email.partition("@")[2]),
                    now=timezone.now(),
                )
