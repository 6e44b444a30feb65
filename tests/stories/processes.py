"""Processes that a story may stop, kill and start again, and that never outlive the tests."""

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from onboarding.demo.ports import HOST
from onboarding.demo.supervisor import GUARD, Child
from tests.simulated import eventually


class Guard:
    """Kills what is left of the processes when this one ends, however it ends."""

    def __init__(self) -> None:
        reader, self._pipe = os.pipe()
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(GUARD), "watch", str(reader)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=(reader,),
            start_new_session=True,
            cwd="/",
        )
        os.close(reader)

    def spawn(
        self, child: Child, env: dict[str, str], *, is_asked: bool = False
    ) -> subprocess.Popen[bytes]:
        """`is_asked`: its input and output are pipes to us instead of nothing and its log."""
        with child.log.open("ab") as log:
            return subprocess.Popen(
                [
                    *(sys.executable, "-I", "-S", str(GUARD)),
                    *("enter", str(self._pipe), str(os.getpid())),
                    *child.command,
                ],
                env=env,
                stdin=subprocess.PIPE if is_asked else subprocess.DEVNULL,
                stdout=subprocess.PIPE if is_asked else log,
                stderr=log,
                pass_fds=(self._pipe,),
                start_new_session=True,
            )

    def forget(self, group: int) -> None:
        os.write(self._pipe, f"-{group}\n".encode("ascii"))

    def close(self) -> None:
        os.close(self._pipe)
        self._process.wait(10)


class Part:
    """One long-running process: `is_ready` tells when it does its work."""

    def __init__(self, guard: Guard, child: Child, is_ready: Callable[[], bool]) -> None:
        self._guard, self._child, self._is_ready = guard, child, is_ready
        self._process: subprocess.Popen[bytes] | None = None
        self._is_special = False

    @property
    def is_as_usual(self) -> bool:
        """It runs, and with its usual environment."""
        return self.runs and not self._is_special

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def spawn(self, **env: str) -> None:
        """Start without waiting. `env` adds to its environment for this run."""
        self.kill()
        self._is_special = bool(env)
        self._process = self._guard.spawn(self._child, {**self._child.env, **env})

    def wait_ready(self) -> None:
        eventually(self._ready_or_dead, seconds=90, what=f"{self._child.title}: readiness")

    def start(self, **env: str) -> None:
        self.spawn(**env)
        self.wait_ready()

    def stop(self) -> None:
        """As an operator does: SIGTERM, and time to finish."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """As the kernel does when memory runs out: the whole group, at once, with SIGKILL."""
        self._end(signal.SIGKILL)

    def _ready_or_dead(self) -> bool:
        assert self._process is not None
        code = self._process.poll()
        assert code is None, (
            f"{self._child.title} ended ({code}); its log:\n{tail(self._child.log)}"
        )
        return self._is_ready()

    def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self._guard.forget(process.pid)


def free_ports(count: int) -> list[int]:
    """Below the range given to clients, so that a port stays free while its owner is down."""
    found: list[int] = []
    while len(found) < count:
        port = random.randint(15_000, 32_000)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind((HOST, port))
                found += [port] if port not in found else []
    return found


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def tail(log: Path, lines: int = 40) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else ""
