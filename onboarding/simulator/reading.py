"""Data sets: queued, read over time, completed; first fetches, schedules, idle tokens.

Called inside a transaction. `moment` is when the thing happens, which may be before now when the
clock was pushed.
"""

import random
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any

from . import assumptions
from .answers import reference_company
from .catalogue import PLATFORMS
from .clock import iso
from .events import emit
from .records import FINAL, FINAL_ERRORS, Connection, PullOperation
from .world import World, new_id

IDENTITY_TYPES = {"Accounting": "company", "Commerce": "commerce-companyInfo"}
WAITING_FOR_MACHINE = "Waiting for asynchronous response from third party"

_MESSAGES = {
    "AuthError": "The authorisation at the platform is no longer valid.",
    "PermissionsError": "The user who linked may not read this data.",
    "RateLimitError": "The platform's rate limit was reached.",
    "NotSupported": "This data type is not supported by the platform.",
}


# --- beginning -------------------------------------------------------------------------------


def linked(world: World, connection: Connection, *, first_time: bool, moment: float) -> None:
    """A connection became Linked. Only a first linking is followed by a fetch of its own."""
    world.plan(moment + idle_seconds(connection), "token_lapsed", connection.id)
    begins = first_time or assumptions.FETCH_ON_RELINK
    if begins and world.settings["fetch_on_first_link"]:
        connection.first_fetch_at = moment + world.settings["first_fetch_delay_seconds"]
        world.save(connection)
        world.plan(connection.first_fetch_at, "first_fetch", connection.id)


def first_fetch(world: World, connection_id: str, moment: float) -> None:
    """Handler: Codat begins to read by itself."""
    connection = world.connections.get(connection_id)
    if connection is None or connection.first_fetch_at is None:
        return
    connection.first_fetch_at = None
    world.save(connection)
    if connection.status == "Linked":
        queue_all(world, connection, moment)


def queue_all(world: World, connection: Connection, moment: float) -> None:
    """Every type with `fetchOnFirstLink` that the platform offers and that is not being read."""
    queued = [
        queue(world, connection, data_type, moment).id
        for data_type in first_types(world, connection)
        if not in_progress(world, connection, data_type)
    ]
    if not connection.initial_announced and not connection.initial_reads:
        connection.initial_reads = queued
        world.save(connection)


def first_types(world: World, connection: Connection) -> list[str]:
    settings = world.sync_settings_of(world.companies[connection.company_id])
    wanted = {s["dataType"]: s["syncOrder"] for s in settings if s["fetchOnFirstLink"]}
    offered = PLATFORMS[connection.platform_key].data_types
    return sorted(wanted.keys() & set(offered), key=lambda name: (wanted[name], name))


def in_progress(world: World, connection: Connection, data_type: str) -> PullOperation | None:
    pull = world.latest_pull.get((connection.id, data_type))
    return pull if pull and pull.final_status is None else None


def queue(world: World, connection: Connection, data_type: str, moment: float) -> PullOperation:
    platform = PLATFORMS[connection.platform_key]
    pull = PullOperation(
        id=new_id(),
        company_id=connection.company_id,
        connection_id=connection.id,
        data_type=data_type,
        requested=moment,
        duration=_duration(world, connection, data_type),
        organisation=connection.granted,
        link_moment=connection.linked_at,
        ends_as=world.settings["dataset_outcomes"].get(
            data_type, "NotSupported" if data_type in platform.refuses else "Complete"
        ),
    )
    world.add(pull)
    _start(world, pull, connection, moment)
    return pull


def _start(world: World, pull: PullOperation, connection: Connection, moment: float) -> None:
    platform = PLATFORMS[connection.platform_key]
    if platform.is_offline and (connection.connector_trouble or not connection.machine_on):
        pull.status_description = WAITING_FOR_MACHINE
        # A troubled connector was asked and did not answer; a computer that is off cannot be asked.
        pull.waits_as = "Fetching" if connection.connector_trouble else "Queued"
    else:
        begins = moment + assumptions.QUEUED_SECONDS
        pull.started = next_window(world, begins) if platform.night_window else begins
        pull.status_description = None
        if pause := world.settings["dataset_pauses"].get(pull.data_type):
            pull.paused_until = pull.started + pause
            pull.status_description = f"Paused until {iso(pull.paused_until)}"
        world.plan(pull.ends_at, "read_ends", pull.id)
    world.save(pull)


