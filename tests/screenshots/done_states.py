"""What is connected."""

from datetime import timedelta

from django.http import HttpResponse
from django.utils import timezone

from onboarding.linking.models import Branding
from tests.factories import make_connection, make_operation

from .customers import brook, confirmed, software, visit
from .registry import LONG, add


def done(
    *, more: bool = False, unfinished: bool = False, long: bool = False, home: str = ""
) -> HttpResponse:
    if home:
        Branding.objects.create(name="Northbank", home_url=home)
    software()
    name = LONG if long else "Xero"
    company = brook(true_name=LONG if long else "Brook & Sons Ltd")
    connection = make_connection(company, status="Linked", platform_name=name)
    confirmed(connection)
    make_operation(connection, "company")
    if more or unfinished:
        shop = {"platform_name": "Shopify", "source_type": "Commerce"}
        confirmed(make_connection(company, "fztf", "Linked", **shop))
    if unfinished:
        make_connection(company, "aszz", platform_name="Plaid", source_type="Banking")
    return visit("done", company)


def connections(*, long: bool = False, empty: bool = False) -> HttpResponse:
    """All four statuses, one in trouble, one of a word we do not know."""
    software()
    company = brook(true_name=LONG if long else "Brook & Sons Ltd")
    if not empty:
        name = LONG if long else "Xero"
        read_at = timezone.now() - timedelta(hours=3)
        first = make_connection(company, status="Linked", platform_name=name, last_read_at=read_at)
        confirmed(first, LONG if long else "Brook & Sons")
        trouble = [{"status": "Active", "statusCode": "500"}]
        rows: list[tuple[str, str, str, list]] = [
            ("fztf", "Shopify", "PendingAuth", []),
            ("rdlb", "Square", "Unlinked", []),
        ]
        rows += [("aszz", "Plaid", "Linked", trouble), ("hcws", "Sage 50", "Paused", [])]
        for key, shown, status, errors in rows:
            make_connection(company, key, status, platform_name=shown, errors=errors)
        lost = make_connection(company, "qhyg", "Deauthorized", platform_name="QuickBooks Online")
        confirmed(lost)
    return visit("connections", company)


add("journey-done--one", "journey/done.html", done)
add("journey-done--several", "journey/done.html", done, more=True)
add("journey-done--unfinished", "journey/done.html", done, unfinished=True)
add("journey-done--home", "journey/done.html", done, home="https://northbank.example")
add("journey-done--long", "journey/done.html", done, long=True)
add("journey-connections--empty", "journey/connections.html", connections, empty=True)
add("journey-connections--statuses", "journey/connections.html", connections)
add("journey-connections--long", "journey/connections.html", connections, long=True)
