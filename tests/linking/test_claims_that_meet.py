"""The claim, on whichever database the tests run: two holders, a hint, and workers that die.

The order of steps is forced: each holder and the hint has a connection of its own, in a thread of
its own. A hint is never lost, and what was recorded never goes backwards; that this holds in every
order there is, `test_claim_orders` explores.
"""

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.utils import timezone

from onboarding.codat import Event
from onboarding.linking.models import Company, Lane
from onboarding.linking.services import looking
from onboarding.linking.services.hearing import hear
from onboarding.linking.services.recording import lock_company

from .lanes import LEASE, due, finish, free_cut, hint, now_of, postgres_only, run_out

pytestmark = pytest.mark.django_db(transaction=True)


class World:
    """A fact that changes twice, a hint after each change, and two workers that look."""

    def __init__(self, lane):
        self.lane, self.fact, self.recorded = lane, 0, 0
        self.tokens, self.seen = [None, None], [None, None]
        self.went_back = False

    def change_and_hint(self):
        self.fact += 1
        hint(self.lane)

    def claim(self, worker):
        self.tokens[worker] = Lane.objects.claim_for_look(self.lane.pk, lease=LEASE)

    def read(self, worker):
        self.seen[worker] = self.fact

    def record(self, worker):
        token, self.tokens[worker] = self.tokens[worker], None
        if token and finish(self.lane, token):
            self.went_back |= self.seen[worker] < self.recorded
            self.recorded = self.seen[worker]

    def cut(self, _worker=0):
        run_out(self.lane)
        free_cut()


def orders():
    """Each order in which two whole looks, two hinted changes and one cut can fall."""
    first = [("claim", 0), ("read", 0), ("record", 0)]
    second = [("claim", 1), ("read", 1), ("record", 1)]
    for places in itertools.combinations(range(6), 3):
        steps = [None] * 6
        one, two = iter(first), iter(second)
        for place in range(6):
            steps[place] = next(one) if place in places else next(two)
        for change, again, cut in itertools.product(range(7), range(7), (None, 2, 4)):
            if change > again:
                continue
            order = list(steps)
            for at, what in sorted(
                [(again, "change_and_hint"), (change, "change_and_hint"), *_at(cut)], reverse=True
            ):
                order.insert(at, (what, None))
            yield order


def _at(cut):
    return [] if cut is None else [(cut, "cut")]


def play(lane, order, run=lambda _actor, act: act()):
    """One order from a fresh start, then quiet: looks until nothing is due any more."""
    Lane.objects.filter(pk=lane.pk).update(
        claim_token=None, due_at=None, hinted=False, attempts=0, looked_at=None, parked_reason=""
    )
    world = World(lane)
    for what, worker in order:
        act = getattr(world, what)
        arguments = () if worker is None else (worker,)
        run(worker, lambda act=act, arguments=arguments: act(*arguments))
    world.cut()
    for _ in range(6):
        if not due(lane):
            break
        world.claim(0), world.read(0), world.record(0)
    assert not due(lane), f"never quiet after {order}"
    return world


def test_in_orders_across_connections_no_hint_is_lost(lane, actors):
    everything = list(orders())
    for order in everything[:: len(everything) // 25]:
        world = play(lane, order, lambda who, act: actors[2 if who is None else who].do(act))
        assert (world.recorded, world.went_back) == (world.fact, False), order


def test_of_many_claims_at_the_same_moment_one_succeeds(lane):
    barrier = threading.Barrier(8)

    def claim(_):
        try:
            barrier.wait(20)
            return Lane.objects.claim_for_look(lane.pk, lease=LEASE)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        taken = [token for token in pool.map(claim, range(8)) if token]

    assert taken == [now_of(lane).claim_token]


class Recording:
    """A holder in the middle of its recording transaction, which waits to be told to commit."""

    def __init__(self, lane, actor):
        self.proved, self.go = threading.Event(), threading.Event()
        self.token = Lane.objects.claim_for_look(lane.pk, lease=LEASE)
        self._lane, self._actor = lane, actor
        actor.start(self._record)
        assert self.proved.wait(20)

    def _record(self):
        with transaction.atomic():
            assert Lane.objects.prove(self._lane.company_id, self.token)
            assert finish(self._lane, self.token)
            self.proved.set()
            assert self.go.wait(20)

    def commit(self):
        self.go.set()
        self._actor.result()


@postgres_only
def test_a_hint_that_meets_an_unfinished_recording_is_not_lost(lane, actors):
    recording = Recording(lane, actors[0])
    actors[1].start(lambda: hint(lane))
    assert actors[1].is_waiting()

    recording.commit()
    actors[1].result()

    assert due(lane)


@postgres_only
@pytest.mark.parametrize("event_type", ["connection.connected", "read.completed"])
def test_an_event_does_not_wait_for_who_has_locked_its_company(lane, actors, event_type):
    """Whoever locks a company goes on to its lane: to wait the other way round is a deadlock."""
    Company.objects.filter(pk=lane.company_id).update(codat_id="company-1")
    Lane.objects.update(hinted=False, due_at=None)
    locked, go = threading.Event(), threading.Event()

    def answer_slowly():
        with transaction.atomic():
            company = lock_company(lane.company_id)
            locked.set()
            assert go.wait(20)
            looking.hint_now(company=company)

    event = Event("e", event_type, None, company_id="company-1")
    actors[0].start(answer_slowly)
    assert locked.wait(20)
    actors[1].start(lambda: hear(event, webhook_id="msg_1", now=timezone.now()))
    waits = actors[1].is_waiting(5)
    go.set()
    actors[0].result(), actors[1].result()

    assert not waits
    assert now_of(lane).hinted


@postgres_only
def test_a_sweep_that_meets_an_unfinished_recording_frees_nothing(lane, actors):
    Lane.objects.update(hinted=False)
    token_holder = Recording(lane, actors[0])
    actors[1].start(lambda: Lane.objects.filter(pk=lane.pk).update(attempts=9) and free_cut())
    token_holder.commit()
    actors[1].result()

    assert now_of(lane).parked_reason == ""


@postgres_only
def test_a_claim_that_meets_an_uncommitted_claim_waits_and_loses(lane, actors):
    claimed, go = threading.Event(), threading.Event()

    def claim_slowly():
        with transaction.atomic():
            token = Lane.objects.claim_for_look(lane.pk, lease=LEASE)
            claimed.set()
            assert go.wait(20)
        return token

    actors[0].start(claim_slowly)
    assert claimed.wait(20)
    actors[1].start(lambda: Lane.objects.claim_for_look(lane.pk, lease=LEASE))
    assert actors[1].is_waiting()
    go.set()

    assert actors[0].result()
    assert actors[1].result() is None
