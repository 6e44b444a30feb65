"""After a storm: the portal's rows against the simulator's state, customer by customer.

Imported once Django is the portal's own.
"""

import re
from collections import Counter
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from onboarding.demo.mailbox import END_OF_MESSAGE
from onboarding.linking import emails
from onboarding.linking.models import (
    CodatWrite,
    Company,
    CompanyIdentity,
    Lane,
    OutgoingEmail,
    Pause,
    PullOperation,
)
from onboarding.linking.services import recording, removals

from .customer import Customer

MAY_HAVE_BEEN_SENT = str(OutgoingEmail.objects.none().MAY_HAVE_BEEN_SENT)


def work_left() -> dict[str, int]:
    """What still has to happen; looks that come due by time alone do not count."""
    at_work = Q(claim_token__isnull=False) | Q(due_at__lte=Now())
    return {
        "lanes": Lane.objects.filter(at_work, parked_reason="").count(),
        "writes": CodatWrite.objects.open().count(),
        "mails": OutgoingEmail.objects.filter(
            at_work, parked_reason="", sent_at=None, cancelled_at=None
        ).count(),
    }


@dataclass
class Findings:
    """What is wrong, by customer (None: nobody's in particular), and what is only to be told."""

    wrong: list[tuple[Customer | None, str]] = field(default_factory=list)
    doubtful_mails: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


def check(customers: list[Customer], state: dict[str, Any], mail_folder: Path) -> Findings:
    """`state` is the answer of `GET /control/state`."""
    found = Findings()
    at_codat: dict[str, list[dict[str, Any]]] = {}
    for company in state["companies"]:
        at_codat.setdefault(company["tags"].get("uid", ""), []).append(company)
    copies = _mail_copies(mail_folder)
    for customer in customers:
        wrong = [*customer.findings, *_of_customer(customer, at_codat, copies, found)]
        found.wrong += [(customer, what) for what in wrong]
    found.wrong += [(None, what) for what in _of_nobody(customers, at_codat)]
    found.counts["companies at Codat"] = sum(map(len, at_codat.values())) - len(at_codat[""])
    found.counts["calls that were writes"] = sum(
        CodatWrite.objects.values_list("attempts", flat=True)
    )
    for outcome in CodatWrite.objects.values_list("outcome", flat=True):
        found.counts[f"writes {outcome or 'open'}"] += 1
    return found


def _mail_copies(folder: Path) -> Counter[str]:
    """How often each Message-ID stands in the mailbox; a mail that was cut off does not count."""
    whole = [part for file in folder.glob("*.log") for part in _messages(file.read_bytes())]
    found = [re.search(rb"^Message-ID: (\S+)", message, re.MULTILINE) for message in whole]
    return Counter(match[1].decode() for match in found if match)


def _messages(content: bytes) -> list[bytes]:
    return content.split(END_OF_MESSAGE)[:-1]


def _of_nobody(
    customers: list[Customer], at_codat: dict[str, list[dict[str, Any]]]
) -> Iterator[str]:
    known = {str(uid) for uid in Company.objects.values_list("public_id", flat=True)}
    for uid, companies in at_codat.items():
        if uid not in known and not all(c["tags"].get("seeded") for c in companies):
            yield f"companies at Codat that are nobody's: {[c['name'] for c in companies]}"
    if Company.objects.count() != len(customers):
        yield f"{Company.objects.count()} companies for {len(customers)} customers"
    # Many customers who lose access pull the brake, as they should; staff release it.
    losses = sum(customer.script.kind.loses_access for customer in customers)
    for pause in Pause.objects.all():
        if pause.scope != Pause.REMOVALS or losses < removals.BRAKE_AT_LEAST:
            yield f"still paused: {pause.scope}, {pause.reason}"
    for company, what, stored, worked_out in recording.differences(now=timezone.now()):
        yield f"{company.public_id}: {what} is stored as {stored!r}, the facts say {worked_out!r}"


def _of_customer(
    customer: Customer,
    at_codat: dict[str, list[dict[str, Any]]],
    copies: Counter[str],
    found: Findings,
) -> Iterator[str]:
    if not customer.is_over:
        yield "did not come to the end of the script"
    email = customer.script.email
    companies = list(Company.objects.filter(contacts__email=email))
    if len(companies) != 1:
        yield f"has {len(companies)} companies here"
        return
    (company,) = companies
    there = at_codat.get(str(company.public_id), [])
    if [c["id"] for c in there] != [company.codat_id]:
        yield f"company at Codat: {[c['id'] for c in there]}, here {company.codat_id}"
        return
    yield from _rows(company, there[0])
    doubtful = yield from _mails(company, customer, copies)
    found.doubtful_mails += [f"{email}: {row.kind}" for row in doubtful]
    # A mail whose link nobody needs any more is no problem.
    still_needed = any(not (row.invitation and row.invitation.ended_at) for row in doubtful)
    yield from _end(company, customer, mail_problem=still_needed)


