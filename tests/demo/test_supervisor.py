"""The demo's supervisor, with stand-ins for the real children; all processes are real."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


class Run:
    """A supervisor running as a program, and the process ids that its stand-ins wrote down."""

    def __init__(self, folder: Path, kind: str, *, through: tuple[str, ...] = ()) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [*through, sys.executable, "-m", "tests.demo.standing_in", str(folder), kind],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def wait_ready(self) -> None:
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"

    def pids(self) -> list[int]:
        files = self.folder.glob("*.pids")
        return [int(pid) for file in files for pid in file.read_text().split()]

    def finish(self) -> tuple[int, str]:
        """Exit code and what was said on the error stream."""
        _, errors = self.process.communicate(timeout=60)
        return self.process.returncode, errors.strip()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Run]]:
    runs: list[Run] = []

    def start_one(kind: str = "quick", **options: tuple[str, ...]) -> Run:
        runs.append(Run(tmp_path, kind, **options))
        return runs[-1]

    yield start_one
    for run in runs:
        run.process.kill()
        run.process.communicate(timeout=60)


def lives(pid: int) -> bool:
    """A zombie that nobody has collected yet does not live (proc(5))."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


def assert_gone(pids: list[int], *, seconds: float = 10) -> None:
    assert len(pids) == 4
    deadline = time.monotonic() + seconds
    while left := [pid for pid in pids if lives(pid)]:
        assert time.monotonic() < deadline, f"still running: {left}"
        time.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_every_child_and_grandchild(
    start: Callable[..., Run], number: signal.Signals
) -> None:
    run = start()
    run.wait_ready()
    began = time.monotonic()
    run.process.send_signal(number)
    assert run.finish() == (0, "")
    assert time.monotonic() - began < 10
    assert_gone(run.pids())


def test_a_child_that_ignores_the_request_is_killed(start: Callable[..., Run]) -> None:
    run = start("stubborn")
    run.wait_ready()
    run.process.terminate()
    assert run.finish() == (0, "")
    assert_gone(run.pids())


def test_no_child_or_grandchild_outlives_a_killed_supervisor(start: Callable[..., Run]) -> None:
    run = start("stubborn")
    run.wait_ready()
    run.process.kill()
    run.process.wait()
    assert_gone(run.pids())


def test_no_child_or_grandchild_outlives_a_killed_process_group(start: Callable[..., Run]) -> None:
    run = start()
    run.wait_ready()
    os.killpg(run.process.pid, signal.SIGKILL)
    run.process.wait()
    assert_gone(run.pids())


def test_a_supervisor_killed_while_it_starts_leaves_nothing(
    start: Callable[..., Run], tmp_path: Path
) -> None:
    run = start()
    first = tmp_path / "first.pids"
    while not first.exists():
        time.sleep(0.001)
    run.process.kill()
    run.process.wait()
    known = [int(pid) for pid in first.read_text().split()]
    deadline = time.monotonic() + 10
    while any(lives(pid) for pid in known) or _mentioning(tmp_path):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _mentioning(folder: Path) -> list[str]:
    """Command lines of living processes with this folder in them; those of zombies are empty."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            found.append(file.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
    return [line for line in found if str(folder) in line]


def test_it_follows_the_process_that_started_it(start: Callable[..., Run]) -> None:
    """`make`, killed with -9, cannot pass anything on."""
    keep_shell = 'trap : TERM; "$@"; :'
    run = start("follow", through=("sh", "-c", keep_shell, "sh"))
    run.wait_ready()
    run.process.kill()
    run.process.wait()
    assert_gone(run.pids())


def test_a_child_that_ends_is_reported_in_one_sentence(
    start: Callable[..., Run], tmp_path: Path
) -> None:
    run = start("failing")
    run.wait_ready()
    (tmp_path / "fail").touch()
    log = tmp_path / "home" / "log" / "second.log"
    assert run.finish() == (1, f"The second stand-in ended with exit code 3; its log is {log}")
    assert_gone(run.pids())


def test_a_killed_child_is_reported_and_takes_the_others_along(start: Callable[..., Run]) -> None:
    run = start()
    run.wait_ready()
    child = int((run.folder / "first.pids").read_text().split()[0])
    os.kill(child, signal.SIGKILL)
    code, said = run.finish()
    assert code == 1
    assert said.startswith("The first stand-in ended by signal 9; ")
    assert_gone(run.pids())


def test_a_second_one_on_the_same_folder_says_so_and_stops(start: Callable[..., Run]) -> None:
    first = start()
    first.wait_ready()
    code, said = start().finish()
    assert code == 1
    assert said.startswith("A demo is already running on ")
    assert first.process.poll() is None
    assert all(lives(pid) for pid in first.pids())


def test_after_a_kill_it_can_be_started_again_at_once(start: Callable[..., Run]) -> None:
    first = start()
    first.wait_ready()
    before = first.pids()
    first.process.kill()
    second = start()
    second.wait_ready()
    assert_gone(before)
