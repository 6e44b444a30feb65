"""One process that runs a few others as its children, none of which outlives it.

Children lead their own process groups, so that Ctrl-C reaches only the supervisor, which then
stops them in order. What the supervisor can no longer do after `kill -9`, the guard does.
"""

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType

GUARD = Path(__file__).with_name("guard.py")
POLL_SECONDS = 0.5
STOP_SECONDS = 5.0


class DemoError(Exception):
    """Something the person at the terminal must know: one plain sentence."""


class StopAsked(Exception):
    """Ctrl-C, SIGTERM, SIGHUP, or the end of the process that we were told to follow."""


@dataclass(frozen=True)
class Child:
    """`title` is how sentences name it, such as “The web server”."""

    title: str
    command: Sequence[str]
    log: Path
    env: Mapping[str, str]


class Supervisor:
    """Use as a context manager in the main thread: leaving it stops every child.

    `follow_parent` also stops when the process that started this one ends (`make`, killed).
    `keep_open` is a descriptor that stays open until the last child is gone: a lock, say.
    """

    def __init__(self, *, follow_parent: bool = False, keep_open: int | None = None) -> None:
        self._parent = os.getppid() if follow_parent else None
        self._keep_open = keep_open
        self._children: list[tuple[Child, subprocess.Popen[bytes]]] = []
        self._stop_asked = False

    def __enter__(self) -> "Supervisor":
        self._wake_reader, wake_writer = os.pipe()
        for end in (self._wake_reader, wake_writer):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(wake_writer, warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask_stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # only to be woken

        reader, self._guard_pipe = os.pipe()
        inherited = (reader,) if self._keep_open is None else (reader, self._keep_open)
        self._guard = subprocess.Popen(  # noqa: S603 - our own script
            [sys.executable, "-I", "-S", str(GUARD), "watch", str(reader)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=inherited,
            start_new_session=True,
            cwd="/",
        )
        os.close(reader)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop_all()
        os.close(self._guard_pipe)
        self._guard.wait()

    def start(self, child: Child) -> None:
        """Starts a child that is meant to run until the end."""
        self._children.append((child, self._spawn(child)))

    def run(self, child: Child) -> None:
        """Runs a child to its end; one that fails is a DemoError."""
        process = self._spawn(child)
        try:
            self.wait_until(lambda: process.poll() is not None, child.title, seconds=600)
        finally:
            self._stop([(child, process)])
        if process.returncode:
            raise DemoError(_ended(child, process.returncode))

    def wait_until(
        self,
        ready: Callable[[], bool],
        what: str,
        *,
        seconds: float,
        why: Callable[[], str] = str,
    ) -> None:
        """Waits for `ready()`; a dead child, a stop or the time's end interrupts it.

        `why` may add to the sentence that is said when the time is over.
        """
        deadline = time.monotonic() + seconds
        while not ready():
            self._look()
            if time.monotonic() > deadline:
                raise DemoError(f"{what} did not get ready within {seconds:.0f} seconds{why()}.")
            self._doze(0.1)

    def wait(self) -> None:
        """Returns when a stop is asked for; a child that ends first is a DemoError."""
        with contextlib.suppress(StopAsked):
            while True:
                self._look()
                self._doze(POLL_SECONDS)

    def _spawn(self, child: Child) -> subprocess.Popen[bytes]:
        self._look()
        with child.log.open("ab") as log:
            return subprocess.Popen(  # noqa: S603 - commands come from stack.py
                [
                    *(sys.executable, "-I", "-S", str(GUARD)),
                    *("enter", str(self._guard_pipe), str(os.getpid())),
                    *child.command,
                ],
                env=dict(child.env),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=(self._guard_pipe,),
                start_new_session=True,
            )

    def _look(self) -> None:
        if self._parent is not None and os.getppid() != self._parent:
            self._stop_asked = True
        if self._stop_asked:
            raise StopAsked
        if self._guard.poll() is not None:
            raise DemoError("The guard that watches over the demo's processes was stopped.")
        for child, process in self._children:
            if process.poll() is not None:
                raise DemoError(_ended(child, process.returncode))

    def _doze(self, seconds: float) -> None:
        """Sleeps until a signal arrives (a child's end is one) or the time is over."""
        if select.select([self._wake_reader], [], [], seconds)[0]:
            os.read(self._wake_reader, 4096)

    def _ask_stop(self, number: int, frame: FrameType | None) -> None:
        self._stop_asked = True

    def _stop_all(self) -> None:
        """The first child is what the others lean on: it goes last."""
        self._stop(self._children[1:])
        self._stop(self._children[:1])
        self._children.clear()

    def _stop(self, children: Sequence[tuple[Child, subprocess.Popen[bytes]]]) -> None:
        for _, process in children:
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for _, process in children:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))
            # Also when the leader is gone: its own children may not be.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            os.write(self._guard_pipe, f"-{process.pid}\n".encode("ascii"))


def _ended(child: Child, code: int) -> str:
    how = f"by signal {-code}" if code < 0 else f"with exit code {code}"
    return f"{child.title} ended {how}; its log is {child.log}"
