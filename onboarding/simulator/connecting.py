"""What can happen to companies and connections, whoever causes it. Called inside a transaction."""

import re
import secrets
import unicodedata
from typing import Any

from . import assumptions, organisations, reading
from .answers import company_details, connection_json
from .catalogue import PLATFORMS, Platform
from .clock import iso
from .events import company_event, company_link_url, connection_event
from .records import Company, Connection, PullOperation
from .world import World, new_id

_REMOVED = re.compile(r"[^A-Za-z0-9\s\-',&@.?!]")

PARTNER_EXPENSE = "pexp"
OUTCOMES = {
    "cancel": (403, "User cancelled"),
    "fail": (500, "Unknown error occurred"),
    "not_supported": (501, "Not supported"),
}


def clean_name(name: str) -> str:
    """The name as Codat keeps it: characters outside its pattern are dropped without a word."""
    if assumptions.NAME_KEEPS_ACCENTS:
        name = unicodedata.normalize("NFKD", name)
    return re.sub(r"  +", " ", _REMOVED.sub("", name)).strip()


def create_company(
    world: World, *, name: str, description: str | None, tags: dict[str, str], hide: float = 0.0
) -> Company:
    now = world.now
    company = world.add(
        Company(
            id=new_id(),
            name=clean_name(name),
            created=now,
            description=description,
            tags=tags,
            hidden_until=now + hide if hide else 0.0,
        )
    )
    company_event(world, "company.created", company, moment=now)
    return company


def create_partner_expense_connection(
    world: World, company: Company, *, hide: float = 0.0
) -> Connection:
    """Born Linked, without a visit to Link; nothing stops a second one."""
    now = world.now
    platform = PLATFORMS[PARTNER_EXPENSE]
    connection = world.add(
        Connection(
            id=new_id(),
            company_id=company.id,
            platform_key=platform.key,
            source_id=platform.source_id,
            platform_name=platform.name,
            created=now,
            status="Linked",
            linked_at=now,
            first_linked_at=now,
            hidden_until=now + hide if hide else 0.0,
        )
    )
    announce(world, "connection.created", connection, now)
    return connection


def delete_company(world: World, company: Company) -> None:
    company_event(world, "company.deleted", company, moment=world.now)
    for file in [file for file in world.files.values() if file.company_id == company.id]:
        world.remove(file)
    for connection in list(world.connections_of[company.id]):
        if assumptions.ANNOUNCE_CONNECTIONS_OF_DELETED_COMPANY:
            announce(world, "connection.deleted", connection, world.now)
        _forget(world, connection)
    world.remove(company)


def create_connection(
    world: World, company: Company, platform: Platform, *, hide: float = 0.0
) -> Connection:
    now = world.now
    connection = world.add(
        Connection(
            id=new_id(),
            company_id=company.id,
            platform_key=platform.key,
            source_id=platform.source_id,
            platform_name=platform.name,
            created=now,
            desktop_secret=company.id
            if platform.desktop_secret == "licence key"  # noqa: S105 - a kind of secret
            else secrets.token_urlsafe(9),
            machine_on=not platform.is_offline,
            one_time=world.is_one_time(platform),
            hidden_until=now + hide if hide else 0.0,
        )
    )
    announce(world, "connection.created", connection, now)
    return connection


def delete_connection(world: World, connection: Connection) -> None:
    announce(world, "connection.deleted", connection, world.now)
    _forget(world, connection)


def _forget(world: World, connection: Connection) -> None:
    pulls: list[PullOperation] = [
        pull
        for pull in world.pulls_of[connection.company_id]
        if pull.connection_id == connection.id
    ]
    for pull in pulls:
        world.remove(pull)
    world.remove(connection)


def other_linked_accounting(world: World, company_id: str, key: str, but: str = "") -> bool:
    """Codat allows one active accounting connection for each company."""
    return PLATFORMS[key].source_type == "Accounting" and any(
        other.id != but
        and other.status == "Linked"
        and PLATFORMS[other.platform_key].source_type == "Accounting"
        for other in world.connections_of[company_id]
    )


def authorize(
    world: World,
    connection: Connection,
    organisation: str | None = None,
    *,
    bank: str | None = None,
    machine_on: bool = True,
) -> tuple[int, str]:
    """The customer allowed access. Returns the status code and message of the return."""
    company = world.companies[connection.company_id]
    if other_linked_accounting(world, company.id, connection.platform_key, but=connection.id):
        return refuse(world, connection, "fail")
    platform = PLATFORMS[connection.platform_key]
    connection.granted = granted_organisation(world, company, organisation)
    if bank in platform.banks:
        connection.source_id, connection.platform_name = platform.source_id_of(bank), bank
    if platform.is_offline:
        connection.machine_installed, connection.machine_on = True, machine_on
    if connection.status == "Linked":
        world.save(connection)
        return assumptions.ALREADY_LINKED_RETURN, ""
    _become_linked(world, connection)
    return 200, ""


