"""The engine against a simulated Codat over a real socket, one turn at a time."""

from datetime import timedelta

import pytest
from django.utils import timezone

from onboarding.linking import codat_client, emails, stages
from onboarding.linking.models import (
    Company,
    CompanyIdentity,
    CustomerSession,
    Lane,
    OutgoingEmail,
)
from onboarding.linking.reads_that_count import reads_of
from onboarding.linking.services import identity, leaving, looking, turns
from onboarding.linking.services.errors import AlreadyConnected, NotReady, ServiceTrouble
from tests.simulated import eventually

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("read_at_once")]


def leave(session, key="gbol"):
    session.company.refresh_from_db()
    return leaving.leave_for_link(session=session, platform_key=key, now=timezone.now())


def turn(company, **later):
    """Let the company's lane come due and take its turn as a worker would."""
    looking.hint_now(company=company)
    company.refresh_from_db()
    now = timezone.now() + timedelta(**later)
    turns.take_turn(company, codat_client.for_worker(), now=now)
    company.refresh_from_db()
    return company


def linked(session, simulator):
    """A company whose customer signed in and whose first read is over."""
    leave(session)
    connection = session.company.connections.get()
    simulator.act(connection.codat_id, "authorize")
    turn(session.company)
    return session.company


def read_until(company, condition):
    def look():
        turn(company)
        return condition(company)

    return eventually(look, what="the expected reading")


def test_a_click_makes_one_company_and_one_connection_and_leads_to_a_fresh_link(session, simulator):
    url = leave(session)

    assert url.startswith(simulator.url)
    assert "otp=" in url
    assert "state=" in url
    (at_codat,) = simulator.companies_of(session.company.public_id)
    session.company.refresh_from_db()
    assert at_codat["id"] == session.company.codat_id
    assert [c["id"] for c in at_codat["dataConnections"]] == [
        session.company.connections.get().codat_id
    ]
    assert session.company.stage == stages.Stage.AUTHORIZING


def test_a_second_click_uses_the_same_connection(session, simulator):
    first, second = leave(session), leave(session)

    assert first != second
    (at_codat,) = simulator.companies_of(session.company.public_id)
    assert len(at_codat["dataConnections"]) == 1


def test_a_second_press_that_read_its_company_before_the_first_was_done_is_sent_on_too(session):
    second = CustomerSession.objects.select_related("company").get(pk=session.pk)
    leave(session)

    url = leaving.leave_for_link(session=second, platform_key="gbol", now=timezone.now())

    assert "otp=" in url


def test_the_journey_reaches_ready_through_turns_alone(session, simulator):
    company = linked(session, simulator)
    assert company.stage == stages.Stage.CONFIRMING

    found = read_until(company, lambda c: identity.awaiting(company=c))
    assert found.display_name
    identity.confirm(identity_public_id=found.public_id, company=company, now=timezone.now())
    read_until(company, lambda c: c.stage == stages.Stage.READY)

    assert OutgoingEmail.objects.filter(company=company, kind="first_read_done").count() == 1
    assert company.connections.get().last_read_at is not None


def test_a_lost_answer_is_repeated_with_the_same_key_and_doubles_nothing(session, simulator):
    simulator.fault("create-company", "processed_then_cut")
    with pytest.raises(NotReady):
        leave(session)
    company = session.company
    eventually(lambda: turn(company, minutes=1).codat_id, what="the company")

    assert leave(session)
    (at_codat,) = simulator.companies_of(company.public_id)
    assert len(at_codat["dataConnections"]) == 1
    write = company.writes.get(kind="create_company")
    assert (write.outcome, write.attempts) == ("done", 2)


def test_a_lost_connection_answer_doubles_no_connection(session, simulator):
    simulator.fault("create-connection", "processed_then_cut")
    with pytest.raises(NotReady):
        leave(session)
    eventually(lambda: turn(session.company, minutes=1).connections.exists(), what="the connection")

    assert leave(session)
    (at_codat,) = simulator.companies_of(session.company.public_id)
    assert len(at_codat["dataConnections"]) == 1


