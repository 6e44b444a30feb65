"""Mirroring what Codat offers (`GET /integrations`), and keeping the platforms' logos ourselves."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.db.models import Count, Q
from urllib3.exceptions import HTTPError

from onboarding import codat
from onboarding.linking import pictures
from onboarding.linking.models import Connection, Platform
from onboarding.linking.platform_notes import starting_values

logger = logging.getLogger(__name__)

_UNUSABLE = ("NotSupported", "NotImplemented")


def refresh_catalogue(client: codat.Client, *, now: datetime) -> int:
    """Bring Codat's columns up to date; what is no longer listed gets `gone_at`. Returns the count.

    Our own columns (shown, order, note …) get a starting value once, and are then never touched.
    """
    seen = list(client.list_integrations())
    for integration in seen:
        codats = {
            "integration_id": integration.integration_id[:64],
            "source_type": integration.source_type[:32],
            "name": integration.name[:120],
            "enabled": integration.enabled,
            "is_offline": integration.is_offline_connector,
            "is_beta": integration.is_beta,
            "features": _features(integration),
            "logo_url": integration.logo_url[:500],
            "seen_at": now,
            "gone_at": None,
        }
        ours = starting_values(integration.key, integration.name)
        Platform.objects.update_or_create(
            key=integration.key, defaults=codats, create_defaults={**codats, **ours}
        )
    if seen:
        listed = [integration.key for integration in seen]
        Platform.objects.filter(gone_at__isnull=True).exclude(key__in=listed).update(gone_at=now)
    _count_connected()
    return len(seen)


def _count_connected() -> None:
    """How many customers ever connected each platform; the list begins with the popular ones."""
    linked = Connection.objects.filter(linked_first_at__isnull=False).order_by()
    counts = dict(
        linked.values_list("platform_key").annotate(count=Count("company", distinct=True))
    )
    changed = [
        p for p in Platform.objects.without_pictures() if p.connected != counts.get(p.key, 0)
    ]
    for platform in changed:
        platform.connected = counts.get(platform.key, 0)
    Platform.objects.bulk_update(changed, ["connected"])


def _features(integration: codat.Integration) -> dict[str, list[str]]:
    return {
        feature.data_type: [
            kind for kind, state in feature.supported.items() if state not in _UNUSABLE
        ]
        for feature in integration.features
    }


def fetch_logos() -> int:
    """Fetch, re-encode and keep the logos that are missing. Returns how many were kept.

    Only workers do this: the browser of a customer never loads anything from elsewhere.
    """
    kept = 0
    for platform in Platform.objects.filter(Q(logo=None) | Q(logo_hash="")).exclude(logo_url=""):
        image = _fetch_logo(platform.logo_url)
        if image is None:
            continue
        platform.logo = image.png
        platform.logo_hash = image.digest
        platform.save(update_fields=["logo", "logo_hash"])
        kept += 1
    return kept


BUTTONS_AGAIN_AFTER = timedelta(days=30)


def fetch_buttons(client: codat.Client, *, now: datetime) -> int:
    """Ask what is on offer for its branded button, at most once in 30 days; keep it as logos are.

    Some software may only be chosen by its own button (FACTS, `get-integrations-branding`).
    Returns how many were kept. Trouble at Codat leaves the rest for the next time.
    """
    kept = 0
    due = Q(button_asked_at=None) | Q(button_asked_at__lt=now - BUTTONS_AGAIN_AFTER)
    for platform in Platform.objects.on_offer().filter(due).defer("logo"):
        try:
            wanted = client.get_integrations_branding(platform.key)
        except codat.NotFoundError:
            wanted = None
        except codat.CodatError as error:
            logger.warning("buttons_not_asked %s", type(error).__name__)
            break
        for name, image in (
            ("button", wanted and wanted.button_default),
            ("button_hover", wanted and wanted.button_default and wanted.button_hover),
        ):
            picture = _fetch_logo(image.src, pictures.platform_button) if image else None
            setattr(platform, name, picture and picture.png)
            setattr(platform, f"{name}_hash", picture.digest if picture else "")
        platform.button_asked_at = now
        columns = ["button", "button_hash", "button_hover", "button_hover_hash"]
        platform.save(update_fields=[*columns, "button_asked_at"])
        kept += bool(platform.button_hash)
    return kept


def _fetch_logo(
    url: str, draw: Callable[[bytes], pictures.Picture] = pictures.platform_logo
) -> pictures.Picture | None:
    host = urlsplit(url).netloc
    schemes = ("https", "http") if settings.DEMO else ("https",)
    if urlsplit(url).scheme not in schemes or host not in settings.LOGO_HOSTS:
        logger.warning("logo_host_not_allowed host=%s", urlsplit(url).hostname)
        return None
    try:
        answer = requests.get(url, timeout=(3, 5), allow_redirects=False, stream=True)
        if answer.status_code != 200:
            return None
        raw = answer.raw.read(pictures.MAX_BYTES + 1, decode_content=True)
        return None if len(raw) > pictures.MAX_BYTES else draw(raw)
    except (requests.RequestException, HTTPError, OSError, ValueError) as error:
        logger.warning("logo_not_fetched host=%s %s", urlsplit(url).hostname, type(error).__name__)
        return None
