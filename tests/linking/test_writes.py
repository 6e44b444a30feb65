"""What is asked of Codat, and being sure of it when the answer was lost."""

import socket
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from onboarding import codat
from onboarding.linking import codat_client, shared_redis
from onboarding.linking.models import CodatWrite, Lane, Pause
from onboarding.linking.services import connecting, onboarding, pauses, removals, restaging
from tests.conftest import free_port
from tests.simulated import API_KEY

pytestmark = pytest.mark.django_db(transaction=True)

CREATE, CONNECT = "create_company", "create_connection"


def write_of(company, kind=CREATE):
    return company.writes.get(kind=kind)


def wait_of(write):
    """Seconds from now until it is due."""
    return (write.due_at - timezone.now()).total_seconds()


def calls(simulator, operation):
    return simulator.calls()["operations"].get(operation, 0)


@pytest.fixture
def impatient(simulator):
    """A client that waits a third of a second for an answer and repeats nothing."""
    client = codat.Client(API_KEY, simulator.url, timeout=(1, 0.3), retry=codat.RetryPolicy.none())
    yield client
    client.close()


def test_writes_are_sent_oldest_first_and_closed_with_what_was_made(begun, simulator, take_turn):
    assert take_turn(begun) is None

    (at_codat,) = simulator.companies_of(begun.public_id)
    made, connected = begun.writes.order_by("pk")
    assert (made.outcome, made.result_id) == ("done", at_codat["id"])
    assert (connected.outcome, connected.result_id) == (
        "done",
        at_codat["dataConnections"][0]["id"],
    )
    assert begun.codat_id == at_codat["id"]


def test_what_builds_on_a_failed_write_waits_without_keeping_the_lane_due(
    begun, simulator, take_turn
):
    simulator.fault("create-company", "status:503")

    assert isinstance(take_turn(begun), codat.ServerError)

    assert write_of(begun, CONNECT).attempts == 0
    assert Lane.objects.get(company=begun).due_at > timezone.now()


def test_a_conflict_keeps_the_doubt_and_the_key(begun, simulator, take_turn):
    key = write_of(begun).idempotency_key
    simulator.fault("create-company", "status:409")

    assert isinstance(take_turn(begun), codat.ConflictError)

    write = write_of(begun)
    assert write.doubtful
    assert write.idempotency_key == key
    assert write.done_at is None


def test_too_many_requests_wait_as_long_as_codat_asks(begun, simulator, take_turn, real_redis):
    simulator.fault("create-company", "status:429", retry_after=45)

    assert isinstance(take_turn(begun), codat.RateLimitError)

    write = write_of(begun)
    assert 35 < wait_of(write) <= 45
    assert not write.doubtful
    real_redis.flushall()
    assert take_turn(begun, minutes=1) is None
    assert write_of(begun).attempts == 2


def test_what_surely_was_not_sent_is_not_doubted(begun, take_turn):
    nobody = codat.Client(
        API_KEY, f"http://127.0.0.1:{free_port()}", retry=codat.RetryPolicy.none()
    )

    error = take_turn(begun, client=nobody)

    assert isinstance(error, codat.UnreachableError)
    assert not error.maybe_processed
    assert not write_of(begun).doubtful


def test_only_doubt_about_what_was_sent_is_remembered(begun, simulator, take_turn, real_redis):
    for _ in range(2):
        simulator.fault("create-company", "status:429", retry_after=0)
        take_turn(begun, minutes=5)
        real_redis.flushall()
    assert not write_of(begun).doubtful

    simulator.fault("create-company", "cut")
    take_turn(begun, minutes=10)
    simulator.fault("create-company", "status:429", retry_after=0)
    take_turn(begun, minutes=20)

    assert write_of(begun).doubtful


def test_after_a_timeout_the_same_body_goes_again_under_the_same_key(
    begun, simulator, take_turn, impatient
):
    before = write_of(begun)
    simulator.fault("create-company", "slow:1.0")
    assert isinstance(take_turn(begun, client=impatient), codat.UnreachableError)
    assert write_of(begun).doubtful

    while write_of(begun).done_at is None:
        take_turn(begun, minutes=10)

    after = write_of(begun)
    assert (after.idempotency_key, after.body) == (before.idempotency_key, before.body)
    assert len(simulator.companies_of(begun.public_id)) == 1


