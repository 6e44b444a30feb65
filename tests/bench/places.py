"""One customer for each page of the journey. Needs a set-up Django."""

from collections.abc import Iterator

from onboarding.linking.models import Company, Connection
from tests import factories


def places() -> Iterator[tuple[str, str, dict[str, str]]]:
    """Name, path, and the headers with which the page answers 200."""
    yield "start", "/", {}
    new, cookie = _customer()
    yield "choose", f"/journey/{new.public_id}/software/", cookie
    yield "permission", f"/journey/{new.public_id}/permission/gbol/", cookie
    pending, cookie = _customer()
    factories.make_connection(pending)
    factories.restage(pending)
    yield "leave", f"/journey/{pending.public_id}/leave/gbol/", cookie
    reading, cookie = _customer()
    _confirmed(reading, status="Fetching")
    path = f"/journey/{reading.public_id}/progress/"
    yield "progress", path, cookie
    fragment = {"HX-Request": "true", "HX-Target": "progress_status"}
    yield "progress, polled", f"{path}?at=reading&looks=3", {**cookie, **fragment}
    confirming, cookie = _customer()
    factories.make_identity(factories.make_connection(confirming, status="Linked"))
    factories.restage(confirming)
    yield "confirm", f"/journey/{confirming.public_id}/confirm/", cookie
    ready, cookie = _customer()
    _confirmed(ready, status="Complete")
    yield "done", f"/journey/{ready.public_id}/done/", cookie
    yield "your connections", f"/journey/{ready.public_id}/connections/", cookie


def _customer() -> tuple[Company, dict[str, str]]:
    company = factories.make_company()
    _session, key = factories.make_session(company)
    return company, {"Cookie": f"journey={key}"}


def _confirmed(company: Company, *, status: str) -> Connection:
    connection = factories.make_connection(company, status="Linked")
    identity = factories.make_identity(connection)
    identity.confirmed_at = identity.read_at
    identity.save(update_fields=["confirmed_at"])
    for data_type in ("company", "invoices", "bills", "customers", "suppliers"):
        factories.make_operation(connection, data_type, status=status)
    factories.restage(company)
    return connection
