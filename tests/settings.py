"""The portal's own settings with what tests need: quick hashing, no manifest, known keys."""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("DEMO", "1")
os.environ.setdefault("SECRET_KEY", "tests-only")
os.environ.setdefault("PORTAL_BASE_URL", "http://testserver")

from onboarding.settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "tests.quick_flush"]  # noqa: F405
ALLOWED_HOSTS = ["*"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "files": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
FILES_DIR = Path(tempfile.gettempdir())  # for what is still coming in
FIRM_CACHE_SECONDS = 0  # a test's rows are gone with the test
REDIS_URL = CELERY_BROKER_URL = "redis://127.0.0.1:9/0"  # nobody's; `real_redis` gives a real one
