from urllib.parse import urlencode

from django.contrib import admin
from django.http import HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _


class OnboardingAdminSite(admin.AdminSite):
    """Django's admin with the portal's titles; active staff only, as Django does it."""

    site_title = _("Onboarding")
    site_header = _("Onboarding administration")
    index_title = _("Overview")
    index_template = "admin/overview.html"
    site_url = "/desk/"

    def get_urls(self):
        csv_view = self.admin_view(self.overview_csv)
        return [path("overview.csv", csv_view, name="overview_csv"), *super().get_urls()]

    def index(self, request, extra_context=None):
        """The tables, below what needs no table to be seen."""
        from onboarding.linking.admin import overview  # noqa: PLC0415 - made before the apps are

        context = {**overview.context(request), **(extra_context or {})}
        return super().index(request, context)

    def overview_csv(self, request):
        from onboarding.linking.admin import overview  # noqa: PLC0415 - as above

        return overview.as_csv(request)

    def password_change(self, request, extra_context=None):
        """As with the sign-in: one page of ours, in the portal's look."""
        return HttpResponseRedirect(reverse("accounts:password_change"))

    def login(self, request, extra_context=None):
        """There is one sign-in page for staff: the one that limits tries."""
        query = urlencode({"next": request.GET.get("next") or reverse("admin:index")})
        return HttpResponseRedirect(f"{reverse('accounts:login')}?{query}")
