"""The part of Compose's file format that we use, as a JSON Schema; anything else is a mistake."""

from typing import Any, Final

_TEXTS: Final = {"type": "array", "items": {"type": "string"}}
_SECONDS: Final = {"type": "string", "pattern": r"^\d+(ms|s|m|h)$"}
_CONDITIONS: Final = ["service_started", "service_healthy", "service_completed_successfully"]


def _exactly(properties: dict[str, Any], required: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


_HEALTHCHECK: Final = _exactly(
    {
        "disable": {"type": "boolean"},
        "test": {
            "type": "array",
            "prefixItems": [{"enum": ["CMD", "CMD-SHELL"]}],
            "items": {"type": "string"},
            "minItems": 2,
        },
        "interval": _SECONDS,
        "timeout": _SECONDS,
        "start_period": _SECONDS,
        "retries": {"type": "integer", "minimum": 1},
    }
)
_SERVICE: Final = _exactly(
    {
        "image": {"type": "string"},
        "build": _exactly({"context": {"type": "string"}, "target": {"type": "string"}}),
        "command": _TEXTS,
        "cap_drop": _TEXTS,
        "depends_on": {
            "type": "object",
            "additionalProperties": _exactly({"condition": {"enum": _CONDITIONS}}, ("condition",)),
        },
        "environment": {
            "type": "object",
            "patternProperties": {"^[A-Z][A-Z0-9_]*$": {"type": ["string", "null"]}},
            "additionalProperties": False,
        },
        "healthcheck": _HEALTHCHECK,
        "hostname": {"type": "string"},
        "init": {"type": "boolean"},
        "networks": {
            "type": "object",
            "additionalProperties": _exactly({"aliases": _TEXTS}),
        },
        "ports": {
            "type": "array",
            "items": {"type": "string", "pattern": r"^127\.0\.0\.1:\d+:\d+$"},
        },
        "profiles": _TEXTS,
        "read_only": {"type": "boolean"},
        "restart": {"enum": ["no", "always", "on-failure", "unless-stopped"]},
        "security_opt": _TEXTS,
        "stop_grace_period": _SECONDS,
        "tmpfs": _TEXTS,
        "volumes": {"type": "array", "items": {"type": "string", "pattern": "^[a-z]+:/"}},
    },
    ("image",),
)
COMPOSE: Final = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "name": {"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]*$"},
        "services": {
            "type": "object",
            "patternProperties": {"^[a-z][a-z-]*$": _SERVICE},
            "additionalProperties": False,
        },
        "volumes": {"type": "object", "additionalProperties": {"type": ["object", "null"]}},
    },
    "patternProperties": {"^x-": {}},
    "required": ["services"],
    "additionalProperties": False,
}