def test_a_replayed_server_error_is_looked_up_and_then_tried_with_a_new_key(
    session, simulator, settings
):
    settings.WRITE_LOOKUP_SECONDS = [0, 0, 0]
    simulator.fault("create-company", "status:500")
    with pytest.raises(NotReady):
        leave(session)
    company = session.company
    first_key = company.writes.get(kind="create_company").idempotency_key

    eventually(lambda: turn(company, minutes=1).codat_id, what="the company")

    write = company.writes.get(kind="create_company")
    assert write.idempotency_key != first_key
    assert len(simulator.companies_of(company.public_id)) == 1


def test_with_a_key_too_old_to_repeat_the_company_is_looked_up_and_adopted(session, simulator, ago):
    company = session.company
    simulator.fault("create-company", "processed_then_cut")
    with pytest.raises(NotReady):
        leave(session)
    company.writes.update(key_made_at=ago(hours=2))

    eventually(lambda: turn(company, minutes=1).codat_id, what="the company")

    write = company.writes.get(kind="create_company")
    assert (write.outcome, write.attempts) == ("adopted", 1)
    assert len(simulator.companies_of(company.public_id)) == 1


@pytest.mark.parametrize(
    ("status", "kind"), [(401, "refused"), (402, "refused"), (403, "refused"), (429, "busy")]
)
def test_a_refusal_of_codat_becomes_trouble_with_what_was_entered_kept(
    session, simulator, status, kind
):
    simulator.fault("create-company", f"status:{status}", retry_after=3)

    with pytest.raises(ServiceTrouble) as trouble:
        leave(session)

    assert trouble.value.kind == kind
    assert Company.objects.get().writes.open().count() == 2


def test_a_second_accounting_software_is_refused(session, simulator):
    linked(session, simulator)

    with pytest.raises(AlreadyConnected):
        leave(session, "qhyg")


@pytest.mark.parametrize("fault", ["", "status:503", "cut"])
def test_a_rejected_business_is_unlinked_and_the_record_kept(session, simulator, fault):
    company = linked(session, simulator)
    found = read_until(company, lambda c: identity.awaiting(company=c))
    if fault:
        simulator.fault("unlink-connection", fault)

    identity.reject(identity_public_id=found.public_id, company=company, now=timezone.now())
    if fault:
        turn(company)
        assert company.connections.get().status == "Linked"
        for minutes in (1, 2, 4, 8):
            turn(company, minutes=minutes)
    read_until(company, lambda c: c.connections.get().status == "Unlinked")

    assert CompanyIdentity.objects.get(pk=found.pk).rejected_at
    assert company.connections.get().stage == stages.ConnectionStage.ENDED
    assert company.problems.open().get().reason == stages.Reason.WRONG_COMPANY


def all_read(connection):
    return set(stages.first_read(reads_of(connection)).values()) == {"done"}


def test_what_was_read_of_a_rejected_business_does_not_count_for_the_right_one(session, simulator):
    company = linked(session, simulator)
    wrong = read_until(company, lambda c: identity.awaiting(company=c))
    connection = company.connections.get()
    read_until(company, lambda c: all_read(connection))
    identity.reject(identity_public_id=wrong.public_id, company=company, now=timezone.now())
    read_until(company, lambda c: c.connections.get().status == "Unlinked")

    simulator.act(connection.codat_id, "authorize")
    right = read_until(company, lambda c: identity.awaiting(company=c))
    connection.refresh_from_db()
    reads = stages.first_read(reads_of(connection))
    identity.confirm(identity_public_id=right.public_id, company=company, now=timezone.now())

    assert reads.pop("company") == "done"
    assert set(reads.values()) == {"waiting"}
    assert turn(company).stage == stages.Stage.READING
    read_until(company, lambda c: c.stage == stages.Stage.READY)
    asked = connection.operations.filter(requested__gt=right.linked_at)
    assert reads.keys() <= set(asked.values_list("data_type", flat=True))


