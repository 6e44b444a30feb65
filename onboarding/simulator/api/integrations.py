"""Integrations: the catalogue, single ones, their branding."""

from typing import Any

from onboarding.simulator.answers import Answer, ApiError, paged
from onboarding.simulator.catalogue import PLATFORMS, Platform
from onboarding.simulator.world import World

from .operation import operation

KNOWN = [
    "key",
    "logoUrl",
    "name",
    "enabled",
    "sourceId",
    "sourceType",
    "integrationId",
    "isOfflineConnector",
    "isBeta",
    "dataProvidedBy",
    "datatypeFeatures",
]


def integration_json(world: World, platform: Platform) -> dict[str, Any]:
    return {
        "key": platform.key,
        "logoUrl": f"{world.link_origin}/logos/{platform.key}/square.png",
        "name": platform.name,
        "enabled": world.is_enabled(platform),
        "sourceId": platform.source_id,
        "integrationId": platform.integration_id,
        "sourceType": platform.source_type,
        "isOfflineConnector": platform.is_offline,
        "isBeta": platform.is_beta,
        "dataProvidedBy": "",
        "datatypeFeatures": [
            {
                "dataType": data_type,
                "supportedFeatures": [{"featureType": "Get", "featureState": "Release"}],
            }
            for data_type in platform.data_types
        ],
    }


def find_platform(world: World, platform_key: str, status: int = 404) -> Platform:
    platform = PLATFORMS.get(platform_key)
    if platform is None or platform not in world.offered():
        raise ApiError(status, f"No integration was found with key {platform_key}")
    return platform


@operation("GET", "/integrations")
def list_integrations(world: World) -> Answer:
    return paged(world.offered(), lambda platform: integration_json(world, platform), KNOWN)


@operation("GET", "/integrations/<platform_key>")
def get_integration(world: World, platform_key: str) -> Answer:
    return integration_json(world, find_platform(world, platform_key)), 200


@operation("GET", "/integrations/<platform_key>/branding")
def get_integrations_branding(world: World, platform_key: str) -> Answer:
    platform = find_platform(world, platform_key)

    def image(shape: str) -> dict[str, Any]:
        src = f"{world.link_origin}/logos/{platform.key}/{shape}.png"
        return {"image": {"src": src, "alt": f"{platform.name} {shape}"}}

    body: dict[str, Any] = {
        "logo": {"full": image("full"), "square": image("square")},
        "sourceId": platform.source_id,
    }
    if platform.branded_button:
        body["button"] = {"default": image("button"), "hover": image("hover")}
    return body, 200
