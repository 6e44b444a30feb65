"""The client's profile and sync settings, and each company's own."""

from typing import Any

from onboarding.simulator.answers import Answer, ApiError
from onboarding.simulator.catalogue import DATA_TYPES
from onboarding.simulator.world import World

from .operation import find_company, invalid, json_body, operation


@operation("GET", "/profile/syncSettings", operation_id="get-profile-syncSettings")
def get_profile_sync_settings(world: World) -> Answer:
    return {
        "clientId": world.misc["client_id"],
        "settings": world.misc["sync_settings"],
        "overridesDefaults": world.misc.get("overrides_defaults", False),
    }, 200


@operation("POST", "/profile/syncSettings", operation_id="update-profile-syncSettings")
def update_profile_sync_settings(world: World) -> Answer:
    body = json_body()
    if body.get("clientId") != world.misc["client_id"]:
        raise invalid("clientId", "'clientId' is not that of this client.")
    world.remember("sync_settings", _merged(world, world.misc["sync_settings"], body))
    world.remember("overrides_defaults", bool(body.get("overridesDefaults", True)))
    return None, 204


@operation("GET", "/companies/<company_id>/syncSettings", operation_id="get-company-syncSettings")
def get_company_sync_settings(world: World, company_id: str) -> Answer:
    company = find_company(world, company_id)
    return {
        "companyId": company.id,
        "settings": world.sync_settings_of(company),
        "overridesDefaults": company.overrides_defaults,
    }, 200


@operation("POST", "/companies/<company_id>/syncSettings", operation_id="set-company-syncSettings")
def set_company_sync_settings(world: World, company_id: str) -> Answer:
    company, body = find_company(world, company_id), json_body()
    if body.get("companyId") != company.id:
        raise invalid("companyId", "'companyId' is not that of the address.")
    company.sync_settings = _merged(world, world.sync_settings_of(company), body)
    company.overrides_defaults = bool(body.get("overridesDefaults", True))
    world.save(company)
    return None, 204


def _merged(
    world: World, current: list[dict[str, Any]], body: dict[str, Any]
) -> list[dict[str, Any]]:
    """The settings with those of the body in place of their data types' former ones."""
    wanted = body.get("settings")
    if not isinstance(wanted, list):
        raise invalid("settings", "'settings' must be a list.")
    changed = {setting["dataType"]: setting for setting in map(_checked, wanted)}
    hourly = any(setting["syncSchedule"] == 1 for setting in changed.values())
    if hourly and not world.settings["hourly_schedule"]:
        raise ApiError(402, "The requested sync schedule is not included in your plan.")
    return [changed.get(setting["dataType"], setting) for setting in current]


def _checked(setting: Any) -> dict[str, Any]:
    if not isinstance(setting, dict) or setting.get("dataType") not in DATA_TYPES:
        raise invalid("settings", "Each setting names a known data type.")
    for name, kind in (("fetchOnFirstLink", bool), ("syncSchedule", int), ("syncOrder", int)):
        if not isinstance(setting.get(name), kind):
            raise invalid(name, f"'{name}' of {setting['dataType']} is missing or of a wrong type.")
    if setting["syncSchedule"] < 0:
        raise invalid("syncSchedule", "'syncSchedule' is a number of hours, or 0 for none.")
    return setting


@operation("GET", "/profile")
def get_profile(world: World) -> Answer:
    return world.misc["profile"], 200


@operation("PUT", "/profile")
def update_profile(world: World) -> Answer:
    body = json_body()
    for name in ("name", "redirectUrl"):
        if not isinstance(body.get(name), str):
            raise invalid(name, f"'{name}' is missing or of a wrong type.")
    known = ("name", "redirectUrl", "logoUrl", "iconUrl", "whiteListUrls", "confirmCompanyName")
    world.remember("profile", {name: body[name] for name in known if name in body})
    return world.misc["profile"], 200
