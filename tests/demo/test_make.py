"""What `make demo` does before the demo starts, with a Python that only writes down its calls."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RECORDER = """#!/bin/sh
echo "$*" >> calls
case "$*" in
  "-c "*) exit {supported} ;;
  "-m venv .venv") mkdir -p .venv/bin && cp "$0" .venv/bin/python ;;
  *"pip"*) exit "$(cat pip-result 2>/dev/null || echo 0)" ;;
esac
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with the Makefile, the lock files, and nothing but a recording python3."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    (tmp_path / "bin").mkdir()
    for name in ("sh", "make", "touch", "mkdir", "cp", "cat"):
        (tmp_path / "bin" / name).symlink_to(str(shutil.which(name)))
    install_python(tmp_path, supported=True)
    return tmp_path


def install_python(clone: Path, *, supported: bool) -> None:
    python = clone / "bin" / "python3"
    python.write_text(RECORDER.format(supported=0 if supported else 1))
    python.chmod(0o755)


def make_demo(clone: Path) -> tuple[int, list[str], str]:
    """Exit code, what Python was asked for (the look at its version aside), and the errors."""
    (clone / "calls").write_text("")
    said = subprocess.run(
        ["make", "demo"],
        cwd=clone,
        env={"PATH": str(clone / "bin")},
        capture_output=True,
        text=True,
        check=False,
    )
    calls = [call for call in (clone / "calls").read_text().splitlines() if call[:2] != "-c"]
    return said.returncode, calls, said.stderr


def test_a_fresh_clone_installs_exactly_what_is_locked_and_starts(clone: Path) -> None:
    code, (venv, install, demo), _ = make_demo(clone)
    assert code == 0
    assert venv == "-m venv .venv"
    assert install.endswith("install --quiet --require-hashes -r requirements/demo.txt")
    assert demo == "manage.py demo --follow-parent"


def test_the_next_time_it_only_starts(clone: Path) -> None:
    make_demo(clone)
    assert make_demo(clone)[1] == ["manage.py demo --follow-parent"]


def test_a_changed_lock_is_installed_again(clone: Path) -> None:
    make_demo(clone)
    stamp = (clone / ".venv" / ".demo").stat().st_mtime
    os.utime(clone / "requirements" / "demo.txt", (stamp + 10, stamp + 10))
    install, demo = make_demo(clone)[1]
    assert "requirements/demo.txt" in install
    assert demo.startswith("manage.py demo")


def test_an_installation_that_failed_is_tried_again(clone: Path) -> None:
    (clone / "pip-result").write_text("1")
    code, calls, _ = make_demo(clone)
    assert code != 0
    assert "manage.py" not in " ".join(calls)
    (clone / "pip-result").write_text("0")
    install, demo = make_demo(clone)[1]
    assert "requirements/demo.txt" in install
    assert demo.startswith("manage.py demo")


def test_without_a_suitable_python_it_says_so_plainly(clone: Path) -> None:
    install_python(clone, supported=False)
    code, calls, errors = make_demo(clone)
    assert code != 0
    assert calls == []
    assert "Python 3.11, 3.12 or 3.13 with its venv module is needed, and none was found" in errors
