"""One settings file; everything that differs between deployments comes from the environment.

A fresh clone runs `manage.py check` with no variables set: the system checks in
`onboarding.linking.checks` then name what a real deployment still needs, and how to give it.
"""

import secrets
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONE, SELF

from . import error_reports
from .env import (
    env_bool,
    env_email,
    env_float,
    env_int,
    env_languages,
    env_list,
    env_secret,
    env_secret_list,
    env_str,
)

BASE_DIR = Path(__file__).resolve().parent.parent

# ── what kind of deployment ──────────────────────────────────────────────────────────────────────
DEBUG = env_bool("DEBUG")
DEMO = env_bool("DEMO")
SECRET_KEY = env_secret("SECRET_KEY")
SECRET_KEY_GIVEN = bool(SECRET_KEY)
if not SECRET_KEY_GIVEN:
    # Good for one process only; check linking.E001 refuses it for a real deployment.
    SECRET_KEY = secrets.token_urlsafe(50)
PORTAL_BASE_URL = env_str("PORTAL_BASE_URL", "http://localhost:8000").rstrip("/")
_portal = urlsplit(PORTAL_BASE_URL)
SECURE = _portal.scheme == "https"
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", _portal.hostname or "localhost")
CSRF_TRUSTED_ORIGINS = [PORTAL_BASE_URL]
TRUSTED_PROXY_HOPS = env_int("TRUSTED_PROXY_HOPS", 0)

# ── the firm, until staff fill in its branding ───────────────────────────────────────────────────
FIRM_NAME = env_str("FIRM_NAME", "Northbank" if DEMO else "")
FIRM_SUPPORT_EMAIL = env_str("FIRM_SUPPORT_EMAIL", "help@northbank.example" if DEMO else "")
FIRM_SUPPORT_PHONE = env_str("FIRM_SUPPORT_PHONE", "020 7946 0000" if DEMO else "")
FIRM_CACHE_SECONDS = env_float("FIRM_CACHE_SECONDS", 3)
"""How long a process may show the look, words and offers from before staff changed them."""
SELF_SERVICE = env_bool("SELF_SERVICE", default=DEMO)

# ── Codat ────────────────────────────────────────────────────────────────────────────────────────
CODAT_API_KEY = env_secret("CODAT_API_KEY")
CODAT_BASE_URL = env_str("CODAT_BASE_URL", "https://api.codat.io").rstrip("/")
CODAT_LINK_HOSTS = env_list("CODAT_LINK_HOSTS", "link.codat.io,link-api.codat.io")
LOGO_HOSTS = env_list("LOGO_HOSTS", "static.codat.io")
CODAT_WEBHOOK_SECRETS = env_secret_list("CODAT_WEBHOOK_SECRETS")
CODAT_ENV = env_str("CODAT_ENV", "demo" if DEMO else (_portal.hostname or ""))
CODAT_PAGE_SIZE = env_int("CODAT_PAGE_SIZE", 1000)
CODAT_WEB_TIMEOUT = env_float("CODAT_WEB_TIMEOUT", 6)
CODAT_WORKER_TIMEOUT = env_float("CODAT_WORKER_TIMEOUT", 20)
CODAT_RESERVE = env_float("CODAT_RESERVE", 0.2)
"""The share of the day's allowance that background work leaves to customers who wait."""
CODAT_PER_MINUTE = env_int("CODAT_PER_MINUTE", 900)
"""Below Codat's hard guard of 1,000 requests a minute from one address."""

# ── the engine: seconds ──────────────────────────────────────────────────────────────────────────
LEASE_SECONDS = env_float("LEASE_SECONDS", 120)
SWEEP_SECONDS = env_float("SWEEP_SECONDS", 1)
SWEEP_BATCH = env_int("SWEEP_BATCH", 200)
MAX_ATTEMPTS = env_int("MAX_ATTEMPTS", 5)
HINT_DEBOUNCE_SECONDS = env_float("HINT_DEBOUNCE_SECONDS", 2)
HINT_DEBOUNCE_IDLE_SECONDS = env_float("HINT_DEBOUNCE_IDLE_SECONDS", 60)
FIRST_READ_GRACE_SECONDS = env_float("FIRST_READ_GRACE_SECONDS", 120)
READ_STALLED_SECONDS = env_float("READ_STALLED_SECONDS", 2 * 3600)
LOSS_MAIL_SECONDS = env_float("LOSS_MAIL_SECONDS", 1800)
# After so long without a return to our pages, a connection was made in another browser.
LINKED_ELSEWHERE_SECONDS = env_float("LINKED_ELSEWHERE_SECONDS", 120)
IDLE_DAYS = env_int("IDLE_DAYS", 45)
"""Some software ends a permission that was not used for 60 to 100 days."""
STOPPED_SECONDS = env_float("STOPPED_SECONDS", 3600)
COMPARE_SECONDS = env_float("COMPARE_SECONDS", 3600)
COMPARE_LIMIT_SECONDS = env_int("COMPARE_LIMIT_SECONDS", 3000)
"""How long one pass may take: at some 800 companies a second, more than two million of them."""
WRITE_KEY_MINUTES = env_float("WRITE_KEY_MINUTES", 80)
WRITE_REPEAT_SECONDS = [float(s) for s in env_list("WRITE_REPEAT_SECONDS", "1,3,10,30,60,300")]
WRITE_LOOKUP_SECONDS = [float(s) for s in env_list("WRITE_LOOKUP_SECONDS", "0,30,120")]

