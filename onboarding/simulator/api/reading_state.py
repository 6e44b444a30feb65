"""What has been read of a company so far, and the two ways of saying that it has not."""

from onboarding.simulator.answers import ApiError
from onboarding.simulator.catalogue import PLATFORMS
from onboarding.simulator.records import Connection, PullOperation
from onboarding.simulator.world import World

from .operation import find_company


def last_read(
    world: World, company_id: str, data_type: str, connection: Connection | None = None
) -> PullOperation:
    """The latest completed read of a type; raises 404 or 409 when there is none."""
    find_company(world, company_id)
    for pull in sorted(
        world.pulls_of[company_id], key=lambda pull: pull.completed or 0, reverse=True
    ):
        if (
            pull.data_type == data_type
            and pull.final_status == "Complete"
            and (connection is None or pull.connection_id == connection.id)
        ):
            return pull
    asked = [connection] if connection else world.connections_of[company_id]
    raise not_read(world, asked, data_type)


def not_read(world: World, connections: list[Connection], data_type: str) -> ApiError:
    """409 before the first read, with Codat's two reasons; 404 when there will be none."""
    pulls = [world.latest_pull.get((c.id, data_type)) for c in connections]
    asked = [pull for pull in pulls if pull is not None]
    able = [c for c in connections if data_type in PLATFORMS[c.platform_key].data_types]
    refused = any(pull.final_status == "NotSupported" for pull in asked)
    if refused or (connections and not able):
        names = ", ".join(connection.platform_name for connection in connections)
        return ApiError(404, f"Datatype {data_type} not supported by platform(s) {names}")
    if any(pull.final_status is None for pull in asked):
        return ApiError(409, "The data set is still syncing.")
    if asked:
        return ApiError(404, f"No data available for {data_type}")
    return ApiError(409, "The data set has not been requested.")
