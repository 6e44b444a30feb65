"""Reads: refresh, status, history, validation results."""

from typing import Any

from flask import request

from onboarding.simulator import reading
from onboarding.simulator.answers import Answer, ApiError, paged, pull_json
from onboarding.simulator.assumptions import ALREADY_QUEUED_STATUS
from onboarding.simulator.catalogue import DATA_TYPES, PLATFORMS
from onboarding.simulator.clock import iso
from onboarding.simulator.records import FINAL_ERRORS, Connection
from onboarding.simulator.world import World

from .operation import find_company, operation

KNOWN = [
    "id",
    "companyId",
    "connectionId",
    "dataType",
    "status",
    "statusDescription",
    "errorMessage",
    "requested",
    "completed",
    "progress",
    "isErrored",
]


@operation("POST", "/companies/<company_id>/data/all", aliases=("refresh-all-data-types",))
def refresh_company_data(world: World, company_id: str) -> Answer:
    for connection in _linked(world, company_id):
        reading.queue_all(world, connection, world.now)
    return None, 204


# The older form of the same; Werkzeug prefers it to the variable rule below.
operation(
    "POST",
    "/companies/<company_id>/data/queue/all",
    operation_id="queue-all-legacy",
    authority="prose",
)(refresh_company_data)


@operation("POST", "/companies/<company_id>/data/queue/<data_type>")
def refresh_data_type(world: World, company_id: str, data_type: str) -> Answer:
    wanted = request.args.get("connectionId")
    connections = [c for c in _linked(world, company_id) if wanted in (None, c.id)]
    if not connections:
        raise ApiError(400, f"Company {company_id} has no linked data connection to read from.")
    able = [c for c in connections if data_type in PLATFORMS[c.platform_key].data_types]
    if data_type not in DATA_TYPES or not able:
        raise _unsupported(data_type, connections)
    for connection in able:
        if running := reading.in_progress(world, connection, data_type):
            raise ApiError(
                ALREADY_QUEUED_STATUS,
                f"DatasetAlreadyInProgressException: Cannot queue {data_type} sync for"
                f" {company_id} as previous sync {running.id} is still in progress",
            )
    pulls = [reading.queue(world, connection, data_type, world.now) for connection in able]
    return pull_json(pulls[0], world.now), 200


def _linked(world: World, company_id: str) -> list[Connection]:
    find_company(world, company_id)
    return [c for c in world.connections_of[company_id] if c.status == "Linked"]


def _unsupported(data_type: str, connections: list[Connection]) -> ApiError:
    names = ", ".join(connection.platform_name for connection in connections)
    return ApiError(404, f"Datatype {data_type} not supported by platform(s) {names}")


@operation("GET", "/companies/<company_id>/dataStatus", aliases=("get-data-status",))
def get_company_data_status(world: World, company_id: str) -> Answer:
    find_company(world, company_id)
    now = world.now
    statuses: dict[str, dict[str, Any]] = {}
    for pull in world.pulls_of[company_id]:
        status = statuses.setdefault(pull.data_type, {"dataType": pull.data_type})
        status["currentStatus"] = pull.status_at(now)
        status["latestSyncId"] = pull.id
        if pull.final_status == "Complete" and pull.completed is not None:
            status["lastSuccessfulSync"] = iso(pull.completed)
            status["latestSuccessfulSyncId"] = pull.id
    return statuses, 200


@operation("GET", "/companies/<company_id>/data/history")
def list_pull_operations(world: World, company_id: str) -> Answer:
    find_company(world, company_id)
    now = world.now
    pulls = world.pulls_of[company_id][::-1]
    return paged(pulls, lambda pull: pull_json(pull, now), KNOWN)


@operation("GET", "/companies/<company_id>/data/history/<dataset_id>")
def get_pull_operation(world: World, company_id: str, dataset_id: str) -> Answer:
    find_company(world, company_id)
    pull = world.pulls.get(dataset_id)
    if pull is None or pull.company_id != company_id:
        raise ApiError(404, f"No dataset was found with ID {dataset_id}")
    return pull_json(pull, world.now), 200


@operation("GET", "/companies/<company_id>/sync/<dataset_id>/validation")
def get_read_validation_results(world: World, company_id: str, dataset_id: str) -> Answer:
    find_company(world, company_id)
    pull = world.pulls.get(dataset_id)
    if pull is None or pull.company_id != company_id:
        raise ApiError(404, f"No dataset was found with ID {dataset_id}")
    errors = []
    if pull.final_status in FINAL_ERRORS:
        errors.append(
            {
                "ruleId": pull.final_status,
                "itemId": pull.data_type,
                "message": pull.error_message or "",
                "validatorName": "Read",
            }
        )
    return {"errors": errors, "warnings": []}, 200
