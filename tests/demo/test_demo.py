"""`manage.py demo` itself, with all its real children, as a person at a terminal meets it."""

import json
import os
import re
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path

import pytest

from onboarding.demo.stack import find_redis

ROOT = Path(__file__).parents[2]
NAMES = ("PORT", "SIMULATOR_PORT", "PLATFORM_PORT", "REDIS_PORT")


def free_ports() -> dict[str, int]:
    with ExitStack() as stack:
        servers = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in NAMES]
        return {name: server.getsockname()[1] for name, server in zip(NAMES, servers, strict=True)}


class Demo:
    """One run; `said` is what stood on the terminal until the portal was ready."""

    def __init__(self, folder: Path, ports: dict[str, int]) -> None:
        self.folder, self.ports, self.said = folder, ports, ""
        settings = {"DEMO": "1", "DEMO_DIR": str(folder)}
        settings |= {name: str(port) for name, port in ports.items()}
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "demo"],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], **settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def wait_ready(self) -> "Demo":
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said += line
            if "Ctrl-C stops everything" in line:
                return self
        pytest.fail(f"{self.said}\n{self.logs()}")

    def finish(self) -> tuple[int, str]:
        """Exit code and the last words."""
        rest, _ = self.process.communicate(timeout=60)
        return self.process.returncode, rest.strip()

    def get(self, path: str) -> tuple[int, str]:
        connection = HTTPConnection("127.0.0.1", self.ports["PORT"], timeout=10)
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        return answer.status, body

    def wait_ports_free(self, *, seconds: float = 10) -> None:
        deadline = time.monotonic() + seconds
        while taken := [n for n, port in self.ports.items() if listens(port)]:
            assert time.monotonic() < deadline, taken
            time.sleep(0.05)

    def logs(self) -> str:
        files = sorted((self.folder / "log").glob("*.log"))
        return "\n".join(f"── {f.name}\n{f.read_text(errors='replace')[-2000:]}" for f in files)


def listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def start() -> Iterator[Callable[[Path, dict[str, int]], Demo]]:
    demos: list[Demo] = []

    def start_one(folder: Path, ports: dict[str, int]) -> Demo:
        demos.append(Demo(folder, ports))
        return demos[-1]

    yield start_one
    for demo in demos:
        demo.process.kill()
        demo.process.communicate(timeout=60)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "demo"


@pytest.mark.timeout(300)
def test_the_demo_runs_is_killed_and_continues_with_the_same_data(
    start: Callable[..., Demo], folder: Path
) -> None:
    demo = start(folder, free_ports()).wait_ready()

    status, body = demo.get("/health/ready")
    assert (status, list(json.loads(body)["parts"])) == (
        200,
        ["database", "redis", "worker", "beat"],
    )
    for words in (
        f"http://127.0.0.1:{demo.ports['PORT']}/",
        "manager@example.com",
        "demo-password",
    ):
        assert words in demo.said
    page = demo.get("/accounts/login/")[1]
    (stylesheet, *_) = re.findall(r'href="(/static/[^"]+\.css)"', page)
    assert demo.get(stylesheet)[0] == 200
    assert demo.get("/demo/mail.json")[0] == 200
    secret = folder / "webhook-secret"
    assert secret.read_text().startswith("whsec_")
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert listening_addresses(demo.ports) == {"127.0.0.1"}

    second = start(folder, free_ports())
    code, said = second.finish()
    assert code == 1
    assert said.startswith(f"A demo is already running on {folder}: ")
    other = start(folder.with_name("other"), demo.ports)
    code, said = other.finish()
    assert (code, said) == (
        1,
        f"Port {demo.ports['PORT']} is already in use; set PORT to a free one.",
    )
    assert demo.get("/health/live")[0] == 200

    before = secret.read_text()
    demo.process.kill()
    demo.wait_ports_free()

    again = start(folder, demo.ports).wait_ready()
    assert secret.read_text() == before
    assert "Made 0 of 4 users." in (folder / "log" / "seed.log").read_text()
    again.process.terminate()
    assert again.finish() == (0, "Stopping …\nStopped. The data are kept for the next start.")
    again.wait_ports_free(seconds=1)


@pytest.mark.timeout(300)
def test_a_dead_child_ends_the_demo_in_one_sentence(
    start: Callable[..., Demo], folder: Path
) -> None:
    demo = start(folder, free_ports()).wait_ready()
    children = Path(f"/proc/{demo.process.pid}/task/{demo.process.pid}/children").read_text()
    for pid in children.split():
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        if b"worker" in words:
            os.kill(int(pid), 9)
    log = folder / "log" / "worker.log"
    assert demo.finish() == (1, f"The Celery worker ended by signal 9; its log is {log}")
    demo.wait_ports_free(seconds=1)


def listening_addresses(ports: dict[str, int]) -> set[str]:
    """Where the demo's ports listen, from the kernel's own table (proc(5), little-endian hex)."""
    wanted = {f"{port:04X}" for port in ports.values()}
    found = set()
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        address, port = line.split()[1].split(":")
        if port in wanted and line.split()[3] == "0A":
            found.add(socket.inet_ntoa(bytes.fromhex(address)[::-1]))
    return found


def test_without_a_redis_on_the_path_the_bundled_one_serves(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    said = subprocess.run([find_redis(), "--version"], capture_output=True, text=True, check=True)
    assert "server v=" in said.stdout
