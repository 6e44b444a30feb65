"""Rows that every deployment begins with: the staff groups, and the categories of software."""

from django.db import transaction
from django.utils.translation import gettext_noop

from .models import Category
from .permissions import create_groups

DEFAULT_CATEGORIES = [
    {
        "slug": "accounting",
        "name": gettext_noop("Accounting software"),
        "source_types": ["Accounting"],
        "required": True,
        "order": 10,
    },
    {
        "slug": "commerce",
        "name": gettext_noop("Sales and payments"),
        "source_types": ["Commerce"],
        "allows_many": True,
        "order": 20,
    },
    {
        "slug": "banking",
        "name": gettext_noop("Bank accounts"),
        "source_types": ["Banking"],
        "allows_many": True,
        "order": 30,
    },
]


def create_default_categories() -> None:
    """Only where there is none: what staff changed or removed stays as they left it."""
    with transaction.atomic():
        if not Category.objects.exists():
            Category.objects.bulk_create(Category(**fields) for fields in DEFAULT_CATEGORIES)


def create_after_migration(sender, **kwargs) -> None:
    """A `post_migrate` handler; it runs after the one of Django that makes the permissions."""
    create_groups()
    create_default_categories()
