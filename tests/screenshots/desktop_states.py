"""Desktop software: told before, the steps, the wait, and what its first read waits for."""

from datetime import time, timedelta
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language

from onboarding.linking import emails
from onboarding.linking.invitation_links import make_token
from onboarding.linking.models import Category, Company, Invitation, LinkAttempt, Platform
from onboarding.linking.models.invitation import Purpose
from onboarding.linking.services import consents, to_computer
from onboarding.linking.stages import WAITING_FOR_COMPUTER
from tests.factories import (
    make_connection,
    make_identity,
    make_invitation,
    make_operation,
    make_platform,
    make_session,
)

from .customers import brook, hop, visit
from .registry import LONG, add, browser, customer

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148"
KINDS = {"hbql": "key", "pqsw": "password"}
NAMES = {"hbql": "Sage 50", "pqsw": "QuickBooks Desktop"}


def offered(key: str = "hbql", *, long: bool = False) -> Platform:
    make_platform("fztf", "Shopify", "Commerce")
    hours = {"read_from": time(19), "read_until": time(7)} if key == "pqsw" else {}
    name = LONG if long else NAMES[key]
    return make_platform(key, name, is_offline=True, set_up_by=KINDS[key], **hours)


def permitted(platform: Platform, **fields: Any) -> Company:
    company = brook(codat_id="1f0c6a3e-7d51-4a0c-9b77-2f5d3a9e8c10", **fields)
    wording = consents.wording_for(platform=platform, language="", firm_name="Northbank")
    session, _key = make_session(company)
    consents.record(session=session, platform=platform, wording=wording, now=timezone.now())
    return company


def told_before(key: str = "hbql", *, agent: str = "", long: bool = False) -> HttpResponse:
    platform = offered(key, long=long)
    company = brook(true_name=LONG) if long else brook()
    address = reverse("journey:computer", args=[company.public_id, platform.key])
    return customer(company).get(address, headers={"user-agent": agent})


def guide(
    key: str = "hbql",
    *,
    agent: str = "",
    long: bool = False,
    made: bool = True,
    status: str = "PendingAuth",
) -> HttpResponse:
    platform = offered(key, long=long)
    company = permitted(platform, true_name=LONG) if long else permitted(platform)
    if made:
        make_connection(company, key, status, platform_name=platform.name)
    address = reverse("journey:guide", args=[company.public_id, key])
    return customer(company).get(address, headers={"user-agent": agent})


def permission() -> HttpResponse:
    offered()
    return visit("permission", brook(), "hbql")


def waiting(*, minutes: float = 0, long: bool = False, sent: bool = False) -> HttpResponse:
    platform = offered(long=long)
    fields = {"true_name": LONG} if long else {}
    company = permitted(platform, observed_at=timezone.now(), **fields)
    connection = make_connection(company, "hbql", platform_name=platform.name)
    hop(connection, minutes=minutes)
    LinkAttempt.objects.update(returned_at=None)
    if not sent:
        return visit("waiting", company, "hbql")
    address = reverse("journey:send_steps", args=[company.public_id, "hbql"])
    return customer(company).post(address, follow=True)


def connected_meanwhile() -> HttpResponse:
    """After two days, on the page that waited."""
    platform = offered()
    company = permitted(platform)
    make_connection(company, "hbql", "Linked", platform_name=platform.name)
    client = customer(company, now=timezone.now() - timedelta(days=2))
    return client.get(reverse("journey:waiting", args=[company.public_id, "hbql"]))


def begun_here(*, mailed: bool = False) -> HttpResponse:
    """An address for this software alone, and the page of the link that it mails."""
    offered()
    address = reverse("journey:start_with", args=["hbql"])
    if not mailed:
        return browser().get(address)
    browser().post(address, {"name": "Brook & Sons Ltd", "email": "owner@brook.example"})
    return browser().get(reverse("journey:invitation", args=[make_token(Invitation.objects.get())]))


def connected(
    operations: dict[str, str],
    key: str = "hbql",
    *,
    confirmed: bool = True,
    unanswered: bool = False,
    long: bool = False,
    **window: Any,
) -> HttpResponse:
    platform = offered(key, long=long)
    for name, value in window.items():
        setattr(platform, name, value)
    platform.save(update_fields=list(window))
    company = brook(observed_at=timezone.now(), **({"true_name": LONG} if long else {}))
    connection = make_connection(company, key, "Linked", platform_name=platform.name)
    if confirmed:
        make_identity(connection, confirmed_at=timezone.now())
    description = WAITING_FOR_COMPUTER if unanswered else ""
    for data_type, status in operations.items():
        make_operation(connection, data_type, status, description=description)
    return visit("progress", company)


def always_night() -> dict[str, Any]:
    """Hours that begin in an hour, whatever the time is."""
    begins = timezone.now() + timedelta(hours=1)
    ends = begins + timedelta(hours=1)
    return {"read_from": begins.time(), "read_until": ends.time(), "read_at_weekends": False}


