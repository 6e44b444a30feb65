"""A supervisor over two stand-ins, run as a program by test_supervisor.py.

    python -m tests.demo.standing_in FOLDER [quick|failing|stubborn]

Each stand-in starts a child of its own, as the web server does, and writes both process ids to
FOLDER. `failing`: the second ends with code 3 when FOLDER/fail appears; `stubborn`: SIGTERM does
not impress it.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from onboarding.demo.home import Home
from onboarding.demo.supervisor import Child, DemoError, StopAsked, Supervisor


def stand_in(folder: Path, name: str, kind: str) -> None:
    if kind == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    grandchild = subprocess.Popen(
        [sys.executable, "-c", "import signal, time; signal.signal(15, signal.SIG_IGN);"
         "print('started', flush=True); time.sleep(600)"],
        stdout=subprocess.PIPE,
    )  # fmt: skip
    assert grandchild.stdout is not None
    grandchild.stdout.readline()
    draft = folder / f"{name}.new"
    draft.write_text(f"{os.getpid()} {grandchild.pid}")
    draft.replace(folder / f"{name}.pids")
    while not (kind == "failing" and (folder / "fail").exists()):
        time.sleep(0.05)
    sys.exit(3)


def supervise(folder: Path, kind: str) -> None:
    home = Home(folder / "home")
    lock = home.take()
    with Supervisor(follow_parent=kind == "follow", keep_open=lock) as supervisor:
        for name in ("first", "second"):
            command = [sys.executable, "-m", "tests.demo.standing_in", str(folder), kind, name]
            title = f"The {name} stand-in"
            supervisor.start(Child(title, command, home.log(name), dict(os.environ)))
        supervisor.wait_until(
            lambda: all((folder / f"{name}.pids").exists() for name in ("first", "second")),
            "The stand-ins",
            seconds=60,
        )
        print("ready", flush=True)
        supervisor.wait()


if __name__ == "__main__":
    where, what = Path(sys.argv[1]), sys.argv[2]
    if len(sys.argv) > 3:
        stand_in(where, sys.argv[3], what if sys.argv[3] == "second" else "quick")
    try:
        supervise(where, what)
    except DemoError as error:
        sys.exit(str(error))
    except StopAsked:
        pass
