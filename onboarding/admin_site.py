from urllib.parse import urlencode

from django.contrib import admin
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class OnboardingAdminSite(admin.AdminSite):
    """Django's admin with the portal's titles; active staff only, as Django does it."""

    site_title = _("Onboarding")
    site_header = _("Onboarding administration")
    index_title = _("Overview")
    site_url = "/desk/"

    def login(self, request, extra_context=None):
        """There is one sign-in page for staff: the one that limits tries."""
        query = urlencode({"next": request.GET.get("next") or reverse("admin:index")})
        return HttpResponseRedirect(f"{reverse('accounts:login')}?{query}")
