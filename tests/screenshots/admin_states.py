"""The administration: its first page, and the tables about customers."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from django.db.models import Model
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from onboarding.accounts.models import User
from onboarding.linking.models import (
    CodatWrite,
    Company,
    CompanyIdentity,
    Connection,
    Consent,
    CustomerMessage,
    CustomerSession,
    DataStatus,
    HistoryEntry,
    Lane,
    LinkAttempt,
    OutgoingEmail,
    Pause,
    Problem,
    PullOperation,
    SentFile,
    WebhookEvent,
)
from onboarding.linking.models.work import OutgoingEmailQuerySet
from onboarding.linking.services import allowance, overview
from tests.factories import (
    make_company,
    make_connection,
    make_file,
    make_identity,
    make_invitation,
    make_operation,
    make_session,
    restage,
)

from .desk_states import alice, charlie
from .registry import BUSINESSES, LONG, SOFTWARE, add, member

LIST, FORM = "admin/change_list.html", "admin/change_form.html"


def url(model: type[Model], page: str, *args: Any) -> str:
    return reverse(f"admin:linking_{model._meta.model_name}_{page}", args=args)


# ── the first page ───────────────────────────────────────────────────────────────────────────────
def _came(
    name: str, steps: int, days_ago: int, *, software: str = "Xero", reason: str = ""
) -> None:
    """A customer who reached so many of the funnel's steps, an hour after one another."""
    began = timezone.now() - timedelta(days=days_ago)
    at = [began + timedelta(minutes=7 * n) for n in range(len(overview.STEPS))]
    company = make_company(name)
    session, _key = make_session(company)
    CustomerSession.objects.filter(pk=session.pk).update(created_at=began)
    if reason:
        Problem.objects.create(company=company, reason=reason, since=began)
    if steps < 2:
        return
    write = CodatWrite.objects.create(
        company=company, kind="create_connection", target="gbol", key_made_at=at[1], due_at=at[1]
    )
    CodatWrite.objects.filter(pk=write.pk).update(created_at=at[1], done_at=at[1])
    Consent.objects.create(company=company, platform_key="gbol", version=1, text="…", at=at[2])
    made = make_connection(
        company, status="Linked" if steps > 5 else "PendingAuth", platform_name=software
    )
    LinkAttempt.objects.create(
        session=session,
        connection=made,
        state_hash=str(company.public_id),
        sent_at=at[3],
        returned_at=at[4] if steps > 4 else None,
    )
    Connection.objects.filter(pk=made.pk).update(linked_first_at=at[5] if steps > 5 else None)
    if steps > 6:
        make_identity(made, confirmed_at=at[6])
    if steps > 7:
        HistoryEntry.objects.create(
            company=company, kind="status", at=at[7], source="read", subject="stage", after="ready"
        )


def overview_page(
    *, full: bool = False, paused: bool = False, query: str = "", user: str = ""
) -> HttpResponse:
    """Whatever there is to say of the funnel, of the engine, and of what Codat still allows."""
    now = timezone.now()
    reader = alice() if user == "manager" else charlie()
    if full:
        reasons = ["stopped", "cancelled", "cancelled", "failed", "", "read_failed", "", ""]
        for n, steps in enumerate([1, 2, 4, 4, 5, 6, 7, 8, 8, 8, 8, 8]):
            _came(BUSINESSES[n % 6], steps, 2 + 3 * n, reason=reasons[steps - 1])
        Company.objects.update(owner=reader)
        Lane.objects.filter(pk__in=Lane.objects.all()[:3]).update(due_at=now - timedelta(minutes=4))
        WebhookEvent.objects.create(webhook_id="1", type="company.updated", received_at=now)
    if paused:
        Pause.objects.create(scope="codat", reason="401: the key is not accepted", since=now)
        Pause.objects.create(scope="removals", reason="40 of 60 gone at once", since=now)
        Lane.objects.filter(pk__in=Lane.objects.all()[:2]).update(parked_reason="The log says why")
        OutgoingEmail.objects.update(parked_reason=str(OutgoingEmailQuerySet.MAY_HAVE_BEEN_SENT))
    with with_allowance(remaining=180 if paused else 7400) if full else patch("builtins.id", id):
        return member(reader).get(reverse("admin:index") + query)


def with_allowance(remaining: int) -> Any:
    """As Codat would have said it; there is no Redis here."""
    known = allowance.Allowance(
        limit=10_000,
        remaining=remaining,
        reserve=2_000,
        resets_at=timezone.now() + timedelta(hours=9),
    )
    return patch.object(allowance, "allowance", lambda **_: known)


OVERVIEW = "admin/overview.html"
add("admin-overview--empty", OVERVIEW, overview_page)
add("admin-overview--full", OVERVIEW, overview_page, full=True)
add("admin-overview--paused", OVERVIEW, overview_page, full=True, paused=True)
add("admin-overview--manager", OVERVIEW, overview_page, full=True, user="manager")