# ── customers ────────────────────────────────────────────────────────────────────────────────────
INVITATION_DAYS = env_int("INVITATION_DAYS", 14)
SIGN_IN_LINK_MINUTES = env_int("SIGN_IN_LINK_MINUTES", 15)
REMINDER_DAYS = [float(days) for days in env_list("REMINDER_DAYS", "2,5,10") if float(days)][:3]
"""After how many days without a step a customer is reminded: three times at most; 0: never."""
DIGEST_HOUR = env_int("DIGEST_HOUR", 16)
"""When, by their own clock, account managers are told of the day's losses; below 0: never."""
DELETION_ANSWER_DAYS = env_int("DELETION_ANSWER_DAYS", 30)
KNOWN_BUSINESS_STOPS = env_bool("KNOWN_BUSINESS_STOPS", default=True)
"""Whether a customer whose registration number another customer has waits until staff compared."""
KNOWN_BUSINESS_ANSWER_DAYS = env_int("KNOWN_BUSINESS_ANSWER_DAYS", 2)
SEND_FILES = env_bool("SEND_FILES", default=DEMO)
"""Customers whose software cannot be connected may send files instead."""
FILES_DIR = Path(env_str("FILES_DIR") or BASE_DIR / "files")
FILES_ANSWER_DAYS = env_int("FILES_ANSWER_DAYS", 5)
SESSION_IDLE_MINUTES = env_int("SESSION_IDLE_MINUTES", 30)
LINK_KEYS = env_secret_list("LINK_KEYS") or [SECRET_KEY]
LINK_KEYS_GIVEN = bool(env_secret_list("LINK_KEYS"))
CLOSED_FOR_WORK = env_str("CLOSED_FOR_WORK")
PUBLIC_POST_LIMIT = env_str("PUBLIC_POST_LIMIT", "60/600")
SELF_SERVICE_LIMIT = env_str("SELF_SERVICE_LIMIT", "6/3600")
"""How many public POSTs one subject or address may send in how many seconds."""

# ── Django ───────────────────────────────────────────────────────────────────────────────────────
INSTALLED_APPS = [
    "onboarding.apps.OnboardingAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "django_htmx",
    "onboarding.accounts",
    "onboarding.linking",
    "onboarding.ui",
    *(["onboarding.demo"] if DEMO else []),
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Pages for phones on trains. It adds random bytes, so that lengths tell nothing (BREACH), and
    # the CSRF token is masked anew each time.
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "onboarding.journey.languages.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "onboarding.journey.closing.ClosedForWork",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "onboarding.journey.opened_as_a_page.opened_as_a_page",
]
ROOT_URLCONF = "onboarding.urls"
WSGI_APPLICATION = "onboarding.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "onboarding.linking.context_processors.firm",
                "onboarding.journey.context.doors",
            ],
        },
    }
]

DATABASE_URL = env_secret("DATABASE_URL", f"sqlite:///{BASE_DIR / 'db.sqlite3'}")
DATABASES = {"default": dj_database_url.parse(DATABASE_URL, conn_health_checks=True)}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # WAL without IMMEDIATE loses writes to “database is locked” as soon as two processes write.
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = env_int("CONN_MAX_AGE", 60)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env_secret("REDIS_URL", "redis://localhost:6379/0")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "desk:worklist"
LOGOUT_REDIRECT_URL = "accounts:login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"onboarding.accounts.passwords.{name}"}
    for name in ("LongEnough", "NotLikeTheUser", "Uncommon", "NotOnlyDigits")
]

