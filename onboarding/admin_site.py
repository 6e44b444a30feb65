from urllib.parse import urlencode

from django.contrib import admin
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class OnboardingAdminSite(admin.AdminSite):
    """Django's admin with the portal's titles; active staff only, as Django does it."""

    site_title = _("Onboarding")
    site_header = _("Onboarding administration")
    index_title = _("Overview")
    index_template = "admin/overview.html"
    site_url = "/desk/"

    def index(self, request, extra_context=None):
        """The tables, below what needs no table to be seen."""
        # The site is made before the apps are ready; the services need their tables.
        from onboarding.linking.services.allowance import allowance  # noqa: PLC0415

        context = {**(extra_context or {})}
        if request.user.has_perm("linking.view_callcount"):
            context["shows_allowance"] = True
            context["allowance"] = allowance(now=timezone.now())
        return super().index(request, context)

    def login(self, request, extra_context=None):
        """There is one sign-in page for staff: the one that limits tries."""
        query = urlencode({"next": request.GET.get("next") or reverse("admin:index")})
        return HttpResponseRedirect(f"{reverse('accounts:login')}?{query}")
