"""Codat, imitated, as the portal's tests see it: a child process behind a real socket."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests

WEBHOOK_SECRET = "whsec_dGVzdHMtc2lnbi13aXRoLXRoaXMtb25l"
API_KEY = "demo-api-key"


def eventually(condition: Callable[[], Any], *, seconds: float = 15, what: str = "it") -> Any:
    """The condition's first true value; fails when it never becomes true."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if value := condition():
            return value
        time.sleep(0.05)
    raise AssertionError(f"{what} did not happen within {seconds} s")


class Simulated:
    """The simulator's process and its `/control` routes."""

    def __init__(self, folder: Path, *, portal: str = "http://127.0.0.1:9", **options: str) -> None:
        arguments = {
            "port": "0",
            "platform-port": "0",
            "state": str(folder / "simulator.sqlite3"),
            "portal": portal,
            "webhook-secret": WEBHOOK_SECRET,
            "dataset-seconds": "0:0.2",
            **{name.replace("_", "-"): value for name, value in options.items()},
        }
        self.portal = portal
        self.log = (folder / "simulator.log").open("ab")
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "onboarding.simulator"),
                *(part for name, value in arguments.items() for part in (f"--{name}", value)),
            ],
            stdout=subprocess.PIPE,
            stderr=self.log,
        )
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the simulator did not start: see {self.log.name}")
        addresses = json.loads(line)
        self.url, self.platform_url = addresses["url"], addresses["platform_url"]
        self.host = self.url.removeprefix("http://")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)
        self.process.stdout.close()
        self.log.close()

    def control(self, method: str, path: str, body: Any = None) -> Any:
        answer = requests.request(method, f"{self.url}/control{path}", json=body, timeout=10)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def reset(self) -> None:
        self.control("DELETE", "/faults")
        self.settings(portal=self.portal)
        self.control("POST", "/reset")
        self.settings(first_fetch_delay_seconds=0.05)
        self.control("DELETE", "/calls")

    def state(self) -> dict[str, Any]:
        return self.control("GET", "/state")

    def companies_of(self, uid: Any) -> list[dict[str, Any]]:
        """What Codat holds for one of our companies: exactly one, whatever went wrong."""
        return [c for c in self.state()["companies"] if c["tags"].get("uid") == str(uid)]

    def calls(self) -> dict[str, Any]:
        return self.control("GET", "/calls")

    def act(self, connection_id: str, action: str, **more: Any) -> None:
        self.control("POST", f"/connections/{connection_id}", {"action": action, **more})

    def fault(self, operation: str, fault: str, **more: Any) -> None:
        body = {"match": {"operation": operation}, "fault": fault, **more}
        self.control("POST", "/faults", body)

    def no_faults(self) -> None:
        self.control("DELETE", "/faults")

    def advance(self, seconds: float) -> None:
        self.control("POST", "/clock", {"advance_seconds": seconds})

    def settings(self, **values: Any) -> None:
        self.control("POST", "/settings", values)
