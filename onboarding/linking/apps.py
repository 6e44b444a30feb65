from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LinkingConfig(AppConfig):
    name = "onboarding.linking"
    verbose_name = _("customers and connections")

    def ready(self):
        from . import checks  # noqa: F401, PLC0415 - importing registers the system checks
