"""The simulator against two independent readings: Codat's SDKs, and Codat's published documents.

Which operations are walked is computed from the simulator's routes, so that none is left out.
"""

import inspect
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import requests
from codat_platform.models import errors as platform_errors
from codat_platform.models import shared as platform_shared
from codat_platform.sdk import CodatPlatform
from codat_platform.utils.retries import RetryConfig
from codat_sync_for_expenses.models import errors as expenses_errors
from codat_sync_for_expenses.models import shared as expenses_shared
from codat_sync_for_expenses.sdk import CodatSyncExpenses
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from onboarding.simulator.api import OPERATIONS

from .conftest import AUTH, Arranged, Codat, Portal, eventually

NAMES = {name for one in OPERATIONS for name in (one.id, *one.aliases)}
FOLDER = os.environ.get("CODAT_OPENAPI_DIR", "")
# The folder holds the first four; the others are checked where it holds them too.
DOCUMENTS = ["platform", "sync-expenses", "files", "commerce"]
DOCUMENTS += [
    name
    for name in ("lending", "sync-payables-v1", "sync-payroll")
    if (Path(FOLDER) / f"openapi-{name}.json").exists()
]
needs_documents = pytest.mark.skipif(
    not FOLDER, reason="CODAT_OPENAPI_DIR is not set: Codat's published documents are not at hand"
)
ERROR_SCHEMA = "/components/schemas/ErrorMessage"
ERROR_STATUSES = (401, 402, 403, 429, 500, 503)


# --- the SDKs --------------------------------------------------------------------------------

SETTING = {
    "data_type": "invoices",
    "fetch_on_first_link": True,
    "sync_schedule": 24,
    "sync_order": 0,
}
# What to ask with, by operationId; `None` stands for an operation without a request.
ASKED: dict[str, Callable[[Arranged], dict[str, Any] | None]] = {
    "create-company": lambda a: {"name": "New", "description": "d", "tags": {"uid": "1"}},
    "delete-company": lambda a: {"company_id": a.fresh_company()},
    "get-company": lambda a: {"company_id": a.company},
    "get-company-syncSettings": lambda a: {"company_id": a.company},
    "list-companies": lambda a: {"page": 1, "page_size": 2, "query": "name~a", "order_by": "-name"},
    "replace-company": lambda a: {
        "company_id": a.fresh_company(),
        "company_request_body": {"name": "Other"},
    },
    "set-company-syncSettings": lambda a: {
        "company_id": a.company,
        "request_body": {
            "company_id": a.company,
            "settings": [SETTING],
            "overrides_defaults": True,
        },
    },
    "update-company": lambda a: {
        "company_id": a.fresh_company(),
        "company_update_request": {"name": "Other"},
    },
    "create-connection": lambda a: {
        "company_id": a.fresh_company(),
        "request_body": {"platform_key": "gbol"},
    },
    "delete-connection": lambda a: a.fresh_connection(),
    "get-connection": lambda a: {"company_id": a.company, "connection_id": a.connection},
    "list-connections": lambda a: {"company_id": a.company, "query": "status=Linked"},
    "unlink-connection": lambda a: (
        a.fresh_linked()
        | {
            "update_connection_status": {"status": "Unlinked"},
            "request_body": {"status": "Unlinked"},
        }
    ),
    "create-webhook-consumer": lambda a: {
        "url": f"{a.portal.url}/elsewhere",
        "event_types": ["company.created"],
        "company_tags": ["uid:1"],
    },
    "delete-webhook-consumer": lambda a: {"webhook_id": a.fresh_consumer()},
    "list-webhook-consumers": lambda a: None,
    "get-integration": lambda a: {"platform_key": "gbol"},
    "get-integrations-branding": lambda a: {"platform_key": "qhyg"},
    "list-integrations": lambda a: {"query": "sourceType=accounting&&enabled=true"},
    "refresh-company-data": lambda a: {"company_id": a.fresh_linked()["company_id"]},
    "refresh-all-data-types": lambda a: {"company_id": a.fresh_linked()["company_id"]},
    "refresh-data-type": lambda a: {
        "company_id": a.fresh_linked()["company_id"],
        "data_type": "invoices",
    },
    "get-company-data-status": lambda a: {"company_id": a.company},
    "get-data-status": lambda a: {"company_id": a.company},
    "get-pull-operation": lambda a: {"company_id": a.company, "dataset_id": a.dataset},
    "list-pull-operations": lambda a: {"company_id": a.company, "query": "status=Complete"},
    "get-profile": lambda a: None,
    "get-profile-syncSettings": lambda a: None,
    "update-profile": lambda a: {"name": "Client", "redirect_url": a.portal.url},
    "update-profile-syncSettings": lambda a: {
        "client_id": a.client_id,
        "settings": [SETTING],
        "overrides_defaults": True,
    },
    "get-read-validation-results": lambda a: {"company_id": a.company, "dataset_id": a.dataset},
    "create-partner-expense-connection": lambda a: {"company_id": a.fresh_linked()["company_id"]},
    "get-company-info": lambda a: {"company_id": a.company},
    "get-mapping-options": lambda a: {"company_id": a.company},
    "get-customer": lambda a: {"company_id": a.company, "customer_id": "0001"},
    "list-customers": lambda a: {"company_id": a.company, "query": "metadata.isDeleted!=true"},
    "get-supplier": lambda a: {"company_id": a.company, "supplier_id": "0001"},
    "list-suppliers": lambda a: {"company_id": a.company},
    "get-company-configuration": lambda a: {"company_id": a.company},
    "set-company-configuration": lambda a: {
        "company_id": a.company,
        "company_configuration": {
            name: {"id": "1"} for name in ("bank_account", "supplier", "customer")
        },
    },
}


