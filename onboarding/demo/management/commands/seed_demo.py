"""Makes the demo's staff. Safe to run again: what exists keeps its changes."""

from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from onboarding.demo.logins import LOGINS, PASSWORD, Login
from onboarding.linking.permissions import create_groups


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
        """Customers of the two managers come with the desk."""