# ── a customer ───────────────────────────────────────────────────────────────────────────────────
def filled(name: str = "Brook & Sons Ltd", software: str = "Xero") -> Company:
    """One customer with rows in every table."""
    now = timezone.now()
    owner = User.objects.filter(name="Charlie").first()
    company = make_company(
        name,
        owner=owner,
        contact_name=name if name == LONG else "Olive Brook",
        codat_id="8a210b68-6988-11ed-a1eb-0242ac120002",
        name_at_codat="Brook Sons",
        observed_at=now,
    )
    fault = [{"status": "Active", "statusCode": "401", "statusText": "Unauthorized"}]
    lost = make_connection(
        company, status="Deauthorized", platform_name=software, errors=fault, last_read_at=now
    )
    shop = make_connection(
        company, "fztf", "Linked", platform_name="Shopify", source_type="Commerce"
    )
    make_identity(lost, name, confirmed_at=now)
    for n, status in enumerate(["Complete", "Fetching", "FetchError", "NotSupported", "AuthError"]):
        make_operation(lost, ["invoices", "bills", "payments", "journals", "company"][n], status)
    make_operation(shop, "commerce-companyInfo")
    for n, data_type in enumerate(["invoices", "bills", "payments"]):
        DataStatus.objects.create(
            company=company,
            data_type=data_type,
            status=["Complete", "Fetching", "FetchError"][n],
            last_successful_sync=now,
        )
    invitation = make_invitation(company)
    session, _key = make_session(company, invitation=invitation)
    LinkAttempt.objects.create(
        session=session, connection=lost, state_hash=str(company.public_id), sent_at=now,
        returned_at=now, return_hint="403",
    )  # fmt: skip
    Consent.objects.create(company=company, platform_key="gbol", version=1, text="…", at=now)
    for n, kind in enumerate(CodatWrite.Kind.values):
        CodatWrite.objects.create(
            company=company, kind=kind, target=f"t{n}", key_made_at=now, due_at=now,
            done_at=now if n else None, outcome="done" if n else "",
        )  # fmt: skip
    HistoryEntry.objects.create(
        company=company, connection=lost, kind="status", at=now, source="webhook",
        subject="connection", before="Linked", after="Deauthorized",
    )  # fmt: skip
    CustomerMessage.objects.create(
        company=company, email="owner@brook.example", text=f"{name}?", at=now
    )
    for file in ["Balance.pdf", "Sales.csv"]:
        make_file(company, file, kind=file[-3:], size=2_400_000)
    WebhookEvent.objects.create(
        webhook_id="1", type="company.updated", company_codat_id=company.codat_id, received_at=now
    )
    return restage(company)


def nobody(_user: User) -> None:
    pass


def one(_user: User) -> None:
    filled()


def _long(_user: User) -> None:
    filled(LONG, LONG)


def _many(user: User) -> None:
    """More than a page of companies, at every stage."""
    stages = ["draft", "invited", "started", "authorizing", "confirming", "reading", "ready"]
    for n in range(60):
        company = make_company(f"{BUSINESSES[n % 6]} {n + 1}", stage=stages[n % 7])
        connection = make_connection(company, platform_name=SOFTWARE[n % 4])
        make_operation(connection)
        HistoryEntry.objects.create(
            company=company, kind="act", at=timezone.now(), source="staff",
            actor=user.get_full_name(), subject="looked_again",
        )  # fmt: skip


def rows(
    model: type[Model], fill: Callable[[User], None] = one, query: str = "", **posted: str
) -> HttpResponse:
    """A table's list; `posted` is what an act on all of its rows sends."""
    user = charlie()
    fill(user)
    client, address = member(user), url(model, "changelist") + query
    if not posted:
        return client.get(address)
    chosen = [str(pk) for pk in model._default_manager.values_list("pk", flat=True)]
    return client.post(address, {"_selected_action": chosen, **posted}, follow=True)


def row(
    model: type[Model], fill: Callable[[User], None] = one, posted: dict[str, Any] | None = None
) -> HttpResponse:
    """A row's own page: the oldest of its table."""
    user = charlie()
    fill(user)
    found = model._default_manager.order_by("pk").first()
    assert found is not None
    client, address = member(user), url(model, "change", found.pk)
    return client.get(address) if posted is None else client.post(address, posted)


add("admin-companies--empty", LIST, rows, Company, nobody)
add("admin-companies--many", LIST, rows, Company, _many)
add("admin-companies--found-nothing", LIST, rows, Company, query="?q=nobody")
add("admin-companies--long", LIST, rows, Company, _long)
add("admin-companies--looked-again", LIST, rows, Company, action="look_again")
COMPANY = "admin/linking/company/change_form.html"
add("admin-company--full", COMPANY, row, Company)
add("admin-company--long", COMPANY, row, Company, _long)
_INLINES = {
    f"{name}-{part}_FORMS": "0"
    for name in ("connections", "problems", "contacts")
    for part in ("TOTAL", "INITIAL")
}
add("admin-company--error", COMPANY, row, Company, posted={"true_name": "", **_INLINES})
add("admin-connections--many", LIST, rows, Connection, _many)
add("admin-connection--lost", FORM, row, Connection)
add("admin-connection--long", FORM, row, Connection, _long)
add("admin-reads--full", LIST, rows, PullOperation)
add("admin-read--done", FORM, row, PullOperation)
add("admin-data--empty", LIST, rows, DataStatus, nobody)
add("admin-data--full", LIST, rows, DataStatus)
add("admin-identities--full", LIST, rows, CompanyIdentity)
add("admin-history--many", LIST, rows, HistoryEntry, _many)
add("admin-history--full", LIST, rows, HistoryEntry)
add("admin-files--empty", LIST, rows, SentFile, nobody)
add("admin-files--full", LIST, rows, SentFile)
add("admin-file--full", FORM, row, SentFile)
add("admin-problems--full", LIST, rows, Problem)
add("admin-events--full", LIST, rows, WebhookEvent)
