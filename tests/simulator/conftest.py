"""A simulator as new for each test, over real sockets, in this process or as a child."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests

from onboarding.simulator.app import Simulator
from onboarding.simulator.webhook_sender import new_secret

SECRET = new_secret()
AUTH = {"Authorization": "Basic ZGVtby1hcGkta2V5"}


def eventually(condition: Callable[[], Any], seconds: float = 10) -> Any:
    """The condition's first true value; fails when it never becomes true."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if value := condition():
            return value
        time.sleep(0.02)
    raise AssertionError("never happened")


class Portal:
    """Hears webhooks and lets customers return, as the portal would."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.answers_with = 200
        portal = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                portal.heard.append((dict(self.headers.items()), body))
                self.send_response(portal.answers_with)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def types(self) -> list[str]:
        return [json.loads(body)["eventType"] for _, body in list(self.heard)]

    def events(self, event_type: str) -> list[dict[str, Any]]:
        bodies = [json.loads(body) for _, body in list(self.heard)]
        return [body for body in bodies if body["eventType"] == event_type]


class Codat:
    """The simulator as a test uses it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def call(self, method: str, path: str, **more: Any) -> requests.Response:
        headers = AUTH | more.pop("headers", {})
        return requests.request(method, self.url + path, headers=headers, timeout=10, **more)

    def get(self, path: str, **params: Any) -> Any:
        answer = self.call("GET", path, params=params)
        assert answer.ok, answer.text
        return answer.json()

    def control(self, path: str, body: Any = None, *, method: str = "POST") -> Any:
        answer = requests.request(method, f"{self.url}/control{path}", json=body, timeout=10)
        assert answer.ok, answer.text
        return answer.json()

    def company(self, name: str = "Harbour Bakes", **more: Any) -> dict[str, Any]:
        return self.call("POST", "/companies", json={"name": name, **more}).json()

    def connection(self, company: dict[str, Any], key: str = "gbol") -> dict[str, Any]:
        path = f"/companies/{company['id']}/connections"
        return self.call("POST", path, json={"platformKey": key}).json()

    def linked(self, key: str = "gbol", **company: Any) -> tuple[str, str]:
        """Ids of a new company and its linked connection."""
        made = self.company(**company)
        connection = self.connection(made, key)
        self.act(connection["id"], "authorize")
        return made["id"], connection["id"]

    def act(self, connection_id: str, action: str, **more: Any) -> dict[str, Any]:
        return self.control(f"/connections/{connection_id}", {"action": action, **more})

    def statuses(self, company_id: str) -> dict[str, str]:
        status = self.get(f"/companies/{company_id}/dataStatus")
        return {name: value["currentStatus"] for name, value in status.items()}

    def read_done(self, company_id: str) -> bool:
        statuses = set(self.statuses(company_id).values())
        return bool(statuses) and statuses <= {"Complete", "NotSupported"}


@pytest.fixture(scope="session")
def portal_server() -> Iterator[Portal]:
    portal = Portal()
    yield portal
    portal.server.shutdown()
    portal.server.server_close()


@pytest.fixture
def portal(portal_server: Portal) -> Portal:
    portal_server.heard.clear()
    portal_server.answers_with = 200
    return portal_server


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory, portal_server: Portal) -> Iterator[Simulator]:
    simulator = Simulator(
        state=str(tmp_path_factory.mktemp("simulator") / "world.sqlite3"),
        portal=portal_server.url,
        webhook_secret=SECRET,
    )
    simulator.start()
    yield simulator
    simulator.stop()


@pytest.fixture
def simulator(running: Simulator, portal: Portal) -> Simulator:
    """As freshly made."""
    codat = Codat(running.url)
    quick = {"first_fetch_delay_seconds": 0.05, "dataset_seconds": [0.05, 0.3]}
    codat.control("/settings", {"portal": portal.url})
    codat.control("/reset")
    codat.control("/settings", quick)
    return running


@pytest.fixture
def codat(simulator: Simulator) -> Codat:
    return Codat(simulator.url)


Spawn = Callable[..., tuple["subprocess.Popen[str]", Codat]]


@pytest.fixture
def spawn(tmp_path: Path, portal: Portal) -> Iterator[Spawn]:
    """Starts the command; a second call continues with the same file."""
    started: list[subprocess.Popen[str]] = []

    def start(*more: str) -> tuple[subprocess.Popen[str], Codat]:
        command = [sys.executable, "-m", "onboarding.simulator", "--port", "0"]
        command += ["--platform-port", "0", "--state", str(tmp_path / "child.sqlite3")]
        command += ["--portal", portal.url, "--webhook-secret", SECRET]
        command += ["--dataset-seconds", "0.05:0.3", *more]
        child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        started.append(child)
        assert child.stdout
        return child, Codat(json.loads(child.stdout.readline())["url"])

    yield start
    for child in started:
        child.kill()
        child.wait()
        if child.stdout:
            child.stdout.close()
