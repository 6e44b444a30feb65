"""The forms of Codat's answers: errors, pages, companies, connections, reads."""

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import request

from . import querying
from .assumptions import CONNECTOR_TROUBLE_NAME, CONNECTOR_TROUBLE_WORDS
from .clock import iso
from .records import FINAL_ERRORS, Company, Connection, Consumer, LinkSession, PullOperation

Json = dict[str, Any]
Answer = tuple[Any, int]

MAX_PAGE_SIZE = 5000


class ApiError(Exception):
    """An answer that is not a success; `error` is the text a caller reads."""

    def __init__(self, status: int, error: str, *, validation: Json | None = None) -> None:
        super().__init__(error)
        self.status = status
        self.error = error
        self.validation = validation


def error_body(status: int, error: str, validation: Json | None = None) -> Json:
    body: Json = {
        "statusCode": status,
        "service": "ClientsApi",
        "error": error,
        "correlationId": secrets.token_hex(16),
        "canBeRetried": "Unknown",
        "detailedErrorCode": 0,
    }
    if validation:
        body["validation"] = validation
    return body


def paged(
    records: Sequence[Any],
    serialise: Callable[[Any], Json],
    known: Collection[str],
    *,
    sort_by: Mapping[str, Callable[[Any], Any]] | None = None,
) -> Answer:
    """One page, after `query` and `orderBy`. Links are relative; `next` is absent on the last.

    `sort_by` names orders that need no serialised row, so that long lists stay quick.
    """
    page, size = _whole("page", 1), _whole("pageSize", 100)
    if not 1 <= page < 2**31 or not 1 <= size <= MAX_PAGE_SIZE:
        raise ApiError(400, "page must be at least 1 and pageSize between 1 and 5000")
    query, order_by = request.args.get("query", ""), request.args.get("orderBy", "")
    try:
        quick = (sort_by or {}).get(order_by.removeprefix("-"))
        if quick and not query:
            records = sorted(records, key=quick, reverse=order_by.startswith("-"))
        elif query or order_by:
            records = [serialise(record) for record in records]
            if query:
                test = querying.compile_query(query, known)
                records = [row for row in records if test(row)]
            if order_by:
                records = querying.order_rows(records, order_by, known)
            serialise = _as_it_is
    except querying.MalformedQueryError as error:
        raise ApiError(400, str(error)) from error
    first = (page - 1) * size
    return {
        "results": [serialise(record) for record in records[first : first + size]],
        "pageNumber": page,
        "pageSize": size,
        "totalResults": len(records),
        "_links": _links(page, size, len(records)),
    }, 200


def _links(page: int, size: int, total: int) -> Json:
    links: Json = {"self": {"href": request.path}, "current": {"href": _href(page, size)}}
    if page * size < total:
        links["next"] = {"href": _href(page + 1, size)}
    if page > 1:
        links["previous"] = {"href": _href(page - 1, size)}
    return links


def _as_it_is(row: Json) -> Json:
    return row


def _whole(name: str, default: int) -> int:
    try:
        return int(request.args.get(name, default))
    except ValueError as error:
        raise ApiError(400, f"{name} must be a whole number") from error


def _href(page: int, size: int) -> str:
    others = {
        name: value
        for name, value in request.args.items()
        if name not in {"page", "pageSize"} and value
    }
    return f"{request.path}?{urlencode({'page': page, 'pageSize': size, **others})}"


def connection_json(
    connection: Connection, *, link_url: str, source_type: str, integration_id: str
) -> Json:
    body: Json = {
        "id": connection.id,
        "integrationId": integration_id,
        "integrationKey": connection.platform_key,
        "sourceId": connection.source_id,
        "platformName": connection.platform_name,
        "sourceType": source_type,
        "linkUrl": link_url,
        "status": connection.status,
        "created": iso(connection.created),
        "dataConnectionErrors": connection.errors,
    }
    if connection.last_sync is not None:
        body["lastSync"] = iso(connection.last_sync)
    if connection.connector_trouble:
        body["connectionInfo"] = {
            CONNECTOR_TROUBLE_NAME: CONNECTOR_TROUBLE_WORDS[connection.connector_trouble]
        }
    return body


def company_details(company: Company, *, redirect: str, last_sync: float | None) -> Json:
    """A company without its connections, as in the webhooks about companies."""
    body: Json = {
        "id": company.id,
        "name": company.name,
        "platform": "",
        "redirect": redirect,
        "created": iso(company.created),
        "createdByUserName": company.created_by,
        "products": company.products,
        "tags": company.tags,
        "referenceSubsidiaryCompanies": [],
    }
    if company.description is not None:
        body["description"] = company.description
    if last_sync is not None:
        body["lastSync"] = iso(last_sync)
    return body


def reference_company(company: Company) -> Json:
    body: Json = {
        "id": company.id,
        "name": company.name,
        "links": {"portal": f"https://app.codat.io/companies/{company.id}/summary"},
        "tags": company.tags,
    }
    if company.description is not None:
        body["description"] = company.description
    return body


def pull_json(pull: PullOperation, now: float) -> Json:
    status = pull.status_at(now)
    body: Json = {
        "id": pull.id,
        "companyId": pull.company_id,
        "connectionId": pull.connection_id,
        "dataType": pull.data_type,
        "status": status,
        "requested": iso(pull.requested),
        "progress": pull.progress_at(now),
        "isCompleted": status == "Complete",
        "isErrored": status in FINAL_ERRORS,
    }
    if pull.completed is not None:
        body["completed"] = iso(pull.completed)
    if pull.error_message:
        body["errorMessage"] = pull.error_message
    if pull.status_description:
        body["statusDescription"] = pull.status_description
    return body


def consumer_json(consumer: Consumer) -> Json:
    body: Json = {
        "id": consumer.id,
        "url": consumer.url,
        "disabled": consumer.disabled,
        "eventTypes": consumer.event_types,
    }
    if consumer.company_tags:
        body["companyTags"] = consumer.company_tags
    return body


def link_session_json(session: LinkSession) -> Json:
    return {key: value for key, value in vars(session).items() if key != "parameters"}
