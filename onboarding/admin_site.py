from django.contrib import admin
from django.utils.translation import gettext_lazy as _


class OnboardingAdminSite(admin.AdminSite):
    """Django's admin with the portal's titles; active staff only, as Django does it."""

    site_title = _("Onboarding")
    site_header = _("Onboarding administration")
    index_title = _("Overview")
