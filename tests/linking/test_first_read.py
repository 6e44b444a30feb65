"""The first read against a simulated Codat: what it waits for, and when it is enough."""

from datetime import timedelta

import pytest
from django.utils import timezone

from onboarding.linking import codat_client, stages
from onboarding.linking.models import Category, LinkAttempt, OutgoingEmail, Platform
from onboarding.linking.services import catalogue, identity, leaving
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)

SAGE_50, QUICKBOOKS_DESKTOP, SAGE_INTACCT = "hbql", "pqsw", "knfz"


@pytest.fixture
def connected(simulator, take_turn):
    """`connected("hbql", machine="off")`: a company whose customer has signed in there."""

    def connect(key, *, machine="on"):
        catalogue.refresh_catalogue(codat_client.for_worker(), now=timezone.now())
        session, _key = factories.make_session(factories.make_company())
        leaving.leave_for_link(session=session, platform_key=key, now=timezone.now())
        connection = session.company.connections.get()
        simulator.act(connection.codat_id, "authorize")
        if machine == "off":
            simulator.act(connection.codat_id, "machine_off")
        take_turn(session.company)
        return session.company

    return connect


def confirm(company):
    identity.confirm(
        identity_public_id=identity.awaiting(company=company).public_id,
        company=company,
        now=timezone.now(),
    )
    company.refresh_from_db()


def named(company):
    return identity.awaiting(company=company)


def reasons(company):
    return set(company.problems.open().values_list("reason", flat=True))


def mails(company):
    return list(OutgoingEmail.objects.filter(company=company).values_list("kind", flat=True))


# ── desktop software ─────────────────────────────────────────────────────────────────────────────
def test_while_the_computer_is_off_its_reads_wait_and_nobody_is_told_of_a_failure(
    connected, take_turn, look_until, simulator
):
    company = connected(SAGE_50, machine="off")
    look_until(company, lambda c: c.connections.get().operations.exists(), minutes=3)
    assert reasons(company) == set()
    assert mails(company) == ["connected"]

    take_turn(company, hours=3)
    assert reasons(company) == {stages.Reason.MACHINE_OFF}

    simulator.act(company.connections.get().codat_id, "machine_on")
    look_until(company, named)
    assert reasons(company) == set()
    confirm(company)
    look_until(company, lambda c: c.stage == "ready")


def test_the_description_of_a_waiting_read_is_kept_and_goes_with_it(
    connected, look_until, simulator
):
    company = connected(SAGE_50, machine="off")
    waiting = {"description": stages.WAITING_FOR_COMPUTER}
    reads = company.connections.get().operations
    look_until(company, lambda _: reads.filter(**waiting).exists(), minutes=3)

    simulator.act(company.connections.get().codat_id, "machine_on")
    look_until(company, lambda _: not reads.filter(**waiting).exists(), minutes=3)


def test_software_that_is_read_at_night_stalls_only_after_a_night(connected, look_until, simulator):
    soon = (timezone.now() + timedelta(hours=5)).hour
    simulator.control("POST", "/settings", {"night_hours": [soon, (soon + 1) % 24]})
    company = connected(QUICKBOOKS_DESKTOP)
    Platform.objects.filter(key=QUICKBOOKS_DESKTOP).update(
        read_from=f"{soon:02}:00", read_until=f"{(soon + 1) % 24:02}:00", read_at_weekends=False
    )
    look_until(company, lambda c: c.connections.get().operations.exists(), minutes=3)

    look_until(company, lambda c: reasons(c) == set(), hours=4)
    look_until(company, lambda c: reasons(c) == {stages.Reason.MACHINE_OFF}, hours=8)


# ── read once ────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def read_once(connected, look_until, simulator):
    """Codat has read it, and it has disconnected itself before anybody confirmed its name."""
    catalogue.refresh_catalogue(codat_client.for_worker(), now=timezone.now())
    Platform.objects.filter(key=SAGE_INTACCT).update(one_time=True)
    company = connected(SAGE_INTACCT)
    look_until(company, lambda c: c.connections.get().status == stages.DEAUTHORIZED)
    return company


def test_software_that_is_read_once_is_ready_when_it_has_disconnected_itself(read_once, look_until):
    look_until(read_once, named)
    assert read_once.stage == "confirming"

    confirm(read_once)

    assert read_once.stage == "ready"
    assert reasons(read_once) == set()
    assert "first_read_done" in mails(read_once)
    assert "access_lost" not in mails(read_once)


def test_the_same_without_our_policy_is_a_loss(read_once, look_until):
    read_once.connections.update(one_time=False)

    factories.restage(read_once)

    assert read_once.connections.get().stage == "ended"


# ── what is needed ───────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def failing(connected, simulator, look_until):
    """Confirmed, and one kind of information ended badly."""

    def fail(status, data_type="suppliers"):
        simulator.control("POST", "/settings", {"dataset_pauses": {data_type: 600}})
        company = connected("gbol")
        look_until(company, named)
        confirm(company)
        body = {"dataType": data_type, "status": status}
        simulator.control("POST", "/settings", {"dataset_pauses": {}})
        simulator.control("POST", f"/companies/{company.codat_id}/datasets", body)
        reads = company.connections.get().operations
        badly = {"data_type": data_type, "status": status}
        look_until(
            company,
            lambda c: (
                c.stage == "ready"
                or (
                    reads.filter(**badly).exists()
                    and not reads.filter(status__in=["Queued", "Fetching"]).exists()
                )
            ),
        )
        return company

    return fail


def test_one_kind_that_ended_badly_keeps_a_customer_from_being_ready(failing, look_until):
    company = failing("FetchError")

    assert company.stage == "reading"
    assert reasons(company) == {stages.Reason.READ_FAILED}

    look_until(company, lambda c: c.stage == "ready", minutes=20)
    again = company.writes.get(kind="refresh_data_type")
    assert again.body["data_type"] == "suppliers"
    assert reasons(company) == set()


def test_what_staff_do_not_call_needed_keeps_nobody_waiting(failing):
    Category.objects.filter(slug="accounting").update(needed_data_types=["company"])

    assert failing("FetchError").stage == "ready"


def test_what_staff_call_needed_is_asked_for_if_codat_does_not_begin_it(
    connected, take_turn, look_until
):
    Category.objects.filter(slug="accounting").update(needed_data_types=["company", "invoices"])
    company = connected("gbol")
    look_until(company, named)
    confirm(company)

    look_until(company, lambda c: c.writes.filter(kind="refresh_data_type").exists(), minutes=3)
    assert company.writes.get(kind="refresh_data_type").body["data_type"] == "invoices"
    look_until(company, lambda c: c.stage == "ready", minutes=4)


def test_a_read_that_wants_a_new_sign_in_looks_at_the_connection_at_once(
    failing, simulator, take_turn
):
    company = failing("AuthError")

    assert company.stage == "reading"
    assert reasons(company) == {stages.Reason.READ_NEEDS_CUSTOMER}


def test_after_a_new_sign_in_what_wanted_it_is_read_again(failing, look_until):
    company = failing("PermissionsError")
    session, key = factories.make_session(company)
    connection = company.connections.get()

    leaving.leave_for_link(
        session=session, platform_key="gbol", connection=connection, now=timezone.now()
    )
    leaving.note_return(state="", status_code="200", keys=[key], now=timezone.now())

    assert LinkAttempt.objects.filter(session=session, returned_at__isnull=False).exists()
    look_until(company, lambda c: c.stage == "ready")
