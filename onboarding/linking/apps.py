from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class LinkingConfig(AppConfig):
    name = "onboarding.linking"
    verbose_name = _("Customers and connections")

    def ready(self):
        from . import checks, first_rows  # noqa: F401, PLC0415 - importing registers the checks

        post_migrate.connect(first_rows.create_after_migration, sender=self)
