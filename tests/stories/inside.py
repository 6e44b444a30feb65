"""Questions about the portal's rows, answered by a process that shares its environment.

The tests' own process has other settings; see `portal_side.py` for what can be asked.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from onboarding.demo.supervisor import Child

from .processes import Guard, tail

# Django's settings come first, then the models.
SERVE = "import django; django.setup(); from tests.stories import portal_side; portal_side.serve()"


class Inside:
    def __init__(self, guard: Guard, env: Mapping[str, str], log: Path) -> None:
        command = [sys.executable, "-c", SERVE]
        self._guard = guard
        self._child = Child("The process beside the portal", command, log, env)
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, question: str, **arguments: Any) -> Any:
        """The JSON answer of one function of `portal_side`."""
        if self._process is None:
            self._process = self._guard.spawn(self._child, dict(self._child.env), is_asked=True)
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps([question, arguments]).encode() + b"\n")
        stdin.flush()
        line = stdout.readline()
        assert line, f"{question} ended the process; its log:\n{tail(self._child.log)}"
        answer = json.loads(line)
        assert "error" not in answer, answer["error"]
        return answer["answer"]

    def stop(self) -> None:
        if self._process is None:
            return
        self._process.kill()
        self._process.communicate()
        self._guard.forget(self._process.pid)
        self._process = None