def test_a_server_error_that_is_replayed_leads_to_looking_up_and_then_to_a_new_key(
    begun, simulator, take_turn
):
    first_key = write_of(begun).idempotency_key
    simulator.fault("create-company", "status:500")
    start = timezone.now()

    take_turn(begun)
    assert write_of(begun).lookups == 0, "one server error may be anything"
    take_turn(begun, seconds=10)
    assert write_of(begun).lookups == 1, "the second is the key's own, replayed"

    take_turn(begun, seconds=20)
    waits = [(write_of(begun).due_at - start).total_seconds() - 20]
    take_turn(begun, seconds=52)
    waits.append((write_of(begun).due_at - start).total_seconds() - 52)
    assert write_of(begun).idempotency_key == first_key
    assert waits == [pytest.approx(30, abs=2), pytest.approx(90, abs=2)]
    assert calls(simulator, "list-companies") == 2

    take_turn(begun, seconds=150)
    assert calls(simulator, "list-companies") == 3
    assert write_of(begun).idempotency_key != first_key
    assert write_of(begun).outcome == "done"
    assert len(simulator.companies_of(begun.public_id)) == 1


def test_what_is_found_by_looking_up_is_adopted(begun, simulator, take_turn):
    simulator.fault("create-company", "processed_then_cut")
    take_turn(begun)
    CodatWrite.objects.filter(kind=CREATE).update(lookups=1)

    assert take_turn(begun, minutes=1) is None

    (at_codat,) = simulator.companies_of(begun.public_id)
    assert write_of(begun).outcome == "adopted"
    assert begun.codat_id == at_codat["id"]


def test_a_list_that_lags_does_not_double_the_company(begun, simulator, take_turn):
    simulator.fault("create-company", "list_lag:60")
    simulator.fault("create-company", "processed_then_cut")
    take_turn(begun)
    take_turn(begun, minutes=1)
    CodatWrite.objects.filter(kind=CREATE, done_at=None).update(lookups=1)

    take_turn(begun, minutes=2)
    simulator.advance(61)
    take_turn(begun, minutes=10)

    assert len(simulator.companies_of(begun.public_id)) == 1
    assert begun.codat_id


def test_a_key_too_old_is_not_used_again(begun, simulator, take_turn, ago):
    simulator.fault("create-company", "cut")
    take_turn(begun)
    CodatWrite.objects.filter(kind=CREATE).update(key_made_at=ago(minutes=81))
    key = write_of(begun).idempotency_key

    take_turn(begun, minutes=1)
    assert calls(simulator, "list-companies") == 1
    assert write_of(begun).idempotency_key == key, "an empty list is no proof by itself"
    take_turn(begun, minutes=2)
    take_turn(begun, minutes=5)

    assert write_of(begun).idempotency_key != key
    assert len(simulator.companies_of(begun.public_id)) == 1


def test_an_old_key_of_what_was_never_sent_needs_no_looking_up(begun, simulator, take_turn, ago):
    CodatWrite.objects.update(key_made_at=ago(hours=9))

    take_turn(begun)

    assert calls(simulator, "list-companies") == 0
    assert write_of(begun).outcome == "done"


def test_a_lost_connection_is_found_again_as_the_pending_one(begun, simulator, take_turn):
    simulator.fault("create-connection", "processed_then_cut")
    take_turn(begun)
    CodatWrite.objects.filter(kind=CONNECT).update(lookups=1)

    take_turn(begun, minutes=1)

    assert write_of(begun, CONNECT).outcome == "adopted"
    (at_codat,) = simulator.companies_of(begun.public_id)
    assert begun.connections.get().codat_id == at_codat["dataConnections"][0]["id"]


def test_a_lost_connection_is_found_again_though_the_customer_has_signed_in_meanwhile(
    begun, simulator, take_turn
):
    """A look had shown it, and the page led there: asked for once more, Codat would refuse."""
    simulator.fault("create-connection", "processed_then_cut")
    take_turn(begun)
    (at_codat,) = simulator.companies_of(begun.public_id)
    simulator.act(at_codat["dataConnections"][0]["id"], "authorize")
    CodatWrite.objects.filter(kind=CONNECT).update(lookups=1)

    take_turn(begun, minutes=1)

    assert write_of(begun, CONNECT).outcome == "adopted"
    assert begun.connections.get().codat_id == at_codat["dataConnections"][0]["id"]
    assert calls(simulator, "create-connection") == 1


# ── refusals ─────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("status", "scope"), [(401, "codat"), (402, CREATE), (403, CREATE)])
def test_a_refusal_pauses_what_it_is_about(begun, simulator, take_turn, status, scope):
    key = write_of(begun).idempotency_key
    simulator.fault("create-company", f"status:{status}")

    take_turn(begun)

    assert [pause.scope for pause in Pause.objects.all()] == [scope]
    write = write_of(begun)
    assert write.done_at is None
    assert write.reason
    assert not write.doubtful
    assert write.idempotency_key != key, "Codat would repeat its refusal under the old one"
    assert begun.problems.open().get().reason == "refused"


