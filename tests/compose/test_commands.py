"""Each container's own command and health check, run on this machine outside any container.

Only names and places differ: hosts become 127.0.0.1, ports free ones, volumes a temporary folder,
and a throw-away PostgreSQL stands in the place of the `db` container.
"""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import redis

from onboarding.demo.stack import find_redis

from .compose_file import ROOT, read

if TYPE_CHECKING:
    from tests.postgres import Postgres


STOP_SECONDS = 30  # as the workers are given by their `stop_grace_period`


@dataclass
class Containers:
    """The services of the compose file, as processes."""

    folder: Path
    ports: dict[str, int]
    values: dict[str, str]
    database_url: str = ""
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.services = read(self.values)["services"]

    def start(self, name: str) -> None:
        with (self.folder / f"{name}.log").open("wb") as log:
            self.running[name] = subprocess.Popen(
                self._here(self.services[name]["command"]),
                cwd=ROOT,
                env=self._environment(name),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def run(self, name: str) -> None:
        self.start(name)
        assert self.running.pop(name).wait(timeout=120) == 0, self.log(name)

    def wait_healthy(self, name: str) -> None:
        kind, *words = self.services[name]["healthcheck"]["test"]
        command = ["sh", "-c", *words] if kind == "CMD-SHELL" else words
        self.wait(name, lambda: self._succeeds(name, command))

    def wait(self, name: str, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 60
        while not condition():
            assert self.running[name].poll() is None, self.log(name)
            assert time.monotonic() < deadline, self.log(name)
            time.sleep(0.2)

    def stop(self, name: str) -> int:
        process = self.running.pop(name)
        process.terminate()
        return process.wait(timeout=STOP_SECONDS)

    def kill_all(self) -> None:
        for process in self.running.values():
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def get(self, name: str, path: str) -> tuple[int, bytes]:
        connection = HTTPConnection("127.0.0.1", self.ports[name], timeout=10)
        connection.request("GET", path, headers={"Host": "connect.example.com"})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, body

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")[-3000:]

    def _succeeds(self, name: str, command: list[str]) -> bool:
        ran = subprocess.run(
            self._here(command),
            cwd=ROOT,
            env=self._environment(name),
            capture_output=True,
            timeout=30,
            check=False,
        )
        return ran.returncode == 0

    def _environment(self, name: str) -> dict[str, str]:
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        given = self.services[name].get("environment", {})
        known = {key: given[key] or self.values.get(key) for key in given}
        here = {key: self._place(value) for key, value in known.items() if value}
        return {"PATH": path, "PORT": str(self.ports["web"]), **here}

    def _here(self, command: list[str]) -> list[str]:
        if command[0] == "redis-server":
            return [find_redis(), *command[1:], "--port", str(self.ports["redis"])]
        return [self._place(word) for word in command]

    def _place(self, word: str) -> str:
        if word == f"postgres://portal:{self.values['POSTGRES_PASSWORD']}@db:5432/portal":
            return self.database_url
        replacements = {
            "redis://redis:6379": f"redis://127.0.0.1:{self.ports['redis']}",
            "/var/lib/portal": str(self.folder),
            "simulator.localhost": "127.0.0.1",
            "0.0.0.0": "127.0.0.1",
        }
        for there, here in replacements.items():
            word = word.replace(there, here)
        whole = {"8000": "web", "8001": "simulator", "8002": "platform"}
        return str(self.ports[whole[word]]) if word in whole else word


def free_ports(*names: str) -> dict[str, int]:
    with ExitStack() as stack:
        servers = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in names]
        return {name: server.getsockname()[1] for name, server in zip(names, servers, strict=True)}


@pytest.fixture
def containers(tmp_path: Path) -> Iterator[Containers]:
    secret = "whsec_" + b64encode(secrets.token_bytes(24)).decode()
    made = Containers(
        folder=tmp_path,
        ports=free_ports("web", "simulator", "platform", "redis"),
        values={
            "SECRET_KEY": secrets.token_urlsafe(50),
            "LINK_KEYS": secrets.token_urlsafe(50),
            "CODAT_API_KEY": "unused",
            "CODAT_BASE_URL": "https://codat.invalid",
            "CODAT_WEBHOOK_SECRETS": secret,
            "PORTAL_BASE_URL": "https://connect.example.com",
            "POSTGRES_PASSWORD": "portal",
            "FIRM_NAME": "Example",
        },
    )
    yield made
    made.kill_all()


def test_the_stack_comes_up_gets_healthy_and_stops(
    containers: Containers, postgres: "Postgres"
) -> None:
    """As an operator would see it; web, workers and beat need the migrated database."""
    containers.database_url = postgres.create_database("containers")
    containers.start("redis")
    nudges = redis.Redis(port=containers.ports["redis"])
    containers.wait("redis", lambda: _pings(nudges))
    containers.run("migrate")

    workers = ("worker-interactive", "worker-codat", "worker-mail")
    for name in ("web", *workers, "beat"):
        containers.start(name)
    for name in ("web", *workers):
        containers.wait_healthy(name)
    containers.wait("beat", lambda: containers.get("web", "/health/ready")[0] == 200)

    for name in ("beat", *workers, "web", "redis"):
        assert containers.stop(name) == 0, containers.log(name)


def test_the_simulator_comes_up_and_stops(containers: Containers) -> None:
    containers.start("simulator")
    containers.wait("simulator", lambda: _listens(containers.ports["simulator"]))
    assert containers.get("simulator", "/companies")[0] == 401
    assert _listens(containers.ports["platform"])
    assert containers.stop("simulator") == 0


def _pings(client: redis.Redis) -> bool:
    with suppress(redis.ConnectionError):
        return bool(client.ping())
    return False


def _listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0
