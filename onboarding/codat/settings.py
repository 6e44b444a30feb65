"""The profile and the sync settings of our instance. Codat Platform API: Settings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from . import fields
from .operations import Operations, path, read
from .types import SyncSetting, SyncSettings


@dataclass(frozen=True)
class Profile:
    """Our instance as Codat knows it. `redirect_url` is the template Link sends browsers back to.

    The API key that Codat still repeats here is dropped on reading.
    """

    name: str
    redirect_url: str = ""
    logo_url: str = ""
    icon_url: str = ""
    white_list_urls: tuple[str, ...] = ()
    confirm_company_name: bool = False

    @classmethod
    def from_json(cls, data: Any) -> Profile:
        data = fields.mapping(data)
        return cls(
            name=fields.text(data, "name"),
            redirect_url=fields.text(data, "redirectUrl"),
            logo_url=fields.text(data, "logoUrl"),
            icon_url=fields.text(data, "iconUrl"),
            white_list_urls=fields.texts(data, "whiteListUrls"),
            confirm_company_name=fields.flag(data, "confirmCompanyName"),
        )


class Settings(Operations):
    """`/profile` and `…/syncSettings`"""

    def get_profile(self) -> Profile:
        """Our instance's name, redirect template and allowed redirect addresses."""
        return read(self._send("get-profile", "GET", "/profile"), Profile.from_json)

    def get_profile_sync_settings(self) -> SyncSettings:
        """How data types are read by default, and the `client_id` that tells our instance."""
        answer = self._send("get-profile-syncSettings", "GET", "/profile/syncSettings")
        return read(answer, SyncSettings.from_json)

    def update_profile_sync_settings(
        self,
        *,
        client_id: str,
        settings: Iterable[SyncSetting],
        overrides_defaults: bool = True,
        idempotency_key: str | None = None,
    ) -> None:
        """Set how data types are read by default, one setting per data type."""
        self._send(
            "update-profile-syncSettings",
            "POST",
            "/profile/syncSettings",
            body={
                "clientId": client_id,
                "settings": [setting.to_json() for setting in settings],
                "overridesDefaults": overrides_defaults,
            },
            idempotency_key=idempotency_key,
        )

    def get_company_sync_settings(self, company_id: str) -> SyncSettings:
        """How the data types of one company are read."""
        answer = self._send(
            "get-company-syncSettings", "GET", path("/companies/{id}/syncSettings", id=company_id)
        )
        return read(answer, SyncSettings.from_json)

    def set_company_sync_settings(
        self,
        company_id: str,
        *,
        settings: Iterable[SyncSetting],
        overrides_defaults: bool = True,
        idempotency_key: str | None = None,
    ) -> None:
        """Set how the data types of one company are read.

        Raises `AccountLimitError` for a schedule that our plan does not include.
        """
        self._send(
            "set-company-syncSettings",
            "POST",
            path("/companies/{id}/syncSettings", id=company_id),
            body={
                "companyId": company_id,
                "settings": [setting.to_json() for setting in settings],
                "overridesDefaults": overrides_defaults,
            },
            idempotency_key=idempotency_key,
        )