def test_while_codat_is_paused_nothing_is_asked_and_the_lane_comes_back(
    begun, simulator, take_turn, now
):
    pauses.pause(Pause.CODAT, "for a test", now=now)

    take_turn(begun)

    assert simulator.calls()["total"] <= 1, "only the catalogue before"
    wait = (Lane.objects.get(company=begun).due_at - timezone.now()).total_seconds()
    assert 50 < wait <= 61, "no turn every sweep"


def test_one_paused_operation_holds_up_no_other(made, simulator, take_turn, now):
    pauses.pause(CodatWrite.Kind.UPDATE_COMPANY, "for a test", now=now)
    onboarding.rename(company=made, true_name="Brook Trading", by=None, now=now)
    connection = made.connections.get()
    simulator.act(connection.codat_id, "authorize")
    connecting.unlink(connection=connection, now=now)

    take_turn(made, seconds=1)

    assert write_of(made, "unlink_connection").outcome == "done"
    assert write_of(made, "update_company").attempts == 0
    assert Lane.objects.get(company=made).due_at > timezone.now()


def test_the_probe_resumes_when_codat_answers_again(begun, simulator, take_turn, now):
    simulator.fault("create-company", "status:401")
    take_turn(begun)
    simulator.fault("get-profile-syncSettings", "status:401")

    assert not pauses.probe(codat_client.for_worker(), now=now)
    assert pauses.is_paused(Pause.CODAT)
    assert pauses.probe(codat_client.for_worker(), now=now)

    assert not Pause.objects.exists()
    assert Lane.objects.due().filter(company=begun).exists()
    take_turn(begun, minutes=2)
    assert begun.codat_id
    assert not begun.problems.open().filter(reason="refused").exists()


def test_a_single_paused_operation_is_tried_again_after_a_while(begun, now, simulator):
    pauses.pause(CREATE, "for a test", now=now)

    pauses.probe(codat_client.for_worker(), now=now + timedelta(minutes=14))
    assert pauses.is_paused(CREATE)
    pauses.probe(codat_client.for_worker(), now=now + timedelta(minutes=16))
    assert not pauses.is_paused(CREATE)


def test_an_outdated_key_that_is_only_forbidden_things_pauses_everything(
    begun, simulator, take_turn
):
    simulator.fault("create-company", "status:403")
    simulator.fault("get-profile-syncSettings", "status:403")

    take_turn(begun)

    assert pauses.is_paused(Pause.CODAT)


def test_a_company_of_somebody_else_stops_nobody_but_itself(made, simulator, take_turn):
    simulator.fault("get-company", "status:403")

    take_turn(made)

    assert not Pause.objects.exists()


def test_a_bad_request_is_refused_for_good_and_shown_with_its_reference(
    begun, simulator, take_turn
):
    simulator.fault("create-company", "status:400")

    take_turn(begun)

    write = write_of(begun)
    assert write.outcome == "refused"
    assert "Reference" in write.reason
    assert begun.problems.open().get().reason == "refused"


def test_an_unknown_platform_is_refused_and_forgotten_once_another_is_taken(
    session, xero_at_codat, simulator, take_turn, now
):
    company = session.company
    xero_at_codat.key = "zzzz"
    connecting.begin_connection(session=session, platform=xero_at_codat, now=now)
    take_turn(company)
    assert write_of(company, CONNECT).outcome == "refused"
    assert company.problems.open().filter(reason="refused").exists()

    xero_at_codat.key = "gbol"
    connecting.begin_connection(session=session, platform=xero_at_codat, now=now)
    take_turn(company)

    assert not company.problems.open().filter(reason="refused").exists()


def test_the_same_thing_is_planned_once(begun, session, xero_at_codat, now):
    connecting.begin_connection(session=session, platform=xero_at_codat, now=now)

    assert begun.writes.count() == 2


# ── the other kinds ──────────────────────────────────────────────────────────────────────────────
def test_a_new_name_reaches_codat_also_while_the_company_is_being_made(
    begun, simulator, take_turn, now
):
    name = "Brook Trading " + "and Sons " * 20
    onboarding.rename(company=begun, true_name=name[:200], by=None, now=now)

    take_turn(begun, seconds=1)

    (at_codat,) = simulator.companies_of(begun.public_id)
    assert at_codat["name"] == name[:200].strip()
    assert begun.name_at_codat == at_codat["name"]


