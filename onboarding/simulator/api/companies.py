"""Companies: create, list, get, replace, update, delete."""

import re
from typing import Any

from flask import g, request

from onboarding.simulator import connecting, querying
from onboarding.simulator.answers import Answer, ApiError, paged
from onboarding.simulator.assumptions import EMPTY_TAGS_CLEAR
from onboarding.simulator.catalogue import LEGACY_KEYS
from onboarding.simulator.records import Company
from onboarding.simulator.world import World

from .integrations import find_platform
from .operation import find_company, invalid, json_body, operation

KNOWN = [
    "id",
    "name",
    "description",
    "platform",
    "redirect",
    "lastSync",
    "created",
    "createdByUserName",
    "products",
    "tags",
    "dataConnections",
    "referenceParentCompany",
    "referenceSubsidiaryCompanies",
]
SORT_BY = {
    "created": lambda company: company.created,
    "id": lambda company: company.id,
    "name": lambda company: company.name,
}
_TAG_KEY = re.compile(r".{1,27}")


@operation("GET", "/companies")
def list_companies(world: World) -> Answer:
    companies = _visible(world, _tagged(world, request.args.get("tags", "")))

    def row(company: Company) -> dict[str, Any]:
        body = connecting.company_body(world, company)
        if g.hide_new or any(c.hidden_until for c in world.connections_of[company.id]):
            hidden = hidden_ids(world, world.connections_of[company.id])
            body["dataConnections"] = [c for c in body["dataConnections"] if c["id"] not in hidden]
        return body

    return paged(companies, row, KNOWN, sort_by=SORT_BY)


def _tagged(world: World, tags: str) -> list[Company]:
    if not tags:
        return list(world.companies.values())
    candidates = world.companies
    for tag in querying.required_equalities(tags):
        tagged = world.tagged.get(tag, {})
        candidates = tagged if len(tagged) < len(candidates) else candidates
    try:
        test = querying.compile_query(tags, None)
    except querying.MalformedQueryError as error:
        raise ApiError(400, str(error)) from error
    return [company for company in candidates.values() if test(company.tags)]


def _visible(world: World, companies: list[Company]) -> list[Company]:
    hidden = hidden_ids(world, companies)
    return [c for c in companies if c.id not in hidden] if hidden else companies


def hidden_ids(world: World, records: list[Any]) -> set[str]:
    """Ids of what a lagging list does not show yet."""
    now = world.now
    return {
        record.id
        for record in records
        if record.hidden_until > now or (g.hide_new and record.created > now - g.hide_new)
    }


@operation("POST", "/companies")
def create_company(world: World) -> Answer:
    body = json_body()
    name = _name(body, required=True)
    description, tags = _description(body), _tags(body) or {}
    limit = world.settings["company_limit"]
    if limit is not None and len(world.companies) >= limit:
        message = f"Cannot create company as the limit of {limit} companies is exceeded."
        error = {"itemId": "Company", "message": message, "validatorName": "CreateCompany"}
        raise ApiError(402, message, validation={"errors": [error], "warnings": []})
    legacy = body.get("platformType")
    platform = None
    if isinstance(legacy, str) and legacy:
        platform = find_platform(world, LEGACY_KEYS.get(legacy.casefold(), legacy), 400)
    company = connecting.create_company(
        world, name=name or "", description=description, tags=tags, hide=g.hide_new
    )
    if isinstance(body.get("products"), list):
        company.products = [str(product) for product in body["products"]]
    if platform is None:
        return connecting.company_body(world, company), 200
    # The older form named a platform and got its connection with the company.
    connecting.create_connection(world, company, platform)
    answer = connecting.company_body(world, company)
    return answer | {"platform": platform.name, "status": "PendingAuth"}, 200


@operation("GET", "/companies/<company_id>")
def get_company(world: World, company_id: str) -> Answer:
    return connecting.company_body(world, find_company(world, company_id)), 200


@operation("PUT", "/companies/<company_id>")
def replace_company(world: World, company_id: str) -> Answer:
    company, body = find_company(world, company_id), json_body()
    company.name = connecting.clean_name(_name(body, required=True) or "")
    company.description = _description(body)
    world.retag(company, _tags(body) or {})
    world.save(company)
    return connecting.company_body(world, company), 200


@operation("PATCH", "/companies/<company_id>")
def update_company(world: World, company_id: str) -> Answer:
    company, body = find_company(world, company_id), json_body()
    name, tags = _name(body, required=False), _tags(body)
    if name is not None:
        company.name = connecting.clean_name(name)
    if body.get("description") is not None:
        company.description = _description(body)
    if tags or ("tags" in body and EMPTY_TAGS_CLEAR):
        world.retag(company, tags or {})
    world.save(company)
    return connecting.company_body(world, company), 200


@operation("DELETE", "/companies/<company_id>")
def delete_company(world: World, company_id: str) -> Answer:
    connecting.delete_company(world, find_company(world, company_id))
    return None, 204


def _name(body: dict[str, Any], *, required: bool) -> str | None:
    name = body.get("name")
    if name is None and not required:
        return None
    if not isinstance(name, str) or not name:
        raise invalid("name", "'Name' must not be empty.", "CompanyName")
    return name


def _description(body: dict[str, Any]) -> str | None:
    description = body.get("description")
    if description is not None and not isinstance(description, str):
        raise invalid("description", "'Description' must be text.")
    return description


def _tags(body: dict[str, Any]) -> dict[str, str] | None:
    tags = body.get("tags")
    if tags is None:
        return None
    if not isinstance(tags, dict) or len(tags) > 10:
        raise invalid("tags", "A company has at most 10 tags, as an object.", "CompanyTags")
    for key, value in tags.items():
        if not _TAG_KEY.fullmatch(key) or not isinstance(value, str) or len(value) > 100:
            raise invalid("tags", f"The tag '{key[:27]}' is not valid.", "CompanyTags")
    return tags
