"""The whole portal, really running: Redis, simulator, web server, worker and beat as processes.

The commands are those of `make demo`; folder, ports and haste are the stories' own.
"""

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import redis
import requests

from onboarding.demo.home import Home
from onboarding.demo.mailbox import Mail, read_mails
from onboarding.demo.ports import HOST, Ports
from onboarding.demo.stack import Stack as DemoStack
from onboarding.demo.supervisor import Child
from tests.simulated import Simulated, eventually

from .inside import Inside
from .processes import Guard, Part, free_ports, is_open, tail

LEASE_SECONDS = 6
SWEEP_SECONDS = 1
IN_HASTE = {
    "LEASE_SECONDS": f"{LEASE_SECONDS}",
    "SWEEP_SECONDS": f"{SWEEP_SECONDS}",
    "HINT_DEBOUNCE_SECONDS": "0.3",
    "HINT_DEBOUNCE_IDLE_SECONDS": "0.3",
    "FIRST_READ_GRACE_SECONDS": "3",
    "LINKED_ELSEWHERE_SECONDS": "4",
    "WRITE_REPEAT_SECONDS": "0.5,1,2",
    "WRITE_LOOKUP_SECONDS": "0,1,2",
    # Shorter than a lease: who waits for Codat must not lose the lane meanwhile.
    "CODAT_WEB_TIMEOUT": "3",
    "CODAT_WORKER_TIMEOUT": "5",
    # All customers of the stories share one address.
    "PUBLIC_POST_LIMIT": "100000/600",
    "SELF_SERVICE_LIMIT": "100000/600",
}


class SimulatorControl(Simulated):
    """The `/control` routes of a simulator that runs already."""

    def __init__(self, ports: Ports) -> None:
        self.url, self.platform_url = ports.simulator_url, f"http://{HOST}:{ports.platform}"

    def webhooks(self, **trouble: Any) -> None:
        """Trouble on delivery; none ends it."""
        self.control("POST", "/webhooks", trouble)

    def has_read(self, company_id: str, data_type: str) -> None:
        """Reads of that data type, or of all begun (`*`), end well at this moment."""
        body = {"dataType": data_type, "status": "Complete"}
        self.control("POST", f"/companies/{company_id}/datasets", body)

    def calls_of(self, operation: str) -> int:
        """How often it was called in this story."""
        return int(self.calls()["operations"].get(operation, 0))


class Stack:
    """`folder` is this stack's own; without a `database_url` SQLite is kept in it."""

    def __init__(self, folder: Path, *, database_url: str = "") -> None:
        self._home = Home(folder)
        self._lock = self._home.take()
        ports = Ports(*free_ports(4))
        self.url = ports.portal_url
        self._redis_client = redis.Redis(HOST, ports.redis, socket_timeout=1)
        self._guard = Guard()
        commands = DemoStack(self._home, ports)
        self._env = {**IN_HASTE, "LOGO_HOSTS": f"{HOST}:{ports.simulator}"}
        if database_url:
            self._env["DATABASE_URL"] = database_url

        self.redis = self._part(commands.redis(), self._redis_answers)
        self.simulator_process = self._part(commands.simulator(), lambda: is_open(ports.simulator))
        worker, beat, web = commands.services()
        self.worker = self._part(worker, lambda: self._has_heartbeat("worker"))
        self.second_worker = self._part(worker, lambda: self._has_heartbeat("worker"))
        self.beat = self._part(beat, lambda: self._has_heartbeat("beat"))
        self.second_beat = self._part(beat, lambda: self._has_heartbeat("beat"))
        self.web = self._part(web, lambda: is_open(ports.portal))
        self.inside = Inside(self._guard, {**web.env, **self._env}, self._home.log("inside"))
        self.simulator = SimulatorControl(ports)

    def _part(self, child: Child, is_ready: Callable[[], bool]) -> Part:
        env = {**child.env, **self._env}
        return Part(self._guard, Child(child.title, child.command, child.log, env), is_ready)

    def start(self) -> None:
        self.redis.start()
        self.simulator_process.start()
        self.inside.ask("prepare")
        self.make_whole()

    def make_whole(self) -> None:
        """Whatever a story stopped runs again, and no trouble is armed."""
        self.second_worker.kill()
        self.second_beat.kill()
        stopped = [part for part in self._parts if not part.is_as_usual]
        for part in stopped:
            if part in (self.worker, self.beat):
                self._forget_heartbeats()
            part.spawn()
        for part in stopped:
            part.wait_ready()
        self.simulator.no_faults()
        self.simulator.webhooks()
        self.simulator.settings(
            first_fetch_delay_seconds=0.3,
            dataset_seconds=[0, 0.5],
            daily_quota=1_000_000,
            requests_per_minute=0,
            night_hours=[19, 7],
        )
        self._forget_allowance()
        self.simulator.control("DELETE", "/calls")

    def stop(self) -> None:
        self.inside.stop()
        for part in [self.second_worker, self.second_beat, *reversed(self._parts)]:
            part.kill()
        self._guard.close()
        os.close(self._lock)

    @property
    def _parts(self) -> list[Part]:
        return [self.redis, self.simulator_process, self.web, self.worker, self.beat]

    def start_worker_again(self) -> None:
        """Ready when it has swept itself: its predecessor's sign of life does not count."""
        self._forget_heartbeats()
        self.worker.start()

    def start_second_beat(self) -> None:
        """As another machine would: with a file of its own for when it did what."""
        self.second_beat.start(BEAT_SCHEDULE_FILE=str(self._home.folder / "second-beat"))

    def _forget_allowance(self) -> None:
        with contextlib.suppress(redis.RedisError):
            self._redis_client.delete(*self._redis_client.keys("linking:quota:*") or ["none"])

    def _forget_heartbeats(self) -> None:
        with contextlib.suppress(redis.RedisError):
            self._redis_client.delete("linking:heartbeat:worker", "linking:heartbeat:beat")

    def company(self, name: str) -> dict[str, Any]:
        """What the portal's rows say about the one customer of that name."""
        (found,) = self.inside.ask("companies", name=name)
        return found

    @contextlib.contextmanager
    def slow_database(self) -> Iterator[None]:
        """Whatever writes waits until the block ends."""
        self.inside.ask("hold_database")
        try:
            yield
        finally:
            self.inside.ask("let_database_go")

    def may_call(self) -> bool:
        """No allowance of Codat's is known to be used up."""
        return not self._redis_client.exists("linking:quota:blocked")

    def mails_to(self, address: str) -> list[Mail]:
        """Newest first."""
        return [mail for mail in read_mails(self._home.mail) if address in mail.recipient]

    def settle(self) -> None:
        """Wait until no lane is at work; nothing may then be set aside or out of step."""
        order = eventually(self._order_at_rest, seconds=30, what="the end of all work")
        assert order["check_stages"] == ""
        assert order["parked"] == []

    def _order_at_rest(self) -> dict[str, Any] | None:
        order = self.inside.ask("order")
        return None if order["at_work"] else order

    def logs(self) -> str:
        return "\n".join(
            f"── {log.name}\n{tail(log)}" for log in sorted(self._home.logs.glob("*.log"))
        )

    def _redis_answers(self) -> bool:
        try:
            return bool(self._redis_client.ping())
        except redis.RedisError:
            return False

    def _has_heartbeat(self, name: str) -> bool:
        try:
            said = requests.get(f"{self.url}/health/ready", timeout=5).json()
        except requests.RequestException:
            return False
        return bool(said["parts"][name]["ok"])