def next_window(world: World, moment: float) -> float:
    """The first moment at or after this one inside QuickBooks Desktop's night window (UTC)."""
    opens, closes = world.settings["night_hours"]
    when = datetime.fromtimestamp(moment, UTC)
    hours_since, hours_long = (when.hour - opens) % 24, (closes - opens) % 24
    if hours_since < hours_long:
        return moment
    hour = when.replace(minute=0, second=0, microsecond=0)
    return (hour + timedelta(hours=24 - hours_since)).timestamp()


def _duration(world: World, connection: Connection, data_type: str) -> float:
    shortest, longest = world.dataset_seconds
    if data_type in IDENTITY_TYPES.values():
        return shortest
    weight = zlib.crc32(data_type.encode()) % 1000 / 1000
    jitter = random.Random(f"{connection.id}:{data_type}").random()
    return shortest + (longest - shortest) * (0.8 * weight + 0.2 * jitter)


def machine_switched(world: World, connection: Connection, *, on: bool) -> None:
    """Desktop software can be read only while its computer is on."""
    connection.machine_on = on
    _start_or_stop(world, connection)


def connector_troubled(world: World, connection: Connection, trouble: str) -> None:
    """QuickBooks Desktop's connector cannot get at the books, and says why; "" ends the trouble."""
    connection.connector_trouble = trouble
    _start_or_stop(world, connection)


def _start_or_stop(world: World, connection: Connection) -> None:
    """After a change at the customer's computer: what waited begins, or what went on stops."""
    world.save(connection)
    for pull in world.pulls_of[connection.company_id]:
        if pull.connection_id != connection.id or pull.final_status:
            continue
        can_read = connection.machine_on and not connection.connector_trouble
        if pull.started is None or not can_read:
            pull.started = pull.paused_until = None
            _start(world, pull, connection, world.now)


# --- ending ----------------------------------------------------------------------------------


def read_ends(world: World, pull_id: str, moment: float) -> None:
    """Handler: the time of a read is over."""
    pull = world.pulls.get(pull_id)
    if pull is None or pull.ends_at is None:
        return
    if pull.ends_at > moment:
        world.plan(pull.ends_at, "read_ends", pull_id)
    else:
        finish(world, pull, pull.ends_as, moment)
        if pull.ends_as == "AuthError" and assumptions.AUTH_ERROR_DEAUTHORIZES:
            world.plan(moment, "access_ends", pull.connection_id)


def put_into(world: World, pull: PullOperation, status: str, moment: float) -> None:
    """From outside: ends the read in this status, or keeps it there until told otherwise."""
    if status in FINAL:
        finish(world, pull, status, moment)
        return
    pull.held, pull.final_status, pull.completed, pull.error_message = status, None, None, None
    world.save(pull)


def finish(world: World, pull: PullOperation, status: str, moment: float) -> None:
    connection = world.connections[pull.connection_id]
    pull.final_status, pull.completed, pull.held = status, moment, None
    pull.status_description = None
    pull.error_message = (
        _MESSAGES.get(status, "The read failed.") if status in FINAL_ERRORS else None
    )
    world.save(pull)
    if status == "Complete":
        connection.last_sync = connection.token_used_at = moment
        if pull.data_type in IDENTITY_TYPES.values():
            connection.identity, connection.identity_read_at = pull.organisation, moment
        world.save(connection)
    _plan_next(world, connection, pull)
    _announce(world, "read.completed", connection, [pull], moment)
    _announce_initial(world, connection, moment)
    if connection.one_time and not any(
        other.final_status is None and other.connection_id == connection.id
        for other in world.pulls_of[connection.company_id]
    ):
        world.plan(moment, "access_ends", connection.id)


