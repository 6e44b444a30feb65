"""A lane in the hands of a test, and what overlaps on connections of its own."""

import queue
import threading
from datetime import timedelta

import pytest
from django.db import connection

from onboarding.linking.models import Lane
from onboarding.linking.models.work import moment

LEASE = timedelta(seconds=60)
AT_ONCE = timedelta(milliseconds=-5)
"""SQLite tells the time in milliseconds: what falls due in this one is due in the next."""


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


postgres_only = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite has one writer: nothing can overlap"
)
