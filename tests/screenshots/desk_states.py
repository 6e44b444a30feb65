"""Every page of the desk, in every state."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from onboarding.accounts.models import User
from onboarding.desk.wording import REASONS
from onboarding.linking.models import Company, Connection, HistoryEntry, OutgoingEmail, Problem
from onboarding.linking.services.onboarding import close
from onboarding.linking.services.strays import note
from onboarding.linking.stages import Stage
from tests.desk.cast import make_user
from tests.factories import (
    make_company,
    make_connection,
    make_identity,
    make_invitation,
    make_operation,
    restage,
)

from .registry import BUSINESSES, LONG, SOFTWARE, add, member

OF_THE_CUSTOMER = {
    *("stopped", "link_expired", "not_theirs", "mail_not_delivered", "refused", "files_sent"),
    *("not_supported", "waiting_for_delegate", "doubled_at_codat", "deletion_asked"),
}
"""Reasons that no connection has, as `stages.problems` finds them."""
AGES = [timedelta(hours=1), timedelta(days=2), timedelta(days=5), timedelta(days=16)]


def at_codat() -> dict[str, Any]:
    """What a customer of whom Codat has heard has besides."""
    return {"codat_id": "8a210b68-6988-11ed-a1eb-0242ac120002", "observed_at": timezone.now()}


def alice(name: str = "Alice Lopez") -> User:
    user = make_user("Alice", "onboarding")
    user.name = name
    user.save(update_fields=["name"])
    return user


def charlie() -> User:
    return User.objects.create_superuser("charlie@example.com", "a-password", name="Charlie")


def problem(
    company: Company, reason: str, connection: Connection | None = None, n: int = 0
) -> None:
    since = timezone.now() - AGES[n % len(AGES)]
    Problem.objects.create(company=company, connection=connection, reason=reason, since=since)


def stuck(owner: User, reason: str, n: int = 0, name: str = "") -> Company:
    """A customer of `owner` with one problem, its connection and a link that was sent."""
    name = name or BUSINESSES[n % len(BUSINESSES)]
    stage = {"access_lost": "lost", "stopped": "authorizing"}.get(reason, "invited")
    company = make_company(name, email=f"owner{n}@brook.example", owner=owner)
    fault = [{"status": "Active", "statusCode": "500"}]
    shown = LONG if name == LONG else SOFTWARE[n % 4]
    connection = make_connection(company, status="Deauthorized", platform_name=shown, errors=fault)
    make_identity(connection, "Harbour Cafe Ltd")
    make_invitation(company)
    OutgoingEmail.objects.filter(company=company).update(sent_at=timezone.now() - timedelta(days=3))
    problem(company, reason, None if reason in OF_THE_CUSTOMER else connection, n)
    Company.objects.filter(pk=company.pk).update(stage=stage)
    return company


# ── worklist ─────────────────────────────────────────────────────────────────────────────────────
def worklist(*reasons: str, query: str = "", name: str = "", senior: bool = False) -> HttpResponse:
    owner = charlie() if senior else alice()
    for n, reason in enumerate(reasons):
        stuck(owner, reason, n, name)
    return member(owner).get(reverse("desk:worklist") + query)


def worklist_after_sending() -> HttpResponse:
    owner = alice()
    company = stuck(owner, "stopped")
    OutgoingEmail.objects.all().delete()
    company.invitations.all().delete()
    address = reverse("desk:send_link", args=[company.public_id])
    return member(owner).post(address, {"from": "worklist"}, follow=True)


TOGETHER = ["access_lost", "access_lost", "link_expired", "stopped", "access_lost", "link_expired"]
WORKLIST = "desk/worklist.html"
add("desk-worklist--empty", WORKLIST, worklist)
add("desk-worklist--filtered-away", WORKLIST, worklist, "stopped", query="?reason=refused")
add("desk-worklist--few", WORKLIST, worklist, *TOGETHER)
add("desk-worklist--every-reason", WORKLIST, worklist, *[str(each) for each in REASONS])
add("desk-worklist--many", WORKLIST, worklist, *["access_lost", "stopped"] * 20, senior=True)
add("desk-worklist--long", WORKLIST, worklist, "wrong_company", "access_lost", name=LONG)
add("desk-worklist--sent", WORKLIST, worklist_after_sending)


# ── customers ────────────────────────────────────────────────────────────────────────────────────
def companies(*, count: int = 0, query: str = "", name: str = "", user: str = "") -> HttpResponse:
    reader = {"senior": charlie, "viewer": lambda: make_user("Vera")}.get(user, alice)()
    stages = list(Stage)
    words = ["Blank", "PendingAuth", "Linked", "Deauthorised"]
    for n in range(count):
        company = make_company(
            name or f"{BUSINESSES[n % 6]} {n + 1}",
            owner=reader,
            stage=stages[n % len(stages)],
            link_status=words[n % 4],
        )
        if n % 3 == 0:
            problem(company, "stopped")
            problem(company, "mail_not_delivered")
    return member(reader).get(reverse("desk:companies") + query)


COMPANIES = "desk/companies.html"
add("desk-companies--empty", COMPANIES, companies)
add("desk-companies--empty-for-a-viewer", COMPANIES, companies, user="viewer")
add("desk-companies--filtered-away", COMPANIES, companies, count=2, query="?q=nobody")
add("desk-companies--every-stage", COMPANIES, companies, count=9)
add("desk-companies--many", COMPANIES, companies, count=60, query="?page=2", user="senior")
add("desk-companies--long", COMPANIES, companies, count=3, name=LONG, user="senior")


# ── one customer ─────────────────────────────────────────────────────────────────────────────────
def company(*, bare: bool = False, long: bool = False, closed: bool = False) -> HttpResponse:
    """All four statuses and one that we do not know, links of every end, a history of pages."""
    owner = charlie()
    now = timezone.now()
    name = LONG if long else "Brook & Sons Ltd"
    made = make_company(
        name, owner=None if bare else owner, by=owner, contact_name="" if bare else name
    )
    if not bare:
        _fill(made, now, name if long else "Xero")
    restage(made)
    if closed:
        close(company=made, by=owner, now=now)
    return member(owner).get(reverse("desk:company", args=[made.public_id]))


def _fill(made: Company, now: Any, software: str) -> None:
    Company.objects.filter(pk=made.pk).update(name_at_codat="Brook Sons", **at_codat())
    statuses = ["Deauthorized", "Linked", "PendingAuth", "Unlinked", "Paused"]
    for n, status in enumerate(statuses):
        says = [["webConnectorError", made.true_name]] if status == "Linked" else []
        connection = make_connection(made, f"key{n}", status, platform_name=software, troubles=says)
        if status in ("Deauthorized", "Linked"):
            make_identity(connection, "Harbour Cafe", confirmed_at=now)
            make_operation(connection, "company", "FetchError")
    for ended in ("finished", "replaced", "revoked", ""):
        link = make_invitation(made, now=now - timedelta(days=3))
        made.invitations.filter(pk=link.pk).update(
            created_at=now - timedelta(days=3),
            opened_at=now - timedelta(days=2) if ended == "finished" else None,
            ended_at=now if ended else None,
            ended_why=ended,
        )
    HistoryEntry.objects.create(
        company=made, connection=made.connections.first(), kind="status", at=now,
        source="webhook", subject="connection", before="Linked", after="Deauthorized",
    )  # fmt: skip
    for n in range(30):
        subject = ["looked_again", "registered", "session_opened", "renamed"][n % 4]
        HistoryEntry.objects.create(
            company=made, kind="act", at=now - timedelta(days=1), source="staff",
            actor=made.owner.get_full_name(), subject=subject, text=made.true_name,
        )  # fmt: skip


def new_customer() -> HttpResponse:
    """Just added, nothing sent yet: the next step is to send the link."""
    owner = alice()
    made = make_company(owner=owner, by=owner, contact_name="Olive Brook")
    return member(owner).get(reverse("desk:company", args=[made.public_id]))


def lost_customer() -> HttpResponse:
    """One lost connection: the next step is the reconnect link."""
    owner = alice()
    now = timezone.now()
    made = make_company(owner=owner, by=owner, contact_name="Olive Brook", **at_codat())
    read_at = now - timedelta(days=2)
    make_invitation(made, ended_at=now, ended_why="finished", opened_at=read_at)
    lost = make_connection(made, status="Deauthorized", last_read_at=read_at)
    make_identity(lost, confirmed_at=now)
    shop = make_connection(
        made, "fztf", "Linked", platform_name="Shopify", source_type="Commerce", last_read_at=now
    )
    make_identity(shop, confirmed_at=now)
    make_operation(shop, "commerce-companyInfo")
    HistoryEntry.objects.create(
        company=made, connection=lost, kind="status", at=timezone.now(), source="webhook",
        subject="connection", before="Linked", after="Deauthorized",
    )  # fmt: skip
    made.refresh_from_db()
    restage(made)
    return member(owner).get(reverse("desk:company", args=[made.public_id]))


def add_customer(posted: dict[str, str] | None = None) -> HttpResponse:
    client = member(alice())
    address = reverse("desk:add")
    return client.get(address) if posted is None else client.post(address, posted)


def revoke(name: str = "Brook & Sons Ltd") -> HttpResponse:
    owner = alice()
    link = make_invitation(make_company(name, owner=owner))
    address = reverse("desk:revoke", args=[link.company.public_id, link.public_id])
    return member(owner).get(address)


add("desk-company--bare", "desk/company.html", company, bare=True)
add("desk-company--new", "desk/company.html", new_customer)
add("desk-company--lost", "desk/company.html", lost_customer)
add("desk-company--full", "desk/company.html", company)
add("desk-company--long", "desk/company.html", company, long=True)
add("desk-company--closed", "desk/company.html", company, closed=True)
add("desk-add--empty", "desk/add.html", add_customer)
add("desk-add--error", "desk/add.html", add_customer, {"true_name": "…", "email": "owner"})
add("desk-revoke--default", "desk/revoke.html", revoke)
add("desk-revoke--long", "desk/revoke.html", revoke, LONG)


# ── two records at Codat ─────────────────────────────────────────────────────────────────────────
def records(*, senior: bool = False) -> HttpResponse:
    reader = charlie() if senior else alice()
    company = make_company("Brook & Sons Ltd", owner=reader)
    company.codat_id = "8a210b68-6988-11ed-a1eb-0242ac120002"
    company.save(update_fields=["codat_id"])
    note(company, ["c5b2a3f0-6988-11ed-a1eb-0242ac120002"], timezone.now())
    restage(company)
    return member(reader).get(reverse("desk:records", args=[company.public_id]))


add("desk-records", "desk/records.html", records)
add("desk-records--senior", "desk/records.html", records, senior=True)
