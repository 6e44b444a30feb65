"""No webhook for more than a day: in the end all is as for a customer whose events came."""

from datetime import timedelta

import pytest
from django.utils import timezone

from onboarding.linking import codat_client
from onboarding.linking.models import Lane
from onboarding.linking.services import connecting, looking, pacing, turns
from onboarding.linking.stages import Stage
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


def turn(company, *, hint=False, **later):
    """What a worker does when the lane is due; `hint`: an event said so."""
    if hint:
        looking.hint_now(company=company)
    elif not Lane.objects.filter(company=company, hinted=True).exists():
        return
    Lane.objects.filter(company=company).wake()
    company.refresh_from_db()
    turns.take_turn(company, codat_client.for_worker(), now=timezone.now() + timedelta(**later))
    company.refresh_from_db()


def begin(platform, name):
    company = factories.make_company(name, email=f"{name.lower()}@customer.example")
    session, _key = factories.make_session(company)
    connecting.begin_connection(session=session, platform=platform, now=timezone.now())
    turn(company, hint=True)
    return company


@pytest.fixture
def read_all(look_until, make_ready, simulator):
    """`read_all(company)`: its customer allows access and confirms, and all of it is read."""

    def reads(company):
        return company.connections.get().operations

    def read(company):
        simulator.act(company.connections.get().codat_id, "authorize")
        # Aged before that, it would count as not begun, and all would be asked for once more.
        look_until(company, lambda c: reads(c).exists(), what="the first read's begin")
        factories.age_linking(company, minutes=5)
        make_ready(company)
        # More than is needed is read; what access ends in the middle of would differ by chance.
        look_until(
            company,
            lambda c: not reads(c).exclude(status="Complete").exists(),
            seconds=60,
            what="the end of all reads",
        )
        Lane.objects.filter(company=company).update(hinted=False, due_at=None)

    return read


def end_state(company):
    connection = company.connections.get()
    seen = company.history.filter(kind="status", subject="connection").order_by("pk")
    return {
        "stage": company.stage,
        "connection": (connection.status, connection.stage),
        "problems": set(company.problems.open().values_list("reason", flat=True)),
        "seen": list(seen.values_list("before", "after")),
        "reads": set(connection.operations.values_list("data_type", "status")),
    }


def test_after_28_hours_of_silence_a_customer_stands_where_one_stands_whose_events_came(
    xero_at_codat, simulator, read_all
):
    silent, heard = begin(xero_at_codat, "Silent"), begin(xero_at_codat, "Heard")
    both = (silent, heard)
    for company in both:
        read_all(company)

    def pass_and_turn(hours):
        looking.compare_pages(codat_client.for_worker())
        turn(silent, hours=hours)

    for hours, act in ((2, "deauthorize"), (9, "authorize")):
        for company in both:
            simulator.act(company.connections.get().codat_id, act)
        turn(heard, hint=True, hours=hours)
        pass_and_turn(hours + 1)
        assert silent.connections.get().status == heard.connections.get().status

    simulator.advance(20 * 3600)
    for minute in range(1, 6):
        simulator.advance(60)
        turn(heard, hint=True, hours=28, minutes=minute)
        # Whose read is open has looks of its own, and needs no event for them.
        assert silent.stage == Stage.READY or pacing.next_look(
            silent, now=timezone.now() + timedelta(hours=11)
        )
        turn(silent, hint=True, hours=28, minutes=minute)

    assert end_state(silent) == end_state(heard)
    assert silent.stage == Stage.READY


# ── whom nobody waits for ────────────────────────────────────────────────────────────────────────
NOBODY_WAITS = {
    "never began": {},
    "chose and never left for the sign-in": {"status": "PendingAuth"},
    "ready": {"status": "Linked", "is_read": True},
    "lost long ago": {"status": "Deauthorized", "stage": "lost", "hours_ago": 3},
    "ended before it was confirmed": {"status": "Unlinked", "stage": "ended", "hours_ago": 3},
    "closed": {"status": "Linked", "closed": True},
    "gone at Codat": {"status": "Linked", "gone": True},
}


@pytest.mark.parametrize("known", NOBODY_WAITS.values(), ids=NOBODY_WAITS)
def test_whom_nobody_waits_for_has_no_looks_of_its_own(xero, known):
    now = timezone.now()
    company = factories.make_company(codat_id="at-codat")
    if "status" in known:
        earlier = now - timedelta(hours=known.get("hours_ago", 0))
        connection = factories.make_connection(
            company, status=known["status"], status_changed_at=earlier
        )
        if known.get("is_read"):
            factories.make_identity(connection, confirmed_at=now)
            factories.make_operation(connection)
    if known.get("closed"):
        company.closed_at = now
    if known.get("gone"):
        company.gone_at = now
    company.save(update_fields=["closed_at", "gone_at"])
    factories.restage(company)
    if "stage" in known:
        company.connections.update(stage=known["stage"])

    assert pacing.next_look(company, now=now) is None
