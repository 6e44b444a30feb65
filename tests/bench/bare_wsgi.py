"""The bare server: the least that a Django view of each kind can do. Settings: bare.py."""

import os
import uuid

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.bare"

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()

from django.http import HttpRequest, HttpResponse  # noqa: E402 - the models need the apps
from django.shortcuts import render  # noqa: E402
from django.urls import path  # noqa: E402
from django.utils import timezone  # noqa: E402
from django.views.decorators.csrf import csrf_exempt  # noqa: E402

from onboarding.linking.models import WebhookEvent  # noqa: E402


@csrf_exempt
def insert(request: HttpRequest) -> HttpResponse:
    """Verifies nothing and inserts one row."""
    _ = request.body  # unread, it would cost the connection
    WebhookEvent.objects.create(
        webhook_id=uuid.uuid4().hex, type="bare", received_at=timezone.now()
    )
    return HttpResponse("ok")


def page(request: HttpRequest) -> HttpResponse:
    """A database session and a template."""
    lines = [f"line {number}" for number in range(request.session["lines"])]
    return render(request, "page.html", {"title": "A bare page", "lines": lines})


urlpatterns = [path("insert", insert), path("page", page)]
