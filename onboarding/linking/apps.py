from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class LinkingConfig(AppConfig):
    name = "onboarding.linking"
    verbose_name = _("customers and connections")

    def ready(self):
        from . import checks, permissions  # noqa: F401, PLC0415 - importing registers the checks

        # Permissions are made by Django's own handler of this signal, so groups come after it.
        post_migrate.connect(permissions.create_groups_after_migration, sender=self)
