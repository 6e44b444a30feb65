"""What is asked of Codat, and being sure of it when the answer was lost."""

import socket

import pytest
from django.utils import timezone

from onboarding import codat
from onboarding.linking import codat_client
from onboarding.linking.models import CodatWrite, Lane
from onboarding.linking.services import connecting, onboarding
from tests.conftest import free_port
from tests.simulated import API_KEY

from .sent import CONNECT, CREATE, calls, wait_of, write_of

pytestmark = pytest.mark.django_db(transaction=True)


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


def test_a_look_that_shows_what_a_lost_answer_made_settles_the_write(begun, simulator, take_turn):
    """Repeated when the customer has long given that software up, it would make another."""
    simulator.fault("create-connection", "processed_then_cut")
    take_turn(begun)
    assert write_of(begun, CONNECT).doubtful

    take_turn(begun)

    made = write_of(begun, CONNECT)
    assert (made.outcome, made.doubtful) == ("adopted", False)
    assert made.result_id == begun.connections.get().codat_id
    assert calls(simulator, "create-connection") == 1


def test_a_look_settles_no_write_for_other_software(begun, simulator, take_turn):
    simulator.fault("create-connection", "cut")
    take_turn(begun)
    codat_client.for_worker().create_connection(begun.codat_id, platform_key="mqjo")

    take_turn(begun)

    assert begun.connections.get().platform_key == "mqjo"
    assert write_of(begun, CONNECT).done_at is None


def test_the_same_thing_is_planned_once(begun, session, xero_at_codat, now):
    connecting.begin_connection(session=session, platform=xero_at_codat, now=now)

    assert begun.writes.count() == 2


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
