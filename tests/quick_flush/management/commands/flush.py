"""What Django calls after each test with real transactions: a database as new, in a moment.

Django empties all tables and makes every permission anew; and TRUNCATE on PostgreSQL takes far
longer than DELETE for tables with a handful of rows.
"""

from functools import cache

from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand
from django.db import connection, transaction
from django.db.models import Model

from onboarding.linking.first_rows import create_after_migration
from onboarding.linking.models import Category

KEPT = {"django_content_type", "auth_permission"}
"""Written by migrations alone."""

FIRST = (Group, Group.permissions.through, Category)
"""Written after them by `create_after_migration`."""


class Command(BaseCommand):
    help = "Empties all tables but for the rows that migrations make."
    stealth_options = (
        *("interactive", "database", "reset_sequences", "allow_cascade", "inhibit_post_migrate"),
    )

    def handle(self, **options):
        assert options["database"] == connection.alias
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in _statements(connection.vendor):
                cursor.execute(statement)
            for model, rows in _first_rows().items():
                model.objects.bulk_create(rows, ignore_conflicts=True)


@cache
def _first_rows() -> dict[type[Model], list[Model]]:
    """All that `create_after_migration` makes: asked once, since it takes twenty statements."""
    create_after_migration(sender=None)
    return {model: list(model.objects.all()) for model in FIRST}


@cache
def _statements(vendor: str) -> list[str]:
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    deletions = [f'DELETE FROM "{name}"' for name in names if name not in KEPT]
    return ["; ".join(deletions)] if vendor == "postgresql" else deletions