def _become_linked(world: World, connection: Connection) -> None:
    now = world.now
    before, connection.status = connection.status, "Linked"
    connection.linked_at = connection.token_used_at = now
    for error in connection.errors:
        if error["status"] == "Active":
            error.update(status="Resolved", resolvedOnUtc=iso(now))
    first_time = connection.first_linked_at is None
    if first_time:
        connection.first_linked_at = now
    _changed(world, connection)
    announce(
        world,
        "connection.connected" if before == "PendingAuth" else "connection.reconnected",
        connection,
        now,
    )
    reading.linked(world, connection, first_time=first_time, moment=now)


def granted_organisation(world: World, company: Company, wanted: str | None) -> dict[str, Any]:
    """The one that was chosen; a name nobody knows becomes a business of that name."""
    if not company.organisations:
        company.organisations = organisations.seen_by(company.id, company.name)
        world.save(company)
    found = organisations.find(company.organisations, wanted)
    if found is None:
        found = organisations.make(f"org-{new_id()[:8]}", wanted or "", seed=company.id)
        company.organisations.append(found)
        world.save(company)
    return found


def refuse(world: World, connection: Connection, outcome: str) -> tuple[int, str]:
    """Cancelled, failed or not supported: the status stays, an error row says why."""
    code, message = OUTCOMES[outcome]
    connection.errors.insert(
        0,
        {
            "statusCode": str(code),
            "statusText": message,
            "errorMessage": message,
            "erroredOnUtc": iso(world.now),
            "status": "Active",
        },
    )
    world.save(connection)
    announce(world, "connection.failed", connection, world.now)
    return code, message


def disconnect(world: World, connection: Connection, status: str, moment: float) -> None:
    """To `Unlinked` (our side) or `Deauthorized` (the customer, the platform, or time)."""
    if connection.status != "Linked":
        return
    connection.status = status
    connection.first_fetch_at = None
    _changed(world, connection)
    reading.access_lost(world, connection, moment)
    announce(world, "connection.disconnected", connection, moment)


def token_lapsed(world: World, connection_id: str, moment: float) -> None:
    """Handler: an idle token ends its connection."""
    connection = world.connections.get(connection_id)
    if connection is None or connection.status != "Linked" or connection.token_used_at is None:
        return
    lapses = connection.token_used_at + reading.idle_seconds(connection)
    if lapses > moment:
        world.plan(lapses, "token_lapsed", connection_id)
    else:
        disconnect(world, connection, "Deauthorized", moment)


def access_ends(world: World, connection_id: str, moment: float) -> None:
    """Handler: a one-time connector has read all, or a read found the authorisation gone."""
    if connection := world.connections.get(connection_id):
        disconnect(world, connection, "Deauthorized", moment)


def _changed(world: World, connection: Connection) -> None:
    world.save(connection)
    world.note_linked(connection.company_id)


def announce(world: World, event_type: str, connection: Connection, moment: float) -> None:
    connection_event(
        world, event_type, connection, connection_body(world, connection), moment=moment
    )


def link_url(world: World, connection: Connection, *, with_password: bool) -> str:
    """The address that opens Link; with a new one-time password when asked for."""
    url = f"{world.link_origin}/companies/{connection.company_id}/connections/{connection.id}/start"
    if not with_password or not world.settings["otp"]:
        return url
    now, otps = world.now, connection.otps
    for otp in [otp for otp, at in otps.items() if now - at > assumptions.OTP_SECONDS]:
        del otps[otp]
    if assumptions.FRESH_OTP_ON_EACH_READ or not otps:
        while len(otps) >= assumptions.OTPS_KEPT_PER_CONNECTION:
            del otps[next(iter(otps))]
        otps[secrets.token_hex(6)] = now
        world.save(connection)
    return f"{url}?otp={next(reversed(otps))}"


def connection_body(
    world: World, connection: Connection, *, with_password: bool = False
) -> dict[str, Any]:
    platform = PLATFORMS[connection.platform_key]
    return connection_json(
        connection,
        link_url=link_url(world, connection, with_password=with_password),
        source_type=platform.source_type,
        integration_id=platform.integration_id,
    )


def company_body(world: World, company: Company) -> dict[str, Any]:
    body = company_details(
        company,
        redirect=company_link_url(world, company),
        last_sync=world.last_sync_of(company.id),
    )
    body["dataConnections"] = [
        connection_body(world, connection, with_password=assumptions.OTP_INSIDE_COMPANIES)
        for connection in world.connections_of[company.id]
    ]
    return body
