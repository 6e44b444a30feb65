"""The simulator against Codat's published documents.

Which operations are walked is computed from the simulator's routes, so that none is left out.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import requests
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from onboarding.simulator.api import OPERATIONS

from .conftest import AUTH, Arranged, Codat, Portal, eventually

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