def _walkable() -> dict[tuple[str, str], tuple[str, str]]:
    """(SDK, operationId) → group and method, for each operation that the simulator has."""
    found = {}
    for sdk in (CodatPlatform, CodatSyncExpenses):
        for group_name, group in vars(sdk(server_url="http://127.0.0.1:9")).items():
            if group_name.startswith("_"):
                continue
            for name, method in inspect.getmembers(group, callable):
                if name.startswith("_") or name.endswith("_async"):
                    continue
                source = inspect.getsource(inspect.unwrap(method))
                named = re.search(r"operation_id='([\w-]+)'", source)
                if named and named[1] in NAMES:
                    found[sdk.__name__, named[1]] = (group_name, name)
    return found


WALKABLE = _walkable()


def _ask(arranged: Arranged, sdk: str, operation: str) -> Any:
    """Sends the operation by its SDK, without the SDK's own retries."""
    make, shared = {
        "CodatPlatform": (CodatPlatform, platform_shared),
        "CodatSyncExpenses": (CodatSyncExpenses, expenses_shared),
    }[sdk]
    client = make(
        server_url=arranged.codat.url,
        security=shared.Security(auth_header=AUTH["Authorization"]),
        retry_config=RetryConfig("none"),
    )
    group, name = WALKABLE[sdk, operation]
    request = ASKED[operation](arranged)
    method = getattr(getattr(client, group), name)
    return method() if request is None else method(request=request)


def test_the_sdks_have_most_of_the_operations() -> None:
    walked = {operation for _, operation in WALKABLE}
    published = {one.id for one in OPERATIONS if one.authority == "schema"}
    not_in_an_sdk = {"get-commerce-profile", "upload-files", "list-files", "download-files"}
    assert published - walked == not_in_an_sdk


@pytest.mark.parametrize(("sdk", "operation"), sorted(WALKABLE))
def test_an_sdk_understands_the_answer(arranged: Arranged, sdk: str, operation: str) -> None:
    calls = arranged.codat.control("/calls", method="GET")["total"]
    _ask(arranged, sdk, operation)
    assert arranged.codat.control("/calls", method="GET")["total"] > calls


@pytest.mark.parametrize(("sdk", "operation"), sorted(WALKABLE))
def test_an_sdk_understands_each_error(arranged: Arranged, sdk: str, operation: str) -> None:
    kinds = (platform_errors.ErrorMessage, expenses_errors.ErrorMessage)
    for status in ERROR_STATUSES:
        match = {"operation": operation}
        arranged.codat.control("/faults", {"match": match, "fault": f"status:{status}"})
        with pytest.raises(kinds) as raised:
            _ask(arranged, sdk, operation)
        assert raised.value.status_code == status
        assert raised.value.data.correlation_id


