"""Every request of the client is valid against the documents that Codat publishes.

The documents are not part of the project: `CODAT_OPENAPI_DIR` names the folder that holds them.
"""

import json
import os
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from jsonschema import Draft202012Validator, ValidationError
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from .every_operation import OPERATIONS, Operation

FOLDER = os.environ.get("CODAT_OPENAPI_DIR")

pytestmark = pytest.mark.skipif(
    not FOLDER, reason="CODAT_OPENAPI_DIR is not set (the folder of Codat's OpenAPI documents)"
)

# Published in documents that the folder need not hold: Lending, Sync for Payroll and the first
# version of Sync for Payables. Those that it does hold are checked like all others.
ELSEWHERE = {
    "get-accounting-balance-sheet",
    "get-accounting-profit-and-loss",
    "list-accounting-accounts",
    "list-accounting-bank-accounts",
    "get-tax-rate",
    "list-tax-rates",
    "get-tracking-category",
    "list-tracking-categories",
}
# Under another name in the folder: the name is Lending's.
RENAMED = {"get-commerce-profile": "get-company-info"}


class Document:
    def __init__(self, file: Path) -> None:
        self.urn = f"urn:codat:{file.stem}"
        self.content = self._absolute(json.loads(file.read_text(encoding="utf-8")))
        resource = DRAFT202012.create_resource(self.content)
        self.registry = Registry().with_resource(self.urn, resource)

    def _absolute(self, node: Any) -> Any:
        """With references that hold wherever a piece of the document is taken to."""
        if isinstance(node, list):
            return [self._absolute(each) for each in node]
        if not isinstance(node, dict):
            return node
        node = {name: self._absolute(each) for name, each in node.items()}
        if isinstance(node.get("$ref"), str):
            node["$ref"] = self.urn + node["$ref"]
        return node

    def resolved(self, node: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in node:
            node = self.registry.resolver().lookup(node["$ref"]).contents
        return node

    def validate(self, value: Any, schema: dict[str, Any]) -> None:
        Draft202012Validator(
            schema,
            registry=self.registry,
            format_checker=Draft202012Validator.FORMAT_CHECKER,
        ).validate(value)


@dataclass(frozen=True)
class Place:
    """Where a document describes an operation, with the values that its path holds there."""

    document: Document
    described: dict[str, Any]
    parameters: dict[tuple[str, str], dict[str, Any]]
    path_values: dict[str, str]

    @property
    def body_schema(self) -> dict[str, Any] | None:
        body = self.described.get("requestBody")
        return body and body["content"]["application/json"]["schema"]


def places(documents: list[Document], operation: Operation) -> list[Place]:
    found = []
    published_id = RENAMED.get(operation.id, operation.id)
    for document in documents:
        for template, item in document.content["paths"].items():
            described = item.get(operation.method.lower(), {})
            matches = re.fullmatch(re.sub(r"\{\w+\}", "([^/]+)", template), operation.path)
            if matches and described.get("operationId") == published_id:
                parameters = [
                    document.resolved(parameter)
                    for parameter in item.get("parameters", []) + described.get("parameters", [])
                ]
                names = re.findall(r"\{(\w+)\}", template)
                found.append(
                    Place(
                        document,
                        described,
                        {(each["in"], each["name"]): each for each in parameters},
                        dict(zip(names, map(unquote, matches.groups()), strict=True)),
                    )
                )
    return found


@cache
def documents_of_the_folder() -> list[Document]:
    return [Document(file) for file in sorted(Path(FOLDER or "").glob("openapi-*.json"))]


@pytest.fixture
def documents() -> list[Document]:
    found = documents_of_the_folder()
    assert found, "no openapi-*.json in CODAT_OPENAPI_DIR"
    return found


CHECKED = [
    each
    for each in OPERATIONS
    if each.id not in ELSEWHERE or (FOLDER and places(documents_of_the_folder(), each))
]


@pytest.mark.parametrize("operation", CHECKED, ids=lambda each: each.id)
def test_the_request_fits_the_published_one(documents, codat, client, operation):
    found = places(documents, operation)
    assert found, f"{operation.id} at {operation.path} is in no document"
    codat.reply(operation.status, operation.answer)
    operation.call(client)
    (asked,) = codat.asked
    for place in found:
        sent = {("query", name): value for name, value in asked.params.items()}
        sent |= {("path", name): value for name, value in place.path_values.items()}
        assert set(sent) <= set(place.parameters)
        assert {key for key, each in place.parameters.items() if each.get("required")} <= set(sent)
        for key, value in sent.items():
            schema = place.document.resolved(place.parameters[key]["schema"])
            place.document.validate(int(value) if schema["type"] == "integer" else value, schema)
        assert str(operation.status) in place.described["responses"]
        if place.body_schema is None:
            assert asked.body == b""
        else:
            place.document.validate(asked.json, place.body_schema)


def examples(place: Place, status: int) -> list[Any]:
    """The answers that a document shows for an operation, beside it or beside its schema."""
    content = place.described["responses"][str(status)].get("content", {})
    media = content.get("application/json", {})
    shown = [each["value"] for each in media.get("examples", {}).values() if "value" in each]
    if "schema" in media:
        shown += place.document.resolved(media["schema"]).get("examples", [])
    return shown


@pytest.mark.parametrize(
    "operation", [each for each in CHECKED if each.answer is not None], ids=lambda each: each.id
)
def test_every_published_example_of_an_answer_can_be_read(documents, codat, client, operation):
    for place in places(documents, operation):
        for example in examples(place, operation.status):
            codat.replies.clear()
            codat.reply(operation.status, example)
            codat.reply(200, {"results": []})  # some examples name a next page
            operation.call(client)


def test_all_but_those_published_elsewhere_are_in_the_folder(documents):
    missing = {each.id for each in OPERATIONS if not places(documents, each)}
    assert missing <= ELSEWHERE


def test_a_wrong_body_would_be_noticed(documents):
    (create,) = [each for each in OPERATIONS if each.id == "create-company"]
    for place in places(documents, create):
        with pytest.raises(ValidationError):
            place.document.validate({"name": "Smith (Holdings)"}, place.body_schema)
        with pytest.raises(ValidationError):
            place.document.validate({"name": "Smith", "tags": {"k" * 28: "x"}}, place.body_schema)