def _rows(company: Company, there: dict[str, Any]) -> Iterator[str]:
    """Connection by connection, read by read, and whose business it is."""
    if company.name_at_codat != there["name"]:
        yield f"name at Codat: {there['name']!r}, here {company.name_at_codat!r}"
    ours = {c.codat_id: c for c in company.connections.present()}
    theirs = {c["id"]: c for c in there["dataConnections"]}
    if ours.keys() != theirs.keys():
        yield f"connections at Codat {sorted(theirs)}, here {sorted(ours)}"
        return
    for codat_id, mirror in ours.items():
        seen = theirs[codat_id]
        for name, here, other in (
            ("status", mirror.status, seen["status"]),
            ("platform", mirror.platform_key, seen["integrationKey"]),
        ):
            if here != other:
                yield f"connection {codat_id}: {name} at Codat {other}, here {here}"
        if mirror.status == "Linked":
            reads = {d["id"]: d for d in there["datasets"] if d["connectionId"] == codat_id}
            yield from _reads(mirror, reads)
            yield from _identity(mirror, seen)


def _reads(mirror: Any, theirs: dict[str, dict[str, Any]]) -> Iterator[str]:
    ours = dict(PullOperation.objects.filter(connection=mirror).values_list("codat_id", "status"))
    for key in ours.keys() | theirs.keys():
        at_codat = theirs[key]["status"] if key in theirs else "absent"
        if ours.get(key, "absent") != at_codat:
            name = theirs[key]["dataType"] if key in theirs else key
            yield f"read of {name}: at Codat {at_codat}, here {ours.get(key, 'absent')}"


def _identity(mirror: Any, seen: dict[str, Any]) -> Iterator[str]:
    granted = seen["granted"]["registration_number"]
    confirmed = CompanyIdentity.objects.filter(connection=mirror, confirmed_at__isnull=False)
    latest = confirmed.first()
    if latest is None:
        yield "linked, and nobody confirmed whose business it is"
    elif latest.registration_number and latest.registration_number != granted:
        yield f"granted {granted}, confirmed {latest.registration_number}"


def _mails(
    company: Company, customer: Customer, copies: Counter[str]
) -> Generator[str, None, list[OutgoingEmail]]:
    """Yields what is wrong; returns those that may or may not have been sent."""
    kind = customer.script.kind
    doubtful: list[OutgoingEmail] = []
    left: Counter[str] = Counter()
    for row in OutgoingEmail.objects.filter(company=company).select_related("invitation"):
        copied = copies[f"<mail-{row.pk}-{company.public_id.hex[:12]}@127.0.0.1>"]
        if row.parked_reason == MAY_HAVE_BEEN_SENT:
            doubtful.append(row)
        elif row.parked_reason:
            yield f"mail {row.kind} is set aside: {row.parked_reason}"
        elif copied != (row.sent_at is not None):
            yield f"mail {row.kind}: sent here at {row.sent_at}, {copied} in the mailbox"
        elif row.sent_at is None and row.cancelled_at is None:
            if emails.still_true(row, now=timezone.now()):
                yield f"mail {row.kind} is still to be sent, at {row.due_at}"
        if copied > 1:
            yield f"mail {row.kind} was sent {copied} times"
        # Held up until the access it tells of was taken back, it is rightly not sent.
        may_be_overtaken = row.kind in ("connected", "first_read_done")
        overtaken = row.cancelled_at and may_be_overtaken and kind.loses_access
        if row.sent_at or row in doubtful or overtaken:
            left[row.kind] += 1
    # Whether the browser or the linking was seen first is chance; who came back first is mailed.
    if left.pop("name_to_confirm", 0) > len(kind.visits):
        yield "was asked by mail more often than there were sign-ins to confirm the business"
    expected = {"start": 1, **kind.end.mails}
    if left != Counter(expected):
        yield f"mails {dict(left)}, expected {expected}"
    return doubtful


def _end(company: Company, customer: Customer, *, mail_problem: bool) -> Iterator[str]:
    """Where a run without faults would have left this customer."""
    wanted = customer.script.kind.end
    if company.stage != wanted.stage:
        yield f"stage {company.stage}, expected {wanted.stage}"
    connections = tuple(company.connections.order_by("pk").values_list("status", "stage"))
    if connections != wanted.connections:
        yield f"connections {connections}, expected {wanted.connections}"
    problems = set(
        company.problems.filter(cleared_at__isnull=True).values_list("reason", flat=True)
    )
    expected = wanted.problems | ({"mail_not_delivered"} if mail_problem else set())
    if problems != expected:
        yield f"problems {sorted(problems)}, expected {sorted(expected)}"
    if reason := company.lane.parked_reason:
        yield f"set aside: {reason}"


def describe(customer: Customer) -> str:
    """Everything that helps to understand one customer's fate."""
    script = customer.script
    lines = [f"customer {script.number} ({script.kind.name}) {script.email}", *customer.story]
    for company in Company.objects.filter(contacts__email=script.email):
        lane = company.lane
        lines += [
            f"company {company.pk} {company.public_id} codat {company.codat_id} {company.stage}",
            f"lane due {lane.due_at} claim {lane.claim_token} hinted {lane.hinted} "
            f"attempts {lane.attempts} looked {lane.looked_at} parked {lane.parked_reason!r}",
            *(
                f"connection {c.codat_id} {c.platform_key} {c.status} {c.stage} {c.errors}"
                for c in company.connections.all()
            ),
            *(
                f"write {w.pk} {w.kind} {w.target} attempts {w.attempts} lookups {w.lookups} "
                f"doubtful {w.doubtful} {w.outcome or 'open'} {w.reason} result {w.result_id}"
                for w in company.writes.order_by("pk")
            ),
            *(
                f"history {h.at:%H:%M:%S.%f} {h.source} {h.subject} {h.before} → {h.after}"
                for h in company.history.order_by("pk")
            ),
        ]
    return "\n    ".join(lines)
