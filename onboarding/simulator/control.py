"""Scripting from outside: JSON in, JSON out, from a loopback address only."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any, NoReturn

from flask import Blueprint, Response, abort, current_app, jsonify, request

from . import connecting, faults, organisations, reading
from .answers import consumer_json, link_session_json, pull_json
from .assumptions import CONNECTOR_TROUBLE_WORDS
from .catalogue import DATA_TYPES, PLATFORMS
from .clock import iso
from .events import emit, sample_payload
from .gate import Gate
from .records import DATASET_STATUSES, Connection
from .world import World

control = Blueprint("control", __name__, url_prefix="/control")
_LOOPBACK = {"127.0.0.1", "::1", "::ffff:127.0.0.1"}


def _world() -> World:
    world: World = current_app.extensions["world"]
    return world


def _gate() -> Gate:
    gate: Gate = current_app.extensions["gate"]
    return gate


def only_from_this_machine() -> None:
    """Before each request under /control."""
    if request.remote_addr not in _LOOPBACK and not current_app.config["CONTROL_ANYWHERE"]:
        abort(403)


control.before_request(only_from_this_machine)


def _body() -> dict[str, Any]:
    body = request.get_json(force=True, silent=True) if request.get_data() else {}
    if not isinstance(body, dict):
        _refuse("the body is not a JSON object")
    return body


def _refuse(why: str, status: int = 400) -> NoReturn:
    answer = jsonify({"error": why})
    answer.status_code = status
    abort(answer)


@control.get("/health")
def health() -> Response:
    return jsonify({"status": "ok", "now": iso(_world().now)})


@control.post("/reset")
def reset() -> Response:
    with _world().lock:
        _gate().forget()
        current_app.extensions["begin"]()
    return jsonify({"status": "ok"})


@control.post("/clock")
def clock() -> Response:
    seconds = _body().get("advance_seconds", 0)
    if not isinstance(seconds, int | float) or seconds < 0:
        _refuse("advance_seconds must be a number of seconds, 0 or more")
    world = _world()
    with world.transaction():
        world.clock.advance(float(seconds))
        world.remember("ahead_seconds", world.clock.ahead_seconds)
        world.catch_up()
    return jsonify({"now": iso(world.now), "ahead_seconds": world.clock.ahead_seconds})


@control.get("/settings")
def get_settings() -> Response:
    world = _world()
    with world.transaction():
        return jsonify(_settings(world))


@control.post("/settings")
def settings() -> Response:
    """Changes what Codat or its client would have set up elsewhere; see the README's table."""
    world, body = _world(), _body()
    with world.transaction():
        known = set(world.settings) | {"portal", "dataset_seconds"}
        if unknown := set(body) - known:
            _refuse(f"unknown settings: {', '.join(sorted(unknown))}")
        if "portal" in body:
            world.move_portal(body["portal"].rstrip("/"))
        if "dataset_seconds" in body:
            shortest, longest = body["dataset_seconds"]
            world.dataset_seconds = (float(shortest), float(longest))
        own = {key: value for key, value in body.items() if key in world.settings}
        world.remember("settings", world.settings | own)
        return jsonify(_settings(world))


def _settings(world: World) -> dict[str, Any]:
    return world.settings | {"portal": world.portal, "dataset_seconds": world.dataset_seconds}


@control.post("/connections/<connection_id>")
def act_on_connection(connection_id: str) -> Response:
    """Acts as the customer, the platform, or the customer's computer."""
    world, body = _world(), _body()
    with world.transaction():
        connection = world.connections.get(connection_id)
        if connection is None:
            _refuse("no such connection", 404)
        act = ACTIONS.get(str(body.get("action")))
        if act is None:
            _refuse(f"action must be one of {', '.join(ACTIONS)}")
        act(world, connection, body)
        return jsonify(connecting.connection_body(world, connection))


def _authorize(world: World, connection: Connection, body: dict[str, Any]) -> None:
    connecting.authorize(world, connection, body.get("organisation"), bank=body.get("bank"))


