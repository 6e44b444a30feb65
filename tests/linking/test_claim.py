"""The claim, on whichever database the tests run: two holders, a hint, and workers that die.

The order of steps is forced: each holder and the hint has a connection of its own, in a thread of
its own. A hint is never lost, and what was recorded never goes backwards; that this holds in every
order there is, `test_claim_orders` explores.
"""

import itertools
import queue
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from onboarding.codat import Event
from onboarding.linking.models import Company, Lane, OutgoingEmail
from onboarding.linking.models.work import moment
from onboarding.linking.services import looking
from onboarding.linking.services.hearing import hear
from onboarding.linking.services.recording import lock_company
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)

LEASE = timedelta(seconds=60)
AT_ONCE = timedelta(milliseconds=-5)
"""SQLite tells the time in milliseconds: what falls due in this one is due in the next."""


@pytest.fixture
def lane(db):
    lane = factories.make_company().lane
    Lane.objects.filter(pk=lane.pk).update(due_at=moment(-LEASE))
    return lane


def now_of(lane):
    return Lane.objects.get(pk=lane.pk)


def due(lane):
    return Lane.objects.due().filter(pk=lane.pk).exists()


def run_out(lane):
    """The lease of the present holder ends this moment."""
    Lane.objects.filter(pk=lane.pk, claim_token__isnull=False).update(due_at=moment(AT_ONCE))


def free_cut(max_attempts=5):
    return Lane.objects.free_cut(max_attempts=max_attempts)


def finish(lane, token, due_at=None, debounce=AT_ONCE, **more):
    return Lane.objects.finish(
        lane.company_id, token, due_at=due_at, urgent=debounce, other=debounce, **more
    )


def hint(lane, **debounce):
    Lane.objects.filter(pk=lane.pk).hint(debounce=timedelta(**debounce))


# ── one after the other ──────────────────────────────────────────────────────────────────────────
def test_a_lane_has_one_holder(lane):
    first = Lane.objects.claim_for_look(lane.pk, lease=LEASE)

    assert first
    assert Lane.objects.claim_for_look(lane.pk, lease=LEASE) is None
    assert Lane.objects.claim(lane.pk, lease=LEASE) is None


@pytest.mark.parametrize(
    "fields",
    [{"due_at": None}, {"due_at": moment(LEASE)}, {"parked_reason": "set aside"}],
    ids=["nothing to do", "not yet", "set aside"],
)
def test_what_is_not_due_cannot_be_claimed(lane, fields):
    Lane.objects.filter(pk=lane.pk).update(**fields)

    assert Lane.objects.claim_for_look(lane.pk, lease=LEASE) is None


def test_what_comes_after_a_finish_is_the_time_it_named(lane):
    later = timezone.now() + timedelta(hours=1)
    token = Lane.objects.claim_for_look(lane.pk, lease=LEASE)

    assert finish(lane, token, due_at=later)

    after = now_of(lane)
    assert (after.claim_token, after.attempts, after.due_at) == (None, 0, later)
    assert not finish(lane, token)


def test_a_hint_during_a_look_brings_the_next_one(lane):
    token = Lane.objects.claim_for_look(lane.pk, lease=LEASE)
    ends = now_of(lane).due_at
    hint(lane, seconds=2)

    assert now_of(lane).due_at == ends, "a hint does not touch the holder's lease"
    assert finish(lane, token, due_at=None, debounce=timedelta(seconds=2))
    assert timedelta(0) < now_of(lane).due_at - timezone.now() <= timedelta(seconds=2)


def test_a_claim_for_writing_alone_leaves_the_hint_to_the_next(lane):
    hint(lane)
    token = Lane.objects.claim(lane.pk, lease=LEASE)
    finish(lane, token, due_at=None)

    assert due(lane)


def test_a_hint_looks_at_once_or_one_debounce_after_the_last_look(lane):
    Lane.objects.update(due_at=None)
    hint(lane, seconds=60)
    assert due(lane)

    finish(lane, Lane.objects.claim_for_look(lane.pk, lease=LEASE))
    hint(lane, seconds=60)
    assert not due(lane)
    assert now_of(lane).due_at - timezone.now() <= timedelta(seconds=60)


def test_hints_never_push_a_look_back(lane):
    finish(lane, Lane.objects.claim_for_look(lane.pk, lease=LEASE))
    hint(lane, seconds=1)
    first = now_of(lane).due_at
    for _ in range(5):
        hint(lane, seconds=60)

    assert now_of(lane).due_at == first


