from django.conf import settings
from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("onboarding.accounts.urls")),
    path("desk/", include("onboarding.desk.urls")),
    path("webhooks/", include("onboarding.webhooks.urls")),
    path("health/", include("onboarding.health.urls")),
    *([path("demo/", include("onboarding.demo.urls"))] if settings.DEMO else []),
    path("", include("onboarding.journey.urls")),
]

handler400 = "onboarding.journey.views.bad_request"
handler403 = "onboarding.journey.views.permission_denied"
handler404 = "onboarding.journey.views.page_not_found"
handler500 = "onboarding.journey.views.server_error"
