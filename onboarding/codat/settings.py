"""The profile and the sync settings of our instance. Codat Platform API: Settings."""

from __future__ import annotations

from .operations import Operations, read
from .types import SyncSettings


class Settings(Operations):
    """`/profile` and `…/syncSettings`"""

    def get_profile_sync_settings(self) -> SyncSettings:
        """How data types are read by default, and the `client_id` that tells our instance."""
        answer = self._send("get-profile-syncSettings", "GET", "/profile/syncSettings")
        return read(answer, SyncSettings.from_json)
