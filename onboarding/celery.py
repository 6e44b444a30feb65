"""The Celery app.

It stays lazy: settings are read when a task or worker first needs them, so that importing
`onboarding.codat` or running `python -m onboarding.simulator` needs no portal environment.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onboarding.settings")

app = Celery("onboarding")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["onboarding.linking"])
