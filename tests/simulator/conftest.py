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
ERROR_STATUSES = (401, 402, 403, 429, 500, 503)


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


class Arranged:
    """A company with a ledger and a shop, all read, and the ids that requests need."""

    def __init__(self, codat: Codat, portal: Portal) -> None:
        self.codat = codat
        self.portal = portal
        codat.control("/settings", {"daily_quota": 1_000_000})
        self.client_id = codat.get("/profile/syncSettings")["clientId"]
        self.company, self.connection = codat.linked(name="Harbour Bakes", tags={"uid": "a"})
        shop = codat.connection({"id": self.company}, "fztf")
        self.shop = shop["id"]
        codat.act(self.shop, "authorize")
        eventually(lambda: codat.read_done(self.company))
        codat.call("POST", f"/companies/{self.company}/data/queue/trackingCategories")
        eventually(lambda: len(codat.statuses(self.company)) == 14)
        eventually(lambda: codat.read_done(self.company))
        configuration = {name: {"id": "1"} for name in ("bankAccount", "supplier", "customer")}
        path = f"/companies/{self.company}/sync/expenses/config"
        assert codat.call("POST", path, json=configuration).ok
        history = codat.get(f"/companies/{self.company}/data/history")
        self.dataset = history["results"][0]["id"]
        files = codat.connection({"id": self.company}, "flup")
        self.files = files["id"]
        codat.act(self.files, "authorize")
        path = f"/companies/{self.company}/connections/{self.files}/files"
        assert codat.call("POST", path, files={"file": ("books.csv", b"a,b")}).ok

    def fresh_company(self) -> str:
        return self.codat.company()["id"]

    def fresh_connection(self) -> dict[str, str]:
        company = self.codat.company()
        return {"company_id": company["id"], "connection_id": self.codat.connection(company)["id"]}

    def fresh_linked(self) -> dict[str, str]:
        company_id, connection_id = self.codat.linked()
        return {"company_id": company_id, "connection_id": connection_id}

    def fresh_consumer(self) -> str:
        body = {"url": f"{self.portal.url}/elsewhere", "eventTypes": ["company.created"]}
        return self.codat.call("POST", "/webhooks", json=body).json()["id"]


@pytest.fixture(scope="session")
def arranged(tmp_path_factory: pytest.TempPathFactory, portal_server: Portal) -> Iterator[Arranged]:
    simulator = Simulator(
        state=str(tmp_path_factory.mktemp("contract") / "world.sqlite3"),
        portal=portal_server.url,
        dataset_seconds=(0.05, 0.2),
    )
    simulator.start()
    yield Arranged(Codat(simulator.url), portal_server)
    simulator.stop()


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