def read_once(page: str) -> HttpResponse:
    platform = make_platform("knfz", "Sage Intacct", one_time=True)
    Category.objects.filter(slug="banking").update(required=page == "progress")
    company = brook()
    connection = make_connection(
        company, "knfz", "Deauthorized", platform_name=platform.name, one_time=True
    )
    make_identity(connection, confirmed_at=timezone.now())
    make_operation(connection, "company")
    make_operation(connection, "invoices", "NotSupported")
    return visit(page, company)


def helping(key: str) -> HttpResponse:
    platform = offered(key)
    company = permitted(platform)
    make_connection(company, key, platform_name=platform.name)
    link = make_invitation(company, Purpose.DELEGATE, platform_key=key)
    client = customer(company, purpose=Purpose.DELEGATE, invitation=link)
    return client.get(reverse("journey:helping", args=[company.public_id, key]))


def mailed_link() -> HttpResponse:
    platform = offered()
    session, _key = make_session(brook())
    link = to_computer.send_steps(session=session, platform=platform, now=timezone.now())
    return browser().get(reverse("journey:invitation", args=[make_token(link)]))


def steps_mail(key: str, *, connected: bool = False) -> EmailMultiAlternatives:
    platform = offered(key)
    session, _key = make_session(brook())
    if connected:
        make_connection(session.company, key, "Linked", platform_name=platform.name)
    link = to_computer.send_steps(session=session, platform=platform, now=timezone.now())
    link.emails.update(language=get_language())  # the firm's, as if it were this one
    return emails.render(link.emails.get())


QUEUED = {"company": "Queued", "invoices": "Queued", "bills": "Queued"}
BEFORE, GUIDE, WAITING = "journey/computer.html", "journey/guide.html", "journey/waiting.html"
PROGRESS = "journey/progress.html"
add("journey-computer--computer", BEFORE, told_before)
add("journey-computer--phone", BEFORE, told_before, agent=PHONE)
add("journey-computer--night", BEFORE, told_before, "pqsw")
add("journey-computer--long", BEFORE, told_before, long=True)
add("journey-permission--computer", "journey/permission.html", permission)
add("journey-guide--key", GUIDE, guide)
add("journey-guide--password", GUIDE, guide, "pqsw")
add("journey-guide--phone", GUIDE, guide, agent=PHONE)
add("journey-guide--reconnect", GUIDE, guide, status="Deauthorized")
add("journey-guide--not-made", GUIDE, guide, made=False)
add("journey-guide--long", GUIDE, guide, long=True)
add("journey-waiting--begun", WAITING, waiting)
add("journey-waiting--sent", WAITING, waiting, sent=True)
add("journey-waiting--long-ago", WAITING, waiting, minutes=40)
add("journey-waiting--long", WAITING, waiting, minutes=40, long=True)
add("journey-session_ended--connected", "journey/session_ended.html", connected_meanwhile)
add("journey-start--computer", "journey/start.html", begun_here)
add("journey-invitation--start-computer", "journey/invitation.html", begun_here, mailed=True)
add("journey-progress--machine-off", PROGRESS, connected, {"company": "Complete"} | QUEUED)
add("journey-progress--machine-off-unnamed", PROGRESS, connected, QUEUED, confirmed=False)
add("journey-progress--machine-off-long", PROGRESS, connected, QUEUED, long=True)
add(
    "journey-progress--open-business",
    *(PROGRESS, connected, {"company": "Complete", "bills": "Fetching"}),
    unanswered=True,
)
add("journey-progress--night", PROGRESS, lambda: connected(QUEUED, "pqsw", **always_night()))
add("journey-progress--retrying", PROGRESS, connected, {"company": "Complete", "bills": "MapError"})
add(
    "journey-progress--retrying-many",
    *(PROGRESS, connected, {"invoices": "FetchError", "bills": "MapError"}),
)
add("journey-progress--needs-sign-in", PROGRESS, connected, {"bills": "AuthError"})
add("journey-progress--needs-admin", PROGRESS, connected, {"bills": "PermissionsError"})
add("journey-progress--read-once", PROGRESS, read_once, "progress")
add("journey-connections--read-once", "journey/connections.html", read_once, "connections")
add("journey-done--read-once", "journey/done.html", read_once, "done")
for _key, _kind in KINDS.items():
    add(f"journey-helping--computer-{_kind}", "journey/helping.html", helping, _key)
add("journey-invitation--to-computer", "journey/invitation.html", mailed_link)
for _key, _kind in KINDS.items():
    for _part, _end in (("html", "html"), ("text", "txt")):
        _name = f"mail-to_computer--{_kind}-{_part}"
        add(_name, f"emails/to_computer.{_end}", steps_mail, _key, part=_part)
        _name, _template = (
            f"mail-to_computer--{_kind}-turn-on-{_part}",
            f"emails/to_computer.{_end}",
        )
        add(_name, _template, steps_mail, _key, part=_part, connected=True)