def access_lost(world: World, connection: Connection, moment: float) -> None:
    """Reads that are under way end when the platform no longer lets us in."""
    for pull in list(world.pulls_of[connection.company_id]):
        if pull.connection_id == connection.id and pull.final_status is None:
            ended = "AuthError" if connection.status == "Deauthorized" else "Cancelled"
            finish(world, pull, ended, moment)


def _announce_initial(world: World, connection: Connection, moment: float) -> None:
    if connection.initial_announced or not connection.initial_reads:
        return
    pulls = [world.pulls[key] for key in connection.initial_reads if key in world.pulls]
    if any(pull.final_status is None for pull in pulls):
        return
    if any(pull.final_status == "Complete" for pull in pulls):
        connection.initial_announced = True
        world.save(connection)
        _announce(world, "read.completed.initial", connection, pulls, moment)


def _announce(
    world: World, event_type: str, connection: Connection, pulls: list[PullOperation], moment: float
) -> None:
    company = world.companies[connection.company_id]
    payload = {
        "referenceCompany": reference_company(company),
        "dataTypes": [_summary(pull) for pull in pulls],
        "modifiedFromDate": iso(moment - timedelta(days=730).total_seconds()),
    }
    emit(world, event_type, payload, moment=moment, company=company, connection_id=connection.id)


def _summary(pull: PullOperation) -> dict[str, Any]:
    body: dict[str, Any] = {
        "connectionId": pull.connection_id,
        "dataType": pull.data_type,
        "status": pull.final_status,
        "recordsModified": pull.final_status == "Complete",
    }
    if pull.error_message:
        logs = f"/companies/{pull.company_id}/sync/{pull.id}/validation"
        body["issues"] = [
            {"type": "error.read", "message": pull.error_message, "links": {"logs": logs}}
        ]
    return body


# --- again -----------------------------------------------------------------------------------


def _schedule_seconds(world: World, connection: Connection, data_type: str) -> float | None:
    for setting in world.sync_settings_of(world.companies[connection.company_id]):
        if setting["dataType"] == data_type and setting["syncSchedule"] > 0:
            return float(setting["syncSchedule"]) * 3600
    return None


def _plan_next(world: World, connection: Connection, pull: PullOperation) -> None:
    seconds = _schedule_seconds(world, connection, pull.data_type)
    if seconds and pull.completed is not None:
        world.plan(pull.completed + seconds, "scheduled_read", pull.id)


def scheduled_read(world: World, pull_id: str, moment: float) -> None:
    """Handler: time to read again what this read last read, counted from when it ended."""
    pull = world.pulls.get(pull_id)
    if pull is None or world.latest_pull.get((pull.connection_id, pull.data_type)) is not pull:
        return
    connection = world.connections[pull.connection_id]
    if connection.status != "Linked" or pull.final_status == "NotSupported":
        return
    seconds = _schedule_seconds(world, connection, pull.data_type)
    if seconds and pull.completed is not None:
        if pull.completed + seconds > moment:
            world.plan(pull.completed + seconds, "scheduled_read", pull_id)
        else:
            queue(world, connection, pull.data_type, moment)


def idle_seconds(connection: Connection) -> float:
    shortest, longest = assumptions.IDLE_TOKEN_DAYS
    days = shortest + zlib.crc32(connection.platform_key.encode()) % (longest - shortest + 1)
    return days * 86400.0


def resume(world: World) -> None:
    """After a restart: plans again all that the records say will happen."""
    for pull in world.pulls.values():
        world.plan(pull.ends_at, "read_ends", pull.id)
        if world.latest_pull.get((pull.connection_id, pull.data_type)) is pull:
            _plan_next(world, world.connections[pull.connection_id], pull)
    for connection in world.connections.values():
        world.plan(connection.first_fetch_at, "first_fetch", connection.id)
        if connection.status == "Linked" and connection.token_used_at is not None:
            lapses = connection.token_used_at + idle_seconds(connection)
            world.plan(lapses, "token_lapsed", connection.id)