# --- the published documents -----------------------------------------------------------------


@cache
def _document(name: str) -> tuple[dict[str, Any], Registry]:
    document = json.loads((Path(FOLDER) / f"openapi-{name}.json").read_text(encoding="utf-8"))
    feature = document["components"]["schemas"].get("Integration", {}).get("definitions", {})
    if "dataTypeFeature" in feature:
        # The document misspells the name that it requires; the property is called dataType.
        feature["dataTypeFeature"]["required"] = ["dataType", "supportedFeatures"]
    resource = Resource(contents=document, specification=DRAFT202012)
    return document, Registry().with_resource(f"urn:{name}", resource)


def _schema_errors(name: str, pointer: str, instance: Any) -> list[str]:
    _, registry = _document(name)
    validator = Draft202012Validator(
        {"$ref": f"urn:{name}#{pointer}"}, registry=registry, format_checker=FormatChecker()
    )
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(instance)]


def _escaped(text: str) -> str:
    text = text.replace("~", "~0").replace("/", "~1")
    return text.replace("{", "%7B").replace("}", "%7D")


def _published() -> list[tuple[str, str, str, str]]:
    """(document, operationId, path, method) of each operation that the simulator has."""
    if not FOLDER:
        return [("platform", "skipped", "", "")]
    routes = {(one.method, re.sub(r"<[^>]+>", "{}", one.rule)) for one in OPERATIONS}
    found = []
    for name in DOCUMENTS:
        for path, methods in _document(name)[0]["paths"].items():
            for method, one in methods.items():
                if (method.upper(), re.sub(r"\{[^}]+\}", "{}", path)) in routes:
                    found.append((name, one["operationId"], path, method))
    return found


# Raw requests by method and path, for what `ASKED` says in the SDKs' words.
BODIES: dict[str, dict[str, Any]] = {
    "create-company": {"name": "New", "tags": {"uid": "1"}},
    "replace-company": {"name": "Other"},
    "update-company": {"name": "Other"},
    "create-connection": {"platformKey": "gbol"},
    "unlink-connection": {"status": "Unlinked"},
    "create-webhook-consumer": {
        "url": "http://127.0.0.1:9/",
        "eventTypes": ["company.created"],
    },
    "update-profile": {"name": "Client", "redirectUrl": "http://127.0.0.1:9/"},
    "set-company-configuration": {
        name: {"id": "1"} for name in ("bankAccount", "supplier", "customer")
    },
}
RAW_SETTING = {"dataType": "bills", "fetchOnFirstLink": True, "syncSchedule": 24, "syncOrder": 0}


def _raw(arranged: Arranged, operation: str, path: str, method: str) -> requests.Response:
    ids = {
        "companyId": arranged.company,
        "connectionId": arranged.shop if operation == "get-company-info" else arranged.connection,
        "datasetId": arranged.dataset,
        "platformKey": "gbol",
        "dataType": "payments",
        "customerId": "0001",
        "supplierId": "0001",
        "taxRateId": "rate%2F20",
        "trackingCategoryId": "DEPARTMENTS",
    }
    if operation in {"get-commerce-profile"}:
        ids["connectionId"] = arranged.shop
    if operation in {"delete-company", "replace-company", "update-company", "create-connection"}:
        ids["companyId"] = arranged.fresh_company()
    if operation in {"delete-connection", "unlink-connection"}:
        fresh = arranged.fresh_linked()
        ids |= {"companyId": fresh["company_id"], "connectionId": fresh["connection_id"]}
    if operation == "delete-webhook-consumer":
        ids["webhookId"] = arranged.fresh_consumer()
    if operation in {"refresh-data-type", "create-partner-expense-connection"}:
        ids["companyId"] = arranged.fresh_linked()["company_id"]
    body: dict[str, Any] = {"json": BODIES.get(operation)}
    if operation == "set-company-syncSettings":
        body["json"] = {"companyId": arranged.company, "settings": [RAW_SETTING]}
    if operation == "update-profile-syncSettings":
        body["json"] = {"clientId": arranged.client_id, "settings": [RAW_SETTING]}
    if operation == "upload-files":
        body = {"files": {"file": ("books.csv", b"a,b\n1,2\n", "text/csv")}}
    if "/financials/" in path:
        body["params"] = {"periodLength": 1, "periodsToCompare": 12}
    return arranged.codat.call(method.upper(), path.format(**ids), **body)


