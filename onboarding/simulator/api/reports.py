"""What the platform says about the business: company details, profit and loss, balance sheet."""

from typing import Any

from onboarding.simulator.answers import Answer, ApiError
from onboarding.simulator.catalogue import PLATFORMS
from onboarding.simulator.clock import iso
from onboarding.simulator.records import Connection
from onboarding.simulator.world import World

from .operation import find_company, find_connection, operation
from .reading_state import not_read


@operation("GET", "/companies/<company_id>/data/info")
def get_company_info(world: World, company_id: str) -> Answer:
    """As last read: stays what it was after a relink, until the details are read anew."""
    find_company(world, company_id)
    accounting = [
        connection
        for connection in world.connections_of[company_id]
        if PLATFORMS[connection.platform_key].source_type == "Accounting"
    ]
    read = [c for c in accounting if c.identity_read_at is not None]
    if not read:
        raise not_read(world, accounting or world.connections_of[company_id], "company")
    latest = max(read, key=lambda connection: connection.identity_read_at or 0)
    organisation = latest.identity or {}
    return _known(
        _details(latest)
        | {
            "accountingPlatformRef": organisation["reference"],
            "taxNumber": organisation["tax_number"],
            "financialYearStartDate": "2026-04-01T00:00:00",
            "ledgerLockDate": "2026-03-31T00:00:00",
        }
    ), 200


@operation(
    "GET",
    "/companies/<company_id>/connections/<connection_id>/data/commerce-info",
    aliases=("get-commerce-info",),
)
def get_commerce_profile(world: World, company_id: str, connection_id: str) -> Answer:
    connection = find_connection(world, company_id, connection_id)
    if PLATFORMS[connection.platform_key].source_type != "Commerce":
        name = connection.platform_name
        raise ApiError(404, f"Datatype commerce-companyInfo not supported by platform(s) {name}")
    if connection.identity_read_at is None:
        raise not_read(world, [connection], "commerce-companyInfo")
    moment = iso(connection.identity_read_at)
    balance = {"available": 1250.5, "pending": 80.25, "reserved": 0, "currency": "GBP"}
    return _known(
        _details(connection)
        | {
            "commercePlatformRef": (connection.identity or {})["reference"],
            "accountBalances": [balance],
            "modifiedDate": moment,
            "sourceModifiedDate": moment,
        }
    ), 200


def _known(body: dict[str, Any]) -> dict[str, Any]:
    """Without what the platform does not say."""
    return {name: value for name, value in body.items() if value not in (None, "")}


def _details(connection: Connection) -> dict[str, Any]:
    organisation = connection.identity or {}
    body = {
        "addresses": [
            {
                "type": "Billing",
                "line1": organisation["line1"],
                "city": organisation["town"],
                "country": "United Kingdom",
                "postalCode": organisation["postcode"],
            }
        ],
        "phoneNumbers": [{"number": "+44 117 496 0000", "type": "Landline"}],
        "webLinks": [{"type": "Website", "url": "https://business.example"}],
        "registrationNumber": organisation["registration_number"],
        "baseCurrency": organisation["currency"],
        "sourceUrls": {},
        "createdDate": "2021-06-01T00:00:00Z",
    }
    if PLATFORMS[connection.platform_key].names_company:
        body["companyName"] = organisation["name"]
        body["companyLegalName"] = organisation["legal_name"]
    return body
