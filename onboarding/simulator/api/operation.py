"""How a view becomes an operation, and what most views begin with."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import request

from onboarding.simulator.answers import Answer, ApiError
from onboarding.simulator.records import Company, Connection
from onboarding.simulator.world import World

View = Callable[..., Answer]


@dataclass(frozen=True)
class Operation:
    id: str
    method: str
    rule: str
    view: View
    # Where its shape is published: a schema, or described in prose only.
    authority: str = "schema"
    # The same operation's names in Codat's other documents.
    aliases: tuple[str, ...] = ()


OPERATIONS: list[Operation] = []


def operation(
    method: str,
    rule: str,
    *,
    operation_id: str = "",
    authority: str = "schema",
    aliases: tuple[str, ...] = (),
) -> Callable[[View], View]:
    """Registers a view; its operationId is its name with dashes unless Codat's is irregular."""

    def register(view: View) -> View:
        key = operation_id or view.__name__.replace("_", "-")
        OPERATIONS.append(Operation(key, method, rule, view, authority, aliases))
        return view

    return register


def json_body() -> dict[str, Any]:
    """The request's JSON object; 400 for anything else."""
    body = request.get_json(force=True, silent=True)
    if not isinstance(body, dict):
        raise ApiError(400, "The request body is not a JSON object.")
    return body


def invalid(item: str, message: str, validator: str = "Request") -> ApiError:
    error = {"itemId": item, "message": message, "validatorName": validator}
    return ApiError(400, message, validation={"errors": [error], "warnings": []})


def find_company(world: World, company_id: str) -> Company:
    company = world.companies.get(company_id)
    if company is None:
        raise ApiError(404, f"No company was found with ID {company_id}")
    return company


def find_connection(world: World, company_id: str, connection_id: str) -> Connection:
    find_company(world, company_id)
    connection = world.connections.get(connection_id)
    if connection is None or connection.company_id != company_id:
        raise ApiError(404, f"No data connection was found with ID {connection_id}")
    return connection