@needs_documents
@pytest.mark.parametrize(("document", "operation", "path", "method"), _published())
def test_answers_fit_the_published_schema(
    arranged: Arranged, document: str, operation: str, path: str, method: str
) -> None:
    answer = _raw(arranged, operation, path, method)
    responses = _document(document)[0]["paths"][path][method]["responses"]
    assert answer.ok, answer.text
    assert str(answer.status_code) in responses
    content = responses[str(answer.status_code)].get("content", {})
    if "application/json" in content:
        pointer = f"/paths/{_escaped(path)}/{method}/responses/{answer.status_code}"
        pointer += "/content/application~1json/schema"
        assert _schema_errors(document, pointer, answer.json()) == []
    elif not content:
        assert answer.content == b""


@needs_documents
@pytest.mark.parametrize(("operation", "path", "method"), [one[1:] for one in _published()])
def test_errors_fit_the_published_schema(
    arranged: Arranged, operation: str, path: str, method: str
) -> None:
    wrong = requests.request(
        method.upper(),
        arranged.codat.url + re.sub(r"\{[^}]+\}", "b9a5a5f2-0000-4000-8000-000000000000", path),
        timeout=5,
    )
    assert wrong.status_code == 401
    assert _schema_errors("platform", ERROR_SCHEMA, wrong.json()) == []
    if "{" in path:
        unknown = arranged.codat.call(
            method.upper(),
            re.sub(r"\{[^}]+\}", "b9a5a5f2-0000-4000-8000-000000000000", path),
            json=BODIES.get(operation),
        )
        assert unknown.status_code == 404
        assert _schema_errors("platform", ERROR_SCHEMA, unknown.json()) == []


@needs_documents
def test_a_connection_with_a_troubled_connector_fits_the_published_schemas(
    codat: Codat, portal: Portal
) -> None:
    company_id, connection_id = codat.linked("pqsw")
    codat.act(connection_id, "connector_trouble", trouble="auto_run_off")
    troubled = codat.get(f"/companies/{company_id}/connections/{connection_id}")
    assert troubled["connectionInfo"]
    assert _schema_errors("platform", "/components/schemas/Connection", troubled) == []
    codat.act(connection_id, "deauthorize")
    (event,) = eventually(lambda: portal.events("connection.disconnected"))
    assert event["payload"]["connection"]["connectionInfo"] == troubled["connectionInfo"]
    assert _schema_errors("platform", "/components/schemas/ConnectionWebhook", event) == []


@needs_documents
@pytest.mark.parametrize(
    "wrong",
    [{"id": "not-a-guid"}, {"status": "Lost"}, {"linkUrl": "no address"}, {"extra": 1}],
)
def test_a_wrong_answer_would_be_noticed(arranged: Arranged, wrong: dict[str, Any]) -> None:
    path = f"/companies/{arranged.company}/connections/{arranged.connection}"
    right = arranged.codat.get(path)
    assert _schema_errors("platform", "/components/schemas/Connection", right) == []
    assert _schema_errors("platform", "/components/schemas/Connection", right | wrong)