def test_what_a_dead_worker_held_is_free_after_its_lease(lane):
    token = Lane.objects.claim_for_look(lane.pk, lease=LEASE)
    assert free_cut() == 0

    run_out(lane)
    assert free_cut() == 1

    assert due(lane)
    assert not Lane.objects.prove(lane.company_id, token)
    assert not finish(lane, token)


def test_what_is_cut_again_and_again_is_set_aside_and_keeps_its_hints(lane):
    for _ in range(3):
        Lane.objects.claim_for_look(lane.pk, lease=LEASE)
        run_out(lane)
        free_cut(max_attempts=3)

    parked = now_of(lane)
    assert "3 times" in parked.parked_reason
    assert parked.claim_token is None
    hint(lane)
    assert not due(lane)

    assert Lane.objects.filter(pk=lane.pk).release() == 1
    assert due(lane)
    assert now_of(lane).attempts == 0
    assert now_of(lane).hinted


def test_a_look_that_was_cut_or_refused_is_not_swallowed_by_a_write_that_comes_first(lane):
    for refused in (True, False):
        hint(lane)
        token = Lane.objects.claim_for_look(lane.pk, lease=LEASE)
        if refused:
            later = timezone.now() + timedelta(hours=1)
            assert finish(lane, token, due_at=later, still_owed=True)
            assert now_of(lane).due_at == later
            Lane.objects.filter(pk=lane.pk).wake()
        else:
            run_out(lane)
            free_cut()

        finish(lane, Lane.objects.claim(lane.pk, lease=LEASE), due_at=None)

        assert due(lane)
        finish(lane, Lane.objects.claim_for_look(lane.pk, lease=LEASE))
        assert not due(lane)


def test_what_a_cut_look_was_asked_for_is_asked_of_the_next(lane):
    hint(lane)
    Lane.objects.claim_for_look(lane.pk, lease=LEASE)
    run_out(lane)
    free_cut()

    assert Lane.objects.claim_for_look(lane.pk, lease=LEASE)
    assert now_of(lane).look_at_connections


def test_waking_does_not_touch_a_lane_in_hands(lane):
    Lane.objects.claim_for_look(lane.pk, lease=LEASE)
    ends = now_of(lane).due_at

    Lane.objects.filter(pk=lane.pk).wake()
    Lane.objects.filter(pk=lane.pk).wake_by(timezone.now())

    assert now_of(lane).due_at == ends


def test_a_cut_mail_is_set_aside_as_perhaps_sent_and_its_company_told():
    company = factories.make_company()
    factories.make_invitation(company)
    mail = OutgoingEmail.objects.get()
    OutgoingEmail.objects.update(due_at=moment(-LEASE))
    assert OutgoingEmail.objects.claim(mail.pk, lease=LEASE)
    OutgoingEmail.objects.update(due_at=moment(AT_ONCE))
    Lane.objects.update(due_at=None)

    assert OutgoingEmail.objects.park_cut() == 1

    mail.refresh_from_db()
    assert "May have been sent" in mail.parked_reason
    assert not OutgoingEmail.objects.due().exists()
    assert due(company.lane)
    Lane.objects.update(due_at=None)
    assert OutgoingEmail.objects.filter(pk=mail.pk).release() == 1
    assert OutgoingEmail.objects.due().exists()
    assert due(company.lane)


# ── many orders of two holders and a hint ────────────────────────────────────────────────────────
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


class Actor:
    """A thread with a database connection of its own, that does one thing at a time."""

    def __init__(self):
        self._asked, self._done = queue.Queue(), queue.Queue()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def _work(self):
        while act := self._asked.get():
            try:
                self._done.put((act(), None))
            except Exception as error:  # noqa: BLE001 - handed to the test
                self._done.put((None, error))
        connection.close()

    def start(self, act):
        self._asked.put(act)

    def is_waiting(self, seconds=0.3):
        try:
            self._done.put(self._done.get(timeout=seconds))
        except queue.Empty:
            return True
        return False

    def result(self):
        value, error = self._done.get(timeout=30)
        if error:
            raise error
        return value

    def do(self, act):
        self.start(act)
        return self.result()

    def stop(self):
        self._asked.put(None)
        self._thread.join(10)


@pytest.fixture
def actors():
    three = [Actor(), Actor(), Actor()]
    yield three
    for actor in three:
        actor.stop()


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


postgres_only = pytest.mark.skipif(
    "connection.vendor != 'postgresql'", reason="SQLite has one writer: nothing can overlap"
)


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
