"""Every order in which two holders, hints and time can meet, by the portal's own statements.

Each step of the lane's protocol is one statement (or, for a recording, one transaction), so that
the orders of steps are all that can happen. They are explored like the written model of the lane:
from the first state every step that is possible, to every state that can be reached. What a step
does to the row is not modelled but done, by the real query on the database of the tests.
"""

import functools
import itertools
import threading
from collections import deque
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache

import pytest
from django.db import transaction
from django.utils import timezone

from onboarding.linking.models import Lane
from onboarding.linking.models.work import moment

from .lanes import LEASE, postgres_only

pytestmark = pytest.mark.django_db(transaction=True)

DEBOUNCE = timedelta(seconds=10)
LONG = timedelta(hours=1)
A_MOMENT = timedelta(seconds=1)
TOKENS = (
    "00000000-0000-4000-8000-000000000000",
    "11111111-1111-4111-8111-111111111111",
    "99999999-9999-4999-8999-999999999999",
)
NOBODY_LIVING = 2
"""Whose claim it is after its holder died."""

FLAGS = ("hinted", "hinted_urgently", "hinted_connections", "look_at_connections")


# ── the row, with only what the statements can tell apart ────────────────────────────────────────
@dataclass(frozen=True)
class Row:
    due: str = "never"
    """`never`, `now` or `later`; of a claimed row: when its lease ends."""
    holder: int | None = None
    flags: tuple[bool, ...] = (False,) * len(FLAGS)
    looked_lately: bool = False


@pytest.fixture
def step(lane):
    """What one statement makes of a row: (what it answered, the row afterwards)."""

    @cache
    def done(row, statement, *arguments):
        _write(lane, row)
        answer = statement(lane, *arguments)
        return answer, _read(lane, answer, arguments)

    return done


def _write(lane, row):
    due = {"never": None, "now": moment(-LONG), "later": moment(LONG)}[row.due]
    Lane.objects.filter(pk=lane.pk).update(
        due_at=due,
        claim_token=None if row.holder is None else TOKENS[row.holder],
        looked_at=moment(timedelta(0) if row.looked_lately else -LONG),
        attempts=1,
        **dict(zip(FLAGS, row.flags, strict=True)),
    )


def _read(lane, answer, arguments):
    found = Lane.objects.get(pk=lane.pk)
    due = "never"
    if found.due_at is not None:
        is_due = Lane.objects.filter(pk=lane.pk, due_at__lte=moment(A_MOMENT)).exists()
        due = "now" if is_due else "later"
    holder = None
    if found.claim_token is not None:
        known = {token: number for number, token in enumerate(TOKENS)}
        holder = known.get(str(found.claim_token), arguments[0] if arguments else None)
        assert str(found.claim_token) in known or found.claim_token == answer
    lately = Lane.objects.filter(pk=lane.pk, looked_at__gt=moment(-DEBOUNCE)).exists()
    return Row(due, holder, tuple(getattr(found, name) for name in FLAGS), lately)


def hint(lane, urgent):
    debounce = timedelta(0) if urgent else DEBOUNCE
    Lane.objects.filter(pk=lane.pk).hint(debounce=debounce, connections=urgent, urgent=urgent)


def claim_for_look(lane, _worker):
    return Lane.objects.claim_for_look(lane.pk, lease=LEASE)


def claim_for_write(lane, _worker):
    return Lane.objects.claim(lane.pk, lease=LEASE)


def finish(lane, worker, failed):
    """As `recording.record` ends: the claim is proven and given back in one transaction.

    A look that failed is tried again by itself; otherwise nothing more is known to do.
    """
    with transaction.atomic():
        if not Lane.objects.prove(lane.company_id, TOKENS[worker]):
            return False
        return Lane.objects.finish(
            lane.company_id,
            TOKENS[worker],
            due_at=timezone.now() + LONG if failed else None,
            urgent=timedelta(0),
            other=DEBOUNCE,
            still_owed=failed,
        )


def sweep(lane):
    return Lane.objects.free_cut(max_attempts=1000)


# ── everything around the row ────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class World:
    """A fact that changes twice; after each change a hint, as late as it likes."""

    row: Row = Row()
    fact: int = 0
    recorded: int = 0
    coming: tuple[bool, ...] = ()
    """Hints on their way: whether each is urgent."""
    workers: tuple[tuple[str, int], ...] = (("idle", 0),) * 2
    lapses: int = 0

    def with_worker(self, number, *state, **more):
        workers = list(self.workers)
        workers[number] = state
        return replace(self, workers=tuple(workers), **more)

    @property
    def is_quiet(self):
        busy = any(phase not in ("idle", "dead") for phase, _ in self.workers)
        return not self.coming and not busy and self.row.holder is None and self.row.due == "never"


MOST_LAPSES = 2


