"""Connections: list, create, get, unlink, delete, credentials from server to server."""

from flask import g, request

from onboarding.simulator import assumptions, connecting
from onboarding.simulator.answers import Answer, ApiError, paged
from onboarding.simulator.world import World

from .companies import hidden_ids
from .integrations import find_platform
from .operation import find_company, find_connection, invalid, json_body, operation

KNOWN = [
    "id",
    "integrationId",
    "integrationKey",
    "sourceId",
    "platformName",
    "linkUrl",
    "status",
    "lastSync",
    "created",
    "sourceType",
    "dataConnectionErrors",
    "connectionInfo",
]


@operation("GET", "/companies/<company_id>/connections")
def list_connections(world: World, company_id: str) -> Answer:
    company = find_company(world, company_id)
    connections = world.connections_of[company.id]
    hidden = hidden_ids(world, connections)
    return paged(
        [connection for connection in connections if connection.id not in hidden],
        lambda connection: connecting.connection_body(world, connection, with_password=True),
        KNOWN,
    )


@operation("POST", "/companies/<company_id>/connections")
def create_connection(world: World, company_id: str) -> Answer:
    company = find_company(world, company_id)
    body = request.get_json(force=True, silent=True)
    key = body.get("platformKey") if isinstance(body, dict) else None
    if not isinstance(key, str):  # a bare string was the form before 2023
        raise invalid("platformKey", "Push object DataConnectionArgs must be provided")
    platform = find_platform(world, key, assumptions.UNKNOWN_PLATFORM_STATUS)
    if not world.is_enabled(platform):
        raise ApiError(
            assumptions.UNKNOWN_PLATFORM_STATUS, f"Integration {key} is not enabled for this client"
        )
    if connecting.other_linked_accounting(world, company.id, key):
        raise ApiError(
            assumptions.SECOND_ACCOUNTING_STATUS,
            "The company has a linked accounting connection already.",
        )
    connection = connecting.create_connection(world, company, platform, hide=g.hide_new)
    return connecting.connection_body(world, connection, with_password=True), 200


@operation("GET", "/companies/<company_id>/connections/<connection_id>")
def get_connection(world: World, company_id: str, connection_id: str) -> Answer:
    connection = find_connection(world, company_id, connection_id)
    return connecting.connection_body(world, connection, with_password=True), 200


@operation("PATCH", "/companies/<company_id>/connections/<connection_id>")
def unlink_connection(world: World, company_id: str, connection_id: str) -> Answer:
    connection, body = find_connection(world, company_id, connection_id), json_body()
    if body.get("status") != "Unlinked":
        raise invalid("status", "The status of a connection can only be set to Unlinked.")
    if connection.status != "Linked":
        raise ApiError(
            assumptions.UNLINK_NOT_LINKED_STATUS,
            f"Only a Linked connection can be unlinked, this one is {connection.status}.",
        )
    connecting.disconnect(world, connection, "Unlinked", world.now)
    return connecting.connection_body(world, connection, with_password=True), 200


@operation("DELETE", "/companies/<company_id>/connections/<connection_id>")
def delete_connection(world: World, company_id: str, connection_id: str) -> Answer:
    connecting.delete_connection(world, find_connection(world, company_id, connection_id))
    return None, 200
