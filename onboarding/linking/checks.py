"""System checks: what is wrong with this deployment, and how to mend it."""

import os
import re
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import to_locale

from onboarding import error_reports


def _is_local(url: str) -> bool:
    return urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")


def _relaxed() -> bool:
    """Development and the demo do without real secrets; nothing else does."""
    return settings.DEBUG or settings.DEMO


@checks.register(checks.Tags.security)
def secrets_are_given(app_configs, **kwargs):
    if _relaxed():
        return []
    missing = [
        ("linking.E001", "SECRET_KEY", settings.SECRET_KEY_GIVEN, "a long random text"),
        ("linking.E002", "CODAT_API_KEY", settings.CODAT_API_KEY, "an API key from Codat's Portal"),
        (
            "linking.E003",
            "CODAT_WEBHOOK_SECRETS",
            settings.CODAT_WEBHOOK_SECRETS,
            "the webhook consumer's signing secret (whsec_…)",
        ),
        ("linking.E004", "LINK_KEYS", settings.LINK_KEYS_GIVEN, "a long random text"),
    ]
    return [
        checks.Error(f"{name} is not set.", hint=f"Set {name}, or {name}_FILE, to {what}.", id=id_)
        for id_, name, given, what in missing
        if not given
    ]


@checks.register(checks.Tags.security)
def simulator_is_not_used_for_real(app_configs, **kwargs):
    if _relaxed() or not _is_local(settings.CODAT_BASE_URL):
        return []
    return [
        checks.Error(
            "CODAT_BASE_URL points to this machine, where only the simulator can be.",
            hint="Leave CODAT_BASE_URL out to use Codat itself, or set DEMO=1 for a demo.",
            id="linking.E005",
        )
    ]


@checks.register(checks.Tags.database)
def sqlite_is_for_the_demo(app_configs, **kwargs):
    engine = settings.DATABASES["default"]["ENGINE"]
    if _relaxed() or not engine.endswith("sqlite3"):
        return []
    return [
        checks.Error(
            "SQLite serves the demo only.",
            hint="Set DATABASE_URL to a PostgreSQL database: postgres://user:password@host/name.",
            id="linking.E006",
        )
    ]


@checks.register(checks.Tags.security)
def portal_address_is_https(app_configs, **kwargs):
    if _relaxed() or settings.PORTAL_BASE_URL.startswith("https://"):
        return []
    return [
        checks.Error(
            "PORTAL_BASE_URL is not an https address.",
            hint="Set PORTAL_BASE_URL to the portal's own address, such as "
            "https://connect.example.com.",
            id="linking.E008",
        )
    ]


@checks.register(checks.Tags.security)
def webhook_secrets_are_readable(app_configs, **kwargs):
    wrong = [s for s in settings.CODAT_WEBHOOK_SECRETS if not re.match(r"^whsec_[\w+/=-]+$", s)]
    if not wrong:
        return []
    return [
        checks.Error(
            "CODAT_WEBHOOK_SECRETS holds a value that is not a signing secret.",
            hint="Copy the secret from the webhook consumer in Codat's Portal: whsec_….",
            id="linking.E009",
        )
    ]


@checks.register
def numbers_make_sense(app_configs, **kwargs):
    wrong = []
    if settings.SWEEP_SECONDS <= 0 or settings.LEASE_SECONDS <= settings.SWEEP_SECONDS:
        wrong.append(
            checks.Error(
                "LEASE_SECONDS must be longer than SWEEP_SECONDS, and both above zero.",
                hint="Leave both out to use the defaults, 120 and 1.",
                id="linking.E010",
            )
        )
    for name in ("PUBLIC_POST_LIMIT", "SELF_SERVICE_LIMIT"):
        if not re.fullmatch(r"\d+/\d+", getattr(settings, name)):
            wrong.append(
                checks.Error(
                    f"{name} is not understood.",
                    hint="Write it as count/seconds, such as 60/600.",
                    id="linking.E011",
                )
            )
    return wrong


@checks.register(checks.Tags.translation)
def languages_are_translated(app_configs, **kwargs):
    """English needs no translation: our sentences are written in it."""
    folder = Path(settings.LOCALE_PATHS[0])
    missing = [
        code
        for code, _name in settings.LANGUAGES
        if code.partition("-")[0] != "en"
        and not (folder / to_locale(code) / "LC_MESSAGES" / "django.mo").exists()
    ]
    if not missing:
        return []
    return [
        checks.Error(
            f"LANGUAGES offers {', '.join(missing)}, into which nothing is translated.",
            hint="Take it out of LANGUAGES, or translate onboarding/locale: docs/languages.md.",
            id="linking.E012",
        )
    ]


@checks.register
def firm_has_a_name(app_configs, **kwargs):
    if settings.FIRM_NAME or _relaxed():
        return []
    return [
        checks.Warning(
            "FIRM_NAME is not set; customers see no name until staff fill in the branding.",
            hint="Set FIRM_NAME, or fill in Branding in the admin.",
            id="linking.W001",
        )
    ]


@checks.register
def error_reports_are_sent(app_configs, **kwargs):
    if not settings.SENTRY_DSN or settings.SENTRY_STARTED:
        return []
    hint = "Install the portal with its extra: pip install 'onboarding[sentry]'."
    if not error_reports.is_understood(settings.SENTRY_DSN):
        hint = "Copy the DSN from Sentry's project settings: https://KEY@HOST/PROJECT."
    return [
        checks.Warning("SENTRY_DSN is set, but no error is reported.", hint=hint, id="linking.W002")
    ]


@checks.register
def files_can_be_kept(app_configs, **kwargs):
    """By this process: other ones may have other rights, and another disk."""
    folder = settings.FILES_DIR
    there = next(each for each in (folder, *folder.parents) if each.exists())
    if not settings.SEND_FILES or (there.is_dir() and os.access(there, os.W_OK | os.X_OK)):
        return []
    return [
        checks.Warning(
            f"Customers may send files, but FILES_DIR {folder} cannot be written.",
            hint="Set FILES_DIR to a folder of the portal's own, or leave SEND_FILES out.",
            id="linking.W003",
        )
    ]


def refuse_to_start_with_errors() -> None:
    """Run the checks and raise ImproperlyConfigured naming each error, its id and its hint."""
    serious = [message for message in checks.run_checks() if message.is_serious()]
    if serious:
        raise ImproperlyConfigured("\n".join(str(message) for message in serious))
