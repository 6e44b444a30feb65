"""Keeps children from outliving their parent: a script of the standard library, with two uses.

    guard.py watch PIPE               reads process groups from PIPE until nobody holds its other
                                      end, then kills those that are left
    guard.py enter PIPE PARENT cmd…   becomes `cmd`, having told the watcher its process group

A parent that is killed with -9 can do nothing more, but the kernel closes its end of the pipe.
The child itself reports to the watcher, and holds the pipe until it has, so there is no moment in
which a child lives that the watcher does not know of.
"""

import contextlib
import ctypes
import os
import signal
import sys
import time
from pathlib import Path

PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
KILL_SECONDS = 2.0


def watch(pipe: int) -> None:
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    groups: set[int] = set()
    with os.fdopen(pipe, encoding="ascii") as lines:
        for line in lines:
            group = int(line[1:])
            if line.startswith("+"):
                groups.add(group)
            else:
                groups.discard(group)
    for group in groups:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)
    # The caller's lock is held by this process too: let it go when the ports are free again.
    deadline = time.monotonic() + KILL_SECONDS
    while time.monotonic() < deadline and any(_lives(group) for group in groups):
        time.sleep(0.02)


def enter(pipe: int, parent: int, command: list[str]) -> None:
    """Expects to be the leader of its own process group."""
    os.write(pipe, f"+{os.getpid()}\n".encode("ascii"))
    os.set_inheritable(pipe, False)
    if sys.platform == "linux":
        # A second net, for the case that the watcher is killed as well.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit("The parent is gone.")
    try:
        os.execvp(command[0], command)  # noqa: S606 - no shell on purpose
    except OSError as error:
        sys.exit(f"{command[0]}: {error.strerror}")


def _lives(group: int) -> bool:
    """Whether the process group has a member that is more than a zombie."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    # Who adopts the dead may collect them late, but they hold no port any more.
    states = [_state(Path(f"/proc/{name}/stat")) for name in _processes()]
    return not states or any(of == group and state != "Z" for state, of in states)


def _processes() -> list[str]:
    try:
        return [name for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return []  # not Linux


def _state(stat: Path) -> tuple[str, int]:
    """State and process group, after the name in brackets (proc(5))."""
    try:
        fields = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return "Z", 0
    return fields[0], int(fields[2])


if __name__ == "__main__":
    if sys.argv[1] == "watch":
        watch(int(sys.argv[2]))
    else:
        enter(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
