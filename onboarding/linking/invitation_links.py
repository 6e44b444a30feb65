"""Mailed links: signing and reading them; absolute addresses; where a browser may be sent."""

import base64
import uuid
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse

from .models import Invitation


def _signer(purpose: str) -> Signer:
    key, *fallbacks = settings.LINK_KEYS
    # A sign-in link must never pass for an invitation: each purpose signs with its own salt.
    return Signer(key=key, fallback_keys=fallbacks, sep=".", salt=f"linking.invitation.{purpose}")


def _encode(public_id: uuid.UUID) -> str:
    return base64.urlsafe_b64encode(public_id.bytes).rstrip(b"=").decode()


def _decode(text: str) -> uuid.UUID:
    return uuid.UUID(bytes=base64.urlsafe_b64decode(text + "=="))


def make_token(invitation: Invitation) -> str:
    """The token of a mailed link, made anew whenever a mail is rendered and stored nowhere."""
    return _signer(invitation.purpose).sign(_encode(invitation.public_id))


def read_token(token: str) -> Invitation | None:
    """The invitation a token belongs to, whatever has become of it; None for anything altered."""
    encoded, _, signature = token.partition(".")
    if not signature or len(token) > 200 or not token.isascii():
        return None
    try:
        public_id = _decode(encoded)
    except ValueError:
        return None
    invitation = (
        Invitation.objects.select_related("company", "recipient", "connection", "sent_by")
        .filter(public_id=public_id)
        .first()
    )
    if invitation is None:
        return None
    try:
        _signer(invitation.purpose).unsign(token)
    except BadSignature:
        return None
    return invitation


def absolute_url(path: str) -> str:
    return settings.PORTAL_BASE_URL + path


def invitation_url(invitation: Invitation) -> str:
    return absolute_url(reverse("journey:invitation", args=[make_token(invitation)]))


def stop_url(invitation: Invitation) -> str:
    """Where the person who got this link stops our reminders."""
    return absolute_url(reverse("journey:stop_reminders", args=[make_token(invitation)]))


def is_allowed_destination(url: str, hosts: list[str]) -> bool:
    """Whether a browser may be sent there: https, a host (with port) of ours, no user names."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    schemes = {"https", "http"} if settings.DEMO or settings.DEBUG else {"https"}
    host = parts.hostname or ""
    if parts.scheme not in schemes or "@" in parts.netloc or "\\" in url or not host:
        return False
    return (f"{host}:{port}" if port else host) in hosts


def with_parameter(url: str, name: str, value: str) -> str:
    """The URL with one more query parameter; a one-time password in it stays."""
    parts = urlsplit(url)
    query = [*parse_qsl(parts.query, keep_blank_values=True), (name, value)]
    return urlunsplit(parts._replace(query=urlencode(query)))
