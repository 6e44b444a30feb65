from django.contrib.admin.apps import AdminConfig


class OnboardingAdminConfig(AdminConfig):
    default_site = "onboarding.admin_site.OnboardingAdminSite"