def test_unlinking_what_is_not_linked_any_more_is_done(linked, simulator, take_turn, now):
    connection = linked.connections.get()
    connecting.unlink(connection=connection, now=now)
    simulator.act(connection.codat_id, "unlink")

    assert take_turn(linked, seconds=1) is None

    assert write_of(linked, "unlink_connection").outcome == "done"
    assert linked.connections.get().status == "Unlinked"


def test_a_refusal_to_unlink_what_is_linked_is_not_taken_for_done(
    linked, simulator, take_turn, now
):
    connecting.unlink(connection=linked.connections.get(), now=now)
    simulator.fault("unlink-connection", "status:400")

    take_turn(linked, seconds=1)

    assert write_of(linked, "unlink_connection").outcome == "refused"
    assert linked.connections.get().status == "Linked"
    assert linked.problems.open().filter(reason="refused").exists()


def test_unlinking_what_was_deleted_at_codat_is_done(linked, simulator, take_turn, now):
    connection = linked.connections.get()
    connecting.unlink(connection=connection, now=now)
    codat_client.for_worker().delete_connection(linked.codat_id, connection.codat_id)

    take_turn(linked, seconds=1)

    assert write_of(linked, "unlink_connection").outcome == "adopted"


def test_a_read_that_is_running_already_is_queued_later(linked, simulator, take_turn, now):
    connection = linked.connections.get()
    simulator.control(
        "POST",
        f"/companies/{linked.codat_id}/datasets",
        {"dataType": "company", "status": "Fetching"},
    )
    restaging.plan_write(
        linked,
        "refresh_data_type",
        "a test",
        {"connection_id": connection.codat_id, "data_type": "company"},
        now=now,
    )

    assert isinstance(take_turn(linked, seconds=1), codat.ConflictError)
    assert write_of(linked, "refresh_data_type").done_at is None
    simulator.control(
        "POST",
        f"/companies/{linked.codat_id}/datasets",
        {"dataType": "company", "status": "Complete"},
    )
    take_turn(linked, minutes=10)

    assert write_of(linked, "refresh_data_type").outcome == "done"