@pytest.fixture
def lost(session, simulator):
    """A company that was ready, and whose permission ended at the software."""
    company = linked(session, simulator)
    found = read_until(company, lambda c: identity.awaiting(company=c))
    identity.confirm(identity_public_id=found.public_id, company=company, now=timezone.now())
    read_until(company, lambda c: c.stage == stages.Stage.READY)
    simulator.act(company.connections.get().codat_id, "deauthorize")
    assert turn(company).stage == stages.Stage.LOST
    assert company.problems.open().get().reason == stages.Reason.ACCESS_LOST
    return company


def answered(company):
    """The identity of the present linking, once something was decided about it."""
    newest = company.connections.get().identity
    return newest if newest and (newest.confirmed_at or newest.rejected_at) else None


def test_the_same_business_passes_a_relink_by_itself_once_it_was_read_anew(lost, simulator):
    before = lost.connections.get().identities.get()
    simulator.act(lost.connections.get().codat_id, "authorize")
    assert turn(lost).stage == stages.Stage.CONFIRMING

    again = read_until(lost, answered)

    assert (again.compared, again.compared_with) == ("same", before)
    assert again.confirmed_at
    assert again.pk != before.pk
    assert read_until(lost, lambda c: c.stage == stages.Stage.READY)
    assert not lost.problems.open().exists()


def test_another_business_is_disconnected_again_on_a_relink(lost, simulator):
    simulator.act(lost.connections.get().codat_id, "authorize", organisation="Harbour Cafe Ltd")
    assert turn(lost).stage == stages.Stage.CONFIRMING

    again = read_until(lost, answered)
    read_until(lost, lambda c: c.connections.get().status == "Unlinked")

    assert (again.display_name, again.compared) == ("Harbour Cafe Ltd", "different")
    assert (lost.stage, lost.connections.count()) == (stages.Stage.LOST, 1)
    assert [p.reason for p in lost.problems.open()] == [stages.Reason.WRONG_COMPANY]
    assert lost.emails.filter(kind="other_business").count() == 1
    earlier = lost.emails.get(kind="access_lost")
    assert not emails.still_true(earlier, now=timezone.now())


def test_another_business_stays_stopped_while_codat_is_down(lost, simulator):
    connection = lost.connections.get()
    simulator.act(connection.codat_id, "authorize", organisation="Harbour Cafe Ltd")
    simulator.fault("unlink-connection", "status:500", times=3)
    read_until(lost, answered)

    for _ in range(2):
        turn(lost)
        assert lost.stage == stages.Stage.CONFIRMING
        assert lost.connections.get().status == "Linked"

    simulator.no_faults()
    for minutes in (2, 4, 6, 90):
        turn(lost, minutes=minutes)
    assert lost.connections.get().status == "Unlinked"
    assert simulator.calls()["operations"]["unlink-connection"] <= 4


def test_a_first_read_that_codat_did_not_begin_is_queued_once(session, simulator, settings):
    simulator.settings(fetch_on_first_link=False)
    company = linked(session, simulator)
    turn(company)
    assert not company.writes.filter(kind="refresh_all").exists()

    settings.FIRST_READ_GRACE_SECONDS = 0
    turn(company)
    read_until(company, lambda c: identity.awaiting(company=c))

    assert company.writes.filter(kind="refresh_all", outcome="done").count() == 1


def test_a_lane_in_other_hands_leaves_the_click_waiting(session, simulator):
    session.company.refresh_from_db()
    lane = Lane.objects.get(company=session.company)
    Lane.objects.filter(pk=lane.pk).wake()
    assert Lane.objects.claim(lane.pk, lease=timedelta(seconds=30))

    with pytest.raises(NotReady):
        leave(session)


def test_the_list_hints_those_that_differ_and_records_nothing(session, simulator):
    company = linked(session, simulator)
    read_until(company, lambda c: identity.awaiting(company=c))
    Lane.objects.update(hinted=False, due_at=None)
    assert looking.compare_pages(codat_client.for_worker()) == 0

    simulator.act(company.connections.get().codat_id, "deauthorize")
    assert looking.compare_pages(codat_client.for_worker()) == 1

    assert company.connections.get().status == "Linked"
    assert Lane.objects.get(company=company).hinted
