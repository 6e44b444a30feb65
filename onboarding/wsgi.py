"""WSGI entry. A wrong configuration stops the server here, in words, before it serves a page."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onboarding.settings")

application = get_wsgi_application()

from onboarding.linking.checks import refuse_to_start_with_errors  # noqa: E402 - needs the apps

refuse_to_start_with_errors()