# ── the claim ────────────────────────────────────────────────────────────────────────────────────
def test_an_answer_that_comes_after_the_claim_was_lost_is_dropped(begun, take_turn):
    """The server answers once, and frees the lane before it does."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        slow = codat.Client(
            API_KEY,
            f"http://127.0.0.1:{server.getsockname()[1]}",
            timeout=(1, 0.5),
            retry=codat.RetryPolicy.none(),
        )
        Lane.objects.filter(company=begun).update(claim_token=None)
        before = write_of(begun)

        class Freeing(type(slow)):
            def create_company(self, **more):
                Lane.objects.filter(company=begun).update(claim_token=None)
                return super().create_company(**more)

        slow.__class__ = Freeing
        take_turn(begun, client=slow)

    after = write_of(begun)
    assert after.attempts == before.attempts + 1, "what was committed before the first byte stays"
    assert after.doubtful
    assert after.done_at is None
    assert not after.server_error_seen


def test_a_look_that_a_failing_write_prevented_stays_owed(made, simulator, take_turn, now):
    onboarding.rename(company=made, true_name="Brook Trading", by=None, now=now)
    simulator.fault("update-company", "cut", times=None)
    simulator.act(made.connections.get().codat_id, "authorize")

    take_turn(made, seconds=1)

    assert made.connections.get().status == "PendingAuth"
    wait = (Lane.objects.get(company=made).due_at - timezone.now()).total_seconds()
    assert wait <= 32
    take_turn(made, hint=False, seconds=2.5)
    take_turn(made, hint=False, seconds=4)
    assert made.connections.get().status == "Linked"


def test_trouble_with_one_write_does_not_keep_us_from_looking(made, simulator, take_turn, now):
    onboarding.rename(company=made, true_name="Brook Trading", by=None, now=now)
    simulator.fault("update-company", "status:503")
    simulator.act(made.connections.get().codat_id, "authorize")

    take_turn(made, seconds=1)

    assert made.connections.get().status == "Linked"


# ── deleting with what was read ──────────────────────────────────────────────────────────────────
def gone(company):
    return company.connections.get().deleted_at is not None


def test_what_a_senior_deletes_is_gone_at_once_and_counts_as_no_loss(
    linked, simulator, take_turn, now, alice
):
    connection = linked.connections.get()
    connecting.delete(connection=connection, by=alice, now=now)

    assert take_turn(linked, seconds=1) is None

    assert write_of(linked, "delete_with_data").outcome == "done"
    assert gone(linked)
    (at_codat,) = simulator.companies_of(linked.public_id)
    assert at_codat["dataConnections"] == []
    told = linked.history.get(subject="connection", after="deleted")
    assert told.source == "staff"
    assert not linked.problems.open().filter(reason="access_lost").exists()
    connecting.delete(connection=connection, by=alice, now=now)
    assert linked.writes.filter(kind="delete_with_data").count() == 1


def test_a_deletion_whose_answer_was_lost_is_repeated_and_settled_by_the_looks(
    linked, simulator, take_turn, now, alice
):
    connecting.delete(connection=linked.connections.get(), by=alice, now=now)
    simulator.fault("delete-connection", "processed_then_cut")

    take_turn(linked, seconds=1)
    assert not gone(linked)
    take_turn(linked, seconds=10)

    assert write_of(linked, "delete_with_data").outcome == "adopted"
    assert linked.connections.get().missing_since is not None
    removals.remember_account(codat_client.for_worker(), now=now)
    take_turn(linked, minutes=11)
    take_turn(linked, minutes=12)
    assert gone(linked)


# ── several renames of one company ───────────────────────────────────────────────────────────────
@pytest.fixture
def rename(made):
    def rename(name):
        onboarding.rename(company=made, true_name=name, by=None, now=timezone.now())

    return rename


def name_at_codat(simulator, company):
    (at_codat,) = simulator.companies_of(company.public_id)
    return at_codat["name"]


def all_sent(company, take_turn, *, turns=8):
    """Turns without a hint, each as of ever later, until nothing is left to send."""
    for number in range(1, turns + 1):
        if company.writes.open().exists():
            take_turn(company, hint=False, minutes=5 * number)
    return not company.writes.open().exists()


@pytest.mark.parametrize("fault", ["processed_then_cut", "cut", "status:503", "status:429"])
def test_an_older_rename_in_trouble_never_undoes_a_newer_one(
    made, simulator, take_turn, rename, fault
):
    simulator.fault("update-company", fault, retry_after=1)
    rename("Brook Trading")
    take_turn(made, seconds=1)
    rename("Brook and Daughters")
    shared_redis.shared_redis().flushall()

    take_turn(made, hint=False, seconds=1)
    assert all_sent(made, take_turn)

    assert name_at_codat(simulator, made) == made.name_at_codat == "Brook and Daughters"


def test_a_rename_waits_for_an_older_one_in_doubt_without_keeping_the_lane_due(
    made, simulator, take_turn, rename
):
    simulator.fault("update-company", "cut", times=None)
    rename("Brook Trading")
    take_turn(made, seconds=1)
    rename("Brook and Daughters")

    take_turn(made, seconds=1)

    older, newer = made.writes.filter(kind="update_company").order_by("pk")
    assert older.attempts >= 1
    assert newer.attempts == 0
    assert Lane.objects.get(company=made).due_at > timezone.now()


def test_a_rename_that_is_dropped_as_it_is_about_to_leave_does_not_leave(
    made, simulator, take_turn, rename
):
    rename("Brook Trading")

    def dropped_just_before(execute, sql, params, many, context):
        if sql.startswith('UPDATE "linking_codatwrite" SET "attempts"'):
            made.writes.open().update(done_at=timezone.now(), outcome="dropped")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(dropped_just_before):
        take_turn(made, seconds=1)

    assert calls(simulator, "update-company") == 0
    assert made.writes.get(kind="update_company").outcome == "dropped"


def test_of_renames_that_were_never_sent_only_the_newest_is(made, simulator, take_turn, rename):
    for name in ("First", "Second", "Third"):
        rename(name)

    assert take_turn(made, seconds=1) is None

    assert name_at_codat(simulator, made) == "Third"
    assert calls(simulator, "update-company") == 1
    assert sorted(made.writes.filter(kind="update_company").values_list("outcome", flat=True)) == [
        *("done", "dropped", "dropped")
    ]


def test_a_name_that_is_taken_back_is_not_sent(made, simulator, take_turn, rename):
    before = made.true_name
    rename("Brook Trading")
    rename(before)

    assert take_turn(made, seconds=1) is None

    assert calls(simulator, "update-company") == 0
    assert name_at_codat(simulator, made) == made.name_at_codat


def test_a_name_that_is_taken_back_after_it_may_have_arrived_is_sent_again(
    made, simulator, take_turn, rename
):
    before, shown = made.true_name, made.name_at_codat
    simulator.fault("update-company", "processed_then_cut")
    rename("Brook Trading")
    take_turn(made, seconds=1)
    assert name_at_codat(simulator, made) == "Brook Trading"
    rename(before)

    assert all_sent(made, take_turn)

    assert name_at_codat(simulator, made) == made.name_at_codat == shown