@needs_documents
def test_webhooks_fit_the_published_schemas(codat: Codat, portal: Portal) -> None:
    company_id, connection_id = codat.linked(tags={"uid": "1"})
    eventually(lambda: codat.read_done(company_id))
    codat.act(connection_id, "unlink")
    second = codat.connection(codat.company())
    codat.act(second["id"], "fail")
    codat.call("DELETE", f"/companies/{company_id}/connections/{connection_id}")
    codat.call("DELETE", f"/companies/{company_id}")
    codat.control("/settings", {"daily_quota": 1})
    codat.call("GET", "/profile")
    eventually(lambda: portal.events("client.rateLimit.reached"))
    codat.control("/midnight")
    wanted = {
        *("company.created", "company.deleted", "connection.created", "connection.connected"),
        *("connection.failed", "connection.disconnected", "connection.deleted"),
        *("read.completed", "read.completed.initial", "client.rateLimit.reached"),
        "client.rateLimit.reset",
    }
    eventually(lambda: wanted <= set(portal.types()))
    schemas = {
        "company": "CompanyWebhook",
        "connection": "ConnectionWebhook",
        "read": "ReadCompletedWebhook",
        "client": "ClientRateLimitWebhook",
    }
    for _, body in list(portal.heard):
        event = json.loads(body)
        schema = schemas[event["eventType"].split(".")[0]]
        assert _schema_errors("platform", f"/components/schemas/{schema}", event) == []


@needs_documents
@pytest.mark.parametrize(
    ("document", "schema", "event_type"),
    [
        ("platform", "CompanyProductWebhook", "company.product.added"),
        ("platform", "CompanyProductWebhook", "company.product.removed"),
        ("platform", "DataTypeWriteWebhook", "bills.write.successful"),
        ("platform", "DataTypeWriteWebhook", "bills.write.unsuccessful"),
        ("sync-expenses", "ExpensesSyncWebhook", "expenses.sync.successful"),
        ("sync-expenses", "ExpensesSyncWebhook", "expenses.sync.unsuccessful"),
        ("platform", "ReadCompletedWebhook", "lending.read.completed"),
    ],
)
def test_events_that_happen_on_request_fit_their_schemas(
    codat: Codat, portal: Portal, document: str, schema: str, event_type: str
) -> None:
    company_id, connection_id = codat.linked()
    ids = {"company": company_id, "connection": connection_id}
    codat.control("/events", {"eventType": event_type, **ids})
    (event,) = eventually(lambda: portal.events(event_type))
    assert event["payload"]
    assert _schema_errors(document, f"/components/schemas/{schema}", event) == []


@needs_documents
@pytest.mark.parametrize("document", ["platform", "sync-expenses", "files", "commerce"])
def test_random_requests_find_no_fault(codat: Codat, tmp_path: Path, document: str) -> None:
    """schemathesis with a fixed seed: no server error, no answer outside the schema."""
    company_id, connection_id = codat.linked()
    eventually(lambda: codat.read_done(company_id))
    codat.control("/settings", {"daily_quota": 1_000_000})
    codat.control("/webhooks", {"drop": 1.0})  # consumers are made at random addresses
    dataset_id = codat.get(f"/companies/{company_id}/data/history")["results"][0]["id"]
    ids = {"companyId": company_id, "connectionId": connection_id, "datasetId": dataset_id}
    ids |= {"platformKey": "gbol", "customerId": "0001", "supplierId": "0001"}
    lines = [f'"path.{name}" = "{value}"' for name, value in ids.items()]
    settings = tmp_path / "schemathesis.toml"
    settings.write_text("\n".join(["[parameters]", *lines]), encoding="utf-8")
    program = shutil.which("schemathesis", path=str(Path(sys.executable).parent))
    assert program
    command = [program, "--config-file", str(settings), "run"]
    command += [str(Path(FOLDER) / f"openapi-{document}.json")]
    command += ["--url", codat.url, "--seed", "7", "--max-examples", "8", "--no-color"]
    command += ["--header", f"Authorization: {AUTH['Authorization']}"]
    command += ["--phases", "examples,fuzzing", "--generation-database", "none"]
    command += ["--checks", "not_a_server_error,response_schema_conformance"]
    # The first two end what the others need; of the integrations the document requires a
    # misspelt name, so that its own samples never fit it.
    left_out = {"delete-company", "delete-connection", "list-integrations", "get-integration"}
    for name, operation, _, _ in _published():
        if name == document and operation not in left_out:
            command += ["--include-operation-id", operation]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
    assert codat.control("/calls", method="GET")["total"] > (
        10 if document in {"files", "commerce"} else 100
    )