LANGUAGES = env_languages("LANGUAGES", "en")
LANGUAGE_CODE = LANGUAGES[0][0]
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SECURE = SECURE
LANGUAGE_COOKIE_SAMESITE = "Lax"
FORMAT_MODULE_PATH = "onboarding.ui.formats"
LOCALE_PATHS = [BASE_DIR / "onboarding" / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
WHITENOISE_ALLOW_ALL_ORIGINS = False  # no page of another origin uses them
STATIC_ROOT = Path(env_str("STATIC_ROOT") or BASE_DIR / "staticfiles")
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
    # What customers send. Outside of all that is served; staff download it at the desk.
    "files": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": FILES_DIR,
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
}

# ── mail ─────────────────────────────────────────────────────────────────────────────────────────
globals().update(env_email(env_secret("EMAIL_URL", "console://")))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env_str("DEFAULT_FROM_EMAIL", f"no-reply@{_portal.hostname or 'localhost'}")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# ── browser security ─────────────────────────────────────────────────────────────────────────────
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "onboarding.journey.views.form_too_old"
SECURE_SSL_REDIRECT = SECURE and env_bool("SECURE_SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = env_int("SECURE_HSTS_SECONDS", 31_536_000 if SECURE else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = env_bool("SECURE_HSTS_SUBDOMAINS")
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if SECURE and TRUSTED_PROXY_HOPS else None
)
# `no-referrer` would send `Origin: null`, and Django would refuse our own forms.
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
LEAVING_FORM_ACTION = [SELF, "https:", *(["http:"] if DEMO or DEBUG else [])]
"""Pages whose form ends at the software's sign-in: browsers hold the whole redirect chain to it."""
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
FILE_UPLOAD_HANDLERS = ["onboarding.journey.uploads.SmallUploads"]
WEBHOOK_MAX_BYTES = 256_000

# ── Celery ───────────────────────────────────────────────────────────────────────────────────────
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "codat"
CELERY_TASK_ROUTES = {
    "onboarding.linking.tasks.sweep": {"queue": "interactive"},
    "onboarding.linking.tasks.send_email": {"queue": "mail"},
}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_SOFT_TIME_LIMIT = 100
CELERY_TASK_TIME_LIMIT = 115
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 1,
    "socket_timeout": 5,
    "retry_on_timeout": False,
    # Without it a nudge to a stopped Redis holds its page for six seconds.
    "max_retries": 0,
}
# A dead broker must not slow a page: publish once, quickly, and let the sweep find the row.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BEAT_SCHEDULER = "onboarding.health.scheduler:ReportingScheduler"
CELERY_BEAT_SCHEDULE_FILENAME = env_str("BEAT_SCHEDULE_FILE", "celerybeat-schedule")
CELERY_BEAT_MAX_LOOP_INTERVAL = min(1.0, SWEEP_SECONDS)
CELERY_BEAT_SCHEDULE = {
    "sweep": {
        "task": "onboarding.linking.tasks.sweep",
        "schedule": timedelta(seconds=SWEEP_SECONDS),
        "options": {"expires": 60, "queue": "interactive"},
    },
    "compare-pages": {
        "task": "onboarding.linking.tasks.compare_pages",
        "schedule": timedelta(seconds=COMPARE_SECONDS),
        "options": {"expires": 60, "queue": "codat"},
    },
    "probe-pauses": {
        "task": "onboarding.linking.tasks.probe",
        "schedule": timedelta(seconds=60),
        "options": {"expires": 60, "queue": "codat"},
    },
    "refresh-catalogue": {
        "task": "onboarding.linking.tasks.refresh_catalogue",
        "schedule": timedelta(hours=6),
        "options": {"expires": 60, "queue": "codat"},
    },
    "plan-digests": {
        "task": "onboarding.linking.tasks.plan_digests",
        "schedule": timedelta(minutes=5),
        "options": {"expires": 60, "queue": "mail"},
    },
    "prune": {
        "task": "onboarding.linking.tasks.prune",
        "schedule": timedelta(hours=24),
        "options": {"expires": 60, "queue": "codat"},
    },
}

# ── logging: event first, ids as fields, no personal data, no link tokens ────────────────────────
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"cover": {"()": error_reports.CoverSecrets}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["cover"],
        }
    },
    # At DEBUG it prints paths and queries, and with them ids and one-time passwords.
    "loggers": {"urllib3": {"level": "INFO"}},
    "root": {"handlers": ["console"], "level": env_str("LOG_LEVEL", "INFO")},
}

# ── error reports: nothing is sent anywhere unless an address is given ───────────────────────────
SENTRY_DSN = env_secret("SENTRY_DSN")
SENTRY_STARTED = bool(SENTRY_DSN) and error_reports.start(SENTRY_DSN, environment=CODAT_ENV)