def _trouble_connector(world: World, connection: Connection, body: dict[str, Any]) -> None:
    """`trouble` is one of Codat's guide, or empty; only QuickBooks Desktop tells of any."""
    trouble = body.get("trouble", "")
    if trouble and trouble not in CONNECTOR_TROUBLE_WORDS:
        _refuse(f"trouble must be empty or one of {', '.join(CONNECTOR_TROUBLE_WORDS)}")
    if not PLATFORMS[connection.platform_key].night_window:
        _refuse("only QuickBooks Desktop's connector tells of its trouble")
    reading.connector_troubled(world, connection, trouble)


ACTIONS: dict[str, Callable[[World, Connection, dict[str, Any]], Any]] = {
    "authorize": _authorize,
    "cancel": lambda world, connection, body: connecting.refuse(world, connection, "cancel"),
    "fail": lambda world, connection, body: connecting.refuse(world, connection, "fail"),
    "not_supported": lambda world, connection, body: connecting.refuse(
        world, connection, "not_supported"
    ),
    "deauthorize": lambda world, connection, body: connecting.disconnect(
        world, connection, "Deauthorized", world.now
    ),
    "unlink": lambda world, connection, body: connecting.disconnect(
        world, connection, "Unlinked", world.now
    ),
    "machine_on": lambda world, connection, body: reading.machine_switched(
        world, connection, on=True
    ),
    "machine_off": lambda world, connection, body: reading.machine_switched(
        world, connection, on=False
    ),
    "connector_trouble": _trouble_connector,
}


@control.post("/integrations/<key>")
def act_on_integration(key: str) -> Response:
    world, body = _world(), _body()
    if key not in PLATFORMS:
        _refuse("no such integration", 404)
    if not body or set(body) - {"enabled", "listed", "one_time"}:
        _refuse("expected enabled, listed or one_time, true or false")
    with world.transaction():
        overrides = world.misc["integrations"]
        changed = overrides.get(key, {}) | {name: bool(value) for name, value in body.items()}
        world.remember("integrations", overrides | {key: changed})
    return jsonify({"key": key, **changed})


@control.post("/companies/<company_id>/datasets")
def put_data_sets(company_id: str) -> Response:
    """Ends reads in a status, or holds them there. A type never read is queued first."""
    world, body = _world(), _body()
    data_type, status = body.get("dataType", "*"), body.get("status")
    if status not in DATASET_STATUSES:
        _refuse("status is not one of Codat's dataset statuses")
    if data_type != "*" and data_type not in DATA_TYPES:
        _refuse("dataType is neither * nor one of Codat's data types")
    with world.transaction():
        if company_id not in world.companies:
            _refuse("no such company", 404)
        wanted = body.get("connectionId")
        changed = []
        for connection in world.connections_of[company_id]:
            if wanted in (None, connection.id) and connection.first_linked_at is not None:
                changed += _put(world, connection, data_type, str(status))
        return jsonify({"results": changed})


def _put(world: World, connection: Connection, data_type: str, status: str) -> list[dict[str, Any]]:
    types = [data_type]
    if data_type == "*":
        types = list(world.latest_pulls_of(connection)) or reading.first_types(world, connection)
    elif data_type not in PLATFORMS[connection.platform_key].data_types:
        return []
    changed = []
    for name in types:
        pull = world.latest_pull.get((connection.id, name))
        if pull is None:
            pull = reading.queue(world, connection, name, world.now)
        reading.put_into(world, pull, status, world.now)
        changed.append(pull_json(pull, world.now))
    return changed


@control.post("/companies/<company_id>/organisations")
def set_organisations(company_id: str) -> Response:
    """What logins of this business can see: a list of names, or of objects with `name` and any of
    `legal_name`, `registration_number`, `town`, `reference`; null takes a value away."""
    world, body = _world(), _body()
    with world.transaction():
        company = world.companies.get(company_id)
        if company is None:
            _refuse("no such company", 404)
        company.organisations = []
        for number, wanted in enumerate(body.get("organisations", [])):
            given = {"name": wanted} if isinstance(wanted, str) else dict(wanted)
            made = organisations.make(f"org-{number}", given.get("name") or "", seed=company_id)
            company.organisations.append(made | given)
        world.save(company)
        return jsonify({"organisations": company.organisations})


