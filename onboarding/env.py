"""Settings from the environment; each helper refuses nonsense instead of guessing."""

import os
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf.locale import LANG_INFO
from django.core.exceptions import ImproperlyConfigured


def env_str(name: str, default: str = "") -> str:
    return os.environ.get(name, default).strip()


def env_bool(name: str, *, default: bool = False) -> bool:
    value = env_str(name)
    if not value:
        return default
    words = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    try:
        return words[value.lower()]
    except KeyError:
        raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}.") from None


def env_int(name: str, default: int) -> int:
    value = env_str(name)
    if not value:
        return default
    try:
        return int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.") from None


def env_float(name: str, default: float) -> float:
    value = env_str(name)
    if not value:
        return default
    try:
        return float(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a number, not {value!r}.") from None


def env_list(name: str, default: str = "") -> list[str]:
    """Values separated by commas; empty ones are dropped, and an empty variable is not set."""
    return [part.strip() for part in (env_str(name) or default).split(",") if part.strip()]


def env_languages(name: str, default: str) -> list[tuple[str, str]]:
    """Codes of languages separated by commas, each with its English name, as Django wants them."""
    codes = [code.lower() for code in env_list(name, default)]
    unknown = [code for code in codes if "name" not in LANG_INFO.get(code, {})]
    if unknown:
        raise ImproperlyConfigured(f"{name} names languages that Django does not know: {unknown}.")
    return [(code, LANG_INFO[code]["name"]) for code in dict.fromkeys(codes)]


def env_secret(name: str, default: str = "") -> str:
    """A secret from `NAME`, or from the file that `NAME_FILE` points to (as container secrets do).

    An unreadable file is an error: an empty secret would be worse than no start.
    The value never appears in the message.
    """
    file_name = env_str(f"{name}_FILE")
    if not file_name:
        return env_str(name, default)
    try:
        return Path(file_name).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"{name}_FILE names a file that cannot be read: {error.strerror}."
        ) from None


def env_secret_list(name: str) -> list[str]:
    """Several secrets separated by commas or line ends: the first signs, all are accepted."""
    raw = env_secret(name).replace("\n", ",")
    return [part.strip() for part in raw.split(",") if part.strip()]


def env_email(url: str) -> dict[str, object]:
    """Django's mail settings from one URL.

    `smtp://user:password@host:587/?tls=1` (or `ssl=1`), `file:///folder`, `console://`.
    """
    parts = urlsplit(url)
    if parts.scheme == "console":
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    if parts.scheme == "file":
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": unquote(parts.path),
        }
    if parts.scheme == "smtp" and parts.hostname:
        options = parse_qs(parts.query)
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": parts.hostname,
            "EMAIL_PORT": parts.port or 25,
            "EMAIL_HOST_USER": unquote(parts.username or ""),
            "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
            "EMAIL_USE_TLS": options.get("tls") == ["1"],
            "EMAIL_USE_SSL": options.get("ssl") == ["1"],
        }
    raise ImproperlyConfigured(
        "EMAIL_URL must look like smtp://user:password@host:587/?tls=1, file:///folder or console://."
    )
