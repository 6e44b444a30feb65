"""The hours in which desktop software is read, and what its reads wait for."""

from dataclasses import replace
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from onboarding.linking.stages import ReadWindow, Wait, waiting_for

from .known_facts import NIGHTS, NOW, QUEUED, UNANSWERED, read

FRIDAY, SATURDAY = datetime(2026, 9, 4, tzinfo=UTC), datetime(2026, 9, 5, tzinfo=UTC)
OFFICE = ReadWindow(time(9), time(17), weekends=False)
WINDOWS = [
    (NIGHTS, FRIDAY.replace(hour=18, minute=59), FRIDAY.replace(hour=19)),
    (NIGHTS, FRIDAY.replace(hour=19), FRIDAY.replace(hour=19)),
    (NIGHTS, FRIDAY.replace(hour=6, minute=59), FRIDAY.replace(hour=6, minute=59)),
    (NIGHTS, FRIDAY.replace(hour=7), FRIDAY.replace(hour=19)),
    (NIGHTS, SATURDAY.replace(hour=12), SATURDAY.replace(hour=12)),
    (replace(NIGHTS, weekends=False), SATURDAY.replace(hour=12), SATURDAY.replace(hour=19)),
    (OFFICE, FRIDAY.replace(hour=12), FRIDAY.replace(hour=12)),
    (OFFICE, FRIDAY.replace(hour=17), SATURDAY.replace(hour=9)),
    (replace(OFFICE, weekends=True), FRIDAY.replace(hour=17), SATURDAY),
    (
        replace(NIGHTS, zone=ZoneInfo("America/New_York")),
        FRIDAY.replace(hour=19),
        FRIDAY.replace(hour=23),
    ),
]


@pytest.mark.parametrize(("window", "at", "opens"), WINDOWS)
def test_hours_of_reading_run_over_midnight_and_weekends(window, at, opens):
    assert window.next_open(at) == opens
    assert window.is_open(at) == (at == opens)


WAITS = {
    "queued by day": ((QUEUED,), True, NIGHTS, Wait.NIGHT),
    "queued in the hours": ((QUEUED,), True, ReadWindow(time(9), time(17)), Wait.COMPUTER),
    "queued at any time": ((read(), QUEUED), True, None, Wait.COMPUTER),
    "no answer from the computer": ((UNANSWERED,), True, None, Wait.BUSINESS),
    "no answer by day": ((UNANSWERED,), True, NIGHTS, Wait.NIGHT),
    "one goes on": ((QUEUED, read("bills", "Fetching")), True, NIGHTS, None),
    "all done": ((read(),), True, NIGHTS, None),
    "nothing begun": ((), True, None, None),
    "software on the web": ((QUEUED,), False, None, None),
}


@pytest.mark.parametrize(("known", "is_offline", "window", "wait"), WAITS.values(), ids=WAITS)
def test_what_reads_of_desktop_software_wait_for(known, is_offline, window, wait):
    assert waiting_for(known, is_offline=is_offline, window=window, now=NOW) == wait