@control.route("/faults", methods=["GET", "POST", "DELETE"])
def armed_faults() -> Response:
    world = _world()
    with world.transaction():
        if request.method == "POST":
            try:
                faults.arm(world, _body())
            except (ValueError, TypeError) as error:
                _refuse(str(error))
        elif request.method == "DELETE":
            faults.disarm_all(world)
            _gate().release()
        return jsonify({"faults": world.misc.get("faults", [])})


@control.route("/webhooks", methods=["GET", "POST"])
def webhook_trouble() -> Response:
    """Trouble on delivery; each POST replaces what was armed before, `{}` ends it."""
    world = _world()
    with world.transaction():
        if request.method == "POST":
            body = _body()
            if unknown := set(body) - {"drop", "duplicate", "delay_seconds", "shuffle"}:
                _refuse(f"unknown trouble: {', '.join(sorted(unknown))}")
            world.remember("webhook_trouble", body)
        return jsonify(world.misc.get("webhook_trouble", {}))


@control.post("/midnight")
def midnight() -> Response:
    """Ends the day of the allowance, as 00:00 UTC does: a used-up one is announced as reset."""
    world, quota = _world(), _gate().quota
    with world.transaction():
        quota.end_the_day()
        quota.turn_the_day()
        return jsonify({"limit": quota.limit(), "remaining": quota.remaining()})


@control.post("/events")
def send_event() -> Response:
    """Sends one event of any type to every consumer; `payload` replaces the sample's."""
    world, body = _world(), _body()
    event_type = body.get("eventType")
    if not isinstance(event_type, str) or not event_type:
        _refuse("eventType is missing")
    with world.transaction():
        company = world.companies.get(str(body.get("company")))
        connection_id = body.get("connection")
        payload = body.get("payload") or sample_payload(world, event_type, company, connection_id)
        emit(
            world,
            event_type,
            payload,
            moment=world.now,
            company=company,
            connection_id=connection_id,
            to_all=True,
        )
    return jsonify({"eventType": event_type, "payload": payload})


@control.route("/calls", methods=["GET", "DELETE"])
def calls() -> Response:
    """Counts of API calls since the last DELETE: in all, by operation, by company and operation."""
    gate = _gate()
    with gate.world.lock:
        if request.method == "DELETE":
            gate.calls.clear()
        operations: defaultdict[str, int] = defaultdict(int)
        companies: defaultdict[str, dict[str, int]] = defaultdict(dict)
        for (operation, company_id), count in gate.calls.items():
            operations[operation] += count
            if company_id:
                companies[company_id][operation] = count
        return jsonify(
            {"total": sum(operations.values()), "operations": operations, "companies": companies}
        )


@control.get("/state")
def state() -> Response:
    world = _world()
    with world.transaction():
        now = world.now
        return jsonify(
            {
                "now": iso(now),
                "clientId": world.misc["client_id"],
                "companies": [
                    _company_state(world, company_id, now) for company_id in world.companies
                ],
                "links": [link_session_json(session) for session in world.links.values()],
                "consumers": [
                    consumer_json(c) | {"failingSince": c.failing_since}
                    for c in world.consumers.values()
                ],
                "webhooks": [
                    {key: value for key, value in vars(d).items() if key not in {"body", "drawn"}}
                    for d in world.deliveries.values()
                ],
                "faults": world.misc.get("faults", []),
                "settings": _settings(world),
            }
        )


def _company_state(world: World, company_id: str, now: float) -> dict[str, Any]:
    company = world.companies[company_id]
    body = connecting.company_body(world, company)
    for connection_body in body["dataConnections"]:
        connection = world.connections[connection_body["id"]]
        connection_body |= {
            "granted": connection.granted,
            "identity": connection.identity,
            "machineOn": connection.machine_on,
        }
    body["datasets"] = [pull_json(pull, now) for pull in world.pulls_of[company_id]]
    body["organisations"] = company.organisations
    return body


@control.route("/consumers/<consumer_id>", methods=["GET", "POST"])
def consumer(consumer_id: str) -> Response:
    """What only Codat's Portal does: shows the signing secret, enables a disabled consumer."""
    world = _world()
    with world.transaction():
        found = world.consumers.get(consumer_id)
        if found is None:
            _refuse("no such consumer", 404)
        if request.method == "POST":
            found.disabled = bool(_body().get("disabled"))
            found.failing_since = None
            world.save(found)
        return jsonify(consumer_json(found) | {"secret": found.secret})