def next_worlds(world, step):
    """(what happened, the world afterwards) for every step that is possible now."""
    row = world.row
    if world.fact < 2:
        for urgent in (True, False):
            coming = tuple(sorted((*world.coming, urgent)))
            yield f"change, urgent={urgent}", replace(world, fact=world.fact + 1, coming=coming)
    for urgent in set(world.coming):
        left = list(world.coming)
        left.remove(urgent)
        _, after = step(row, hint, urgent)
        assert after.holder == row.holder, "a hint takes no claim"
        if row.holder is not None:
            assert after.due == row.due, "a hint leaves the lease alone"
        order = ("now", "later", "never")
        assert order.index(after.due) <= order.index(row.due), "a hint pushes nothing back"
        yield f"hint, urgent={urgent}", replace(world, row=after, coming=tuple(left))
    if row.holder is None and (row.due == "later" or row.looked_lately):
        due = "now" if row.due == "later" else row.due
        yield "time passes", replace(world, row=replace(row, due=due, looked_lately=False))
    if row.holder is not None and row.due == "later" and world.lapses < MOST_LAPSES:
        lapsed = replace(row, due="now")
        yield "the lease ends", replace(world, row=lapsed, lapses=world.lapses + 1)
    count, after = step(row, sweep)
    if after != row:
        assert (row.holder is not None, row.due, count) == (True, "now", 1)
        yield "sweep", replace(world, row=after)
    for number, (phase, _) in enumerate(world.workers):
        yield from _steps_of_worker(world, step, number, phase)


def _steps_of_worker(world, step, number, phase):
    row = world.row
    if phase == "idle":
        for claim, taken in ((claim_for_look, "looking"), (claim_for_write, "writing")):
            token, after = step(row, claim, number)
            if token is None:
                assert after == row, "a claim that fails changes nothing"
                continue
            assert (row.holder, row.due) == (None, "now"), "only what is free and due is claimed"
            yield f"{taken} {number}", world.with_worker(number, taken, 0, row=after)
    if phase == "looking":
        yield f"read {number}", world.with_worker(number, "read", world.fact)
        yield f"be refused {number}", world.with_worker(number, "refused", 0)
    if phase in ("read", "refused", "writing"):
        seen = world.workers[number][1]
        given_back, after = step(row, finish, number, phase == "refused")
        assert given_back == (row.holder == number)
        if not given_back:
            assert after == row, "a stale holder changes nothing"
        recorded = seen if given_back and phase == "read" else world.recorded
        yield (
            f"finish {number}",
            world.with_worker(number, "idle", 0, row=after, recorded=recorded),
        )
    if phase in ("looking", "read", "refused", "writing"):
        held = replace(row, holder=NOBODY_LIVING) if row.holder == number else row
        yield f"die {number}", world.with_worker(number, "dead", 0, row=held)


def test_in_every_order_no_hint_is_lost_and_nothing_goes_backwards(lane, step):
    first = World()
    came_from = {first: None}
    waiting = deque([first])
    quiet = 0
    while waiting:
        world = waiting.popleft()
        if world.is_quiet:
            quiet += 1
            assert world.recorded == world.fact, _story(came_from, world)
            assert not any(world.row.flags[:3]), _story(came_from, world)
        for what, after in next_worlds(world, step):
            assert after.recorded >= world.recorded, (what, _story(came_from, world))
            if after not in came_from:
                came_from[after] = (world, what)
                waiting.append(after)
    assert quiet > 10
    assert len(came_from) > 5000, "the exploration has lost its way"


def _story(came_from, world):
    steps = []
    while came_from[world] is not None:
        world, what = came_from[world]
        steps.append(what)
    return steps[::-1]


# ── steps that overlap: each is as if it had come wholly before or wholly after the other ────────
STATEMENTS = {
    "an urgent hint": lambda lane: hint(lane, True),
    "a hint": lambda lane: hint(lane, False),
    "a claim": lambda lane: claim_for_look(lane, None) is not None,
    "a claim for a write": lambda lane: claim_for_write(lane, None) is not None,
    "a recording": lambda lane: finish(lane, 0, False),
    "a failed look": lambda lane: finish(lane, 0, True),
    "a sweep": lambda lane: sweep(lane),
}
ROWS = {
    "free and due": Row("now"),
    "held": Row("later", 0),
    "held too long": Row("now", 0),
    "held and hinted": Row("later", 0, (True, False, False, False)),
}


@postgres_only
@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_overlapping_steps_end_as_if_one_had_waited_for_the_other(lane, row, actors):
    """The first has done its work and not committed yet; the second begins meanwhile."""
    first_actor, second_actor, _ = actors
    for first, second in itertools.product(STATEMENTS.values(), repeat=2):
        serial = []
        for order in ((first, second), (second, first)):
            _write(lane, row)
            answers = [statement(lane) for statement in order]
            if order[0] is not first:
                answers.reverse()
            serial.append((*answers, _shape(lane)))
        _write(lane, row)
        done, go = threading.Event(), threading.Event()
        first_actor.start(functools.partial(_hold_open, first, lane, done, go))
        assert done.wait(20)
        second_actor.start(functools.partial(second, lane))
        second_actor.is_waiting(0.03)
        go.set()
        overlapped = (first_actor.result(), second_actor.result(), _shape(lane))
        assert overlapped in serial, (first, second)


def _hold_open(statement, lane, done, go):
    with transaction.atomic():
        answer = statement(lane)
        done.set()
        assert go.wait(20)
    return answer


def _shape(lane):
    """The row, whoever's claim it is."""
    held = Lane.objects.filter(pk=lane.pk, claim_token__isnull=False)
    held.exclude(claim_token__in=TOKENS).update(claim_token=TOKENS[1])
    return _read(lane, None, ())
