"""The page at /control/ for people: what is there, and the buttons to let things happen."""

from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request

from . import connecting, faults
from .catalogue import PLATFORMS
from .clock import iso
from .control import ACTIONS, only_from_this_machine
from .records import Connection
from .world import World

control_page = Blueprint(
    "control_page", __name__, url_prefix="/control", template_folder="templates"
)
control_page.before_request(only_from_this_machine)

_SHOWN = 40
_LABELS = {
    "authorize": "Allow access",
    "cancel": "Cancel at sign-in",
    "fail": "Fail at sign-in",
    "deauthorize": "Customer revokes access",
    "unlink": "Unlink",
    "machine_on": "Switch computer on",
    "machine_off": "Switch computer off",
}
FAULTS = ("status:500", "status:429", "timeout", "cut", "slow:2.5", "processed_then_cut")


def _world() -> World:
    world: World = current_app.extensions["world"]
    return world


@control_page.get("/")
def overview() -> str:
    world = _world()
    wanted = request.args.get("search", "").casefold()
    with world.transaction():
        companies = [
            company
            for company in reversed(world.companies.values())
            if wanted in company.name.casefold() or wanted in company.id
        ]
        return render_template(
            "control.html",
            now=iso(world.now)[:19].replace("T", " "),
            ahead=round(world.clock.ahead_seconds),
            search=request.args.get("search", ""),
            total=len(companies),
            companies=[_company(world, company.id) for company in companies[:_SHOWN]],
            links=list(reversed(world.links.values()))[:_SHOWN],
            webhooks=list(reversed(world.deliveries.values()))[:_SHOWN],
            armed=world.misc.get("faults", []),
            operations=sorted(set(faults.KNOWN.values())),
            kinds=FAULTS,
        )


def _company(world: World, company_id: str) -> dict[str, Any]:
    company = world.companies[company_id]
    return {
        "id": company.id,
        "name": company.name,
        "tags": company.tags,
        "connections": [
            {
                "id": connection.id,
                "platform": connection.platform_name,
                "status": connection.status,
                "granted": (connection.granted or {}).get("legal_name", ""),
                "reads": _reads(world, connection),
                "actions": [(action, _LABELS[action]) for action in _possible(connection)],
            }
            for connection in world.connections_of[company_id]
        ],
    }


def _reads(world: World, connection: Connection) -> str:
    pulls = world.latest_pulls_of(connection).values()
    done = sum(pull.final_status == "Complete" for pull in pulls)
    return f"{done} of {len(pulls)}" if pulls else ""


def _possible(connection: Connection) -> list[str]:
    if connection.status != "Linked":
        actions = ["authorize", "cancel", "fail"]
    else:
        actions = ["deauthorize", "unlink"]
    if connection.status == "Linked" and PLATFORMS[connection.platform_key].is_offline:
        actions.append("machine_off" if connection.machine_on else "machine_on")
    return actions


@control_page.post("/page/connections/<connection_id>")
def act(connection_id: str) -> Any:
    world, action = _world(), request.form.get("action", "")
    with world.transaction():
        connection = world.connections.get(connection_id)
        if connection is not None and action in ACTIONS:
            ACTIONS[action](world, connection, {})
    return _back()


@control_page.post("/page/clock")
def push_clock() -> Any:
    world = _world()
    seconds = request.form.get("seconds", "0")
    with world.transaction():
        world.clock.advance(float(int(seconds)) if seconds.isdigit() else 0.0)
        world.remember("ahead_seconds", world.clock.ahead_seconds)
        world.catch_up()
    return _back()


@control_page.post("/page/faults")
def arm_or_disarm() -> Any:
    world, kind = _world(), request.form.get("fault")
    with world.transaction():
        if kind in FAULTS and "disarm" not in request.form:
            operation = request.form.get("operation", "")
            match = {"operation": operation} if operation in faults.KNOWN else {}
            faults.arm(world, {"match": match, "fault": kind})
        else:
            faults.disarm_all(world)
            current_app.extensions["gate"].release()
    return _back()


@control_page.post("/page/links/<connection_id>")
def open_link(connection_id: str) -> Any:
    """Goes where the customer would go: a fresh one-time link."""
    world = _world()
    with world.transaction():
        connection = world.connections.get(connection_id)
        if connection is None:
            return _back()
        url = connecting.link_url(world, connection, with_password=True)
    return redirect(url, 303)


def _back() -> Any:
    return redirect("/control/", 303)
