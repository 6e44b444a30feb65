"""The whole portal as processes of its own, with as many workers as are wanted.

The commands are those of `make demo`; the parts are the stories'.
"""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from io import StringIO
from pathlib import Path
from typing import Any

import redis
import requests

from onboarding.demo.home import Home
from onboarding.demo.ports import HOST, Ports
from onboarding.demo.stack import Stack as DemoStack
from onboarding.demo.supervisor import Child
from tests.simulated import Simulated
from tests.stories.processes import Guard, Part, free_ports, is_open, tail


class Codat(Simulated):
    """The `/control` routes of the simulator that runs as a part of the portal."""

    def __init__(self, ports: Ports) -> None:
        self.url, self.platform_url = ports.simulator_url, f"http://{HOST}:{ports.platform}"

    def faults(self, armed: list[dict[str, Any]]) -> None:
        """These faults and no others."""
        self.no_faults()
        for fault in armed:
            self.control("POST", "/faults", fault)

    def webhooks(self, **trouble: Any) -> None:
        """Trouble on delivery; none ends it."""
        self.control("POST", "/webhooks", trouble)


class Process(Part):
    """A part whose appetite can be told."""

    def cpu_seconds(self) -> float:
        """CPU time so far of the processes that it is now, in seconds."""
        if self._process is None:
            return 0.0
        ticks = 0
        for file in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):  # it may have ended meanwhile
                # After the name, which may hold spaces: state, parent, process group …
                fields = file.read_text().rpartition(")")[2].split()
                if int(fields[2]) == self._process.pid:
                    ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")


class Portal:
    """Redis, simulator, web, beat and workers; `database_url` empty means SQLite in its folder."""

    def __init__(
        self,
        *,
        env: Mapping[str, str],
        database_url: str = "",
        workers: int = 1,
        dataset_seconds: str = "0:0.5",
        keeps: bool = False,
    ) -> None:
        self.keeps = keeps
        self.folder = Path(tempfile.mkdtemp(prefix="portal-"))
        self._home = Home(self.folder)
        self._lock = self._home.take()
        self._ports = ports = Ports(*free_ports(4))
        self.url, self.mail_folder = ports.portal_url, self._home.mail
        self._guard = Guard()
        commands = DemoStack(self._home, ports)
        worker, beat, web = commands.services()
        self.env = {
            **web.env,
            # What guards Codat's address guards nothing on this machine.
            "CODAT_PER_MINUTE": "10000000",
            "LOG_LEVEL": "WARNING",
            "LOGO_HOSTS": f"{HOST}:{ports.simulator}",
            **({"DATABASE_URL": database_url} if database_url else {}),
            **env,
        }
        self.redis = self._part(commands.redis(), self._redis_answers)
        self.simulator = self._part(
            commands.simulator(),
            lambda: is_open(ports.simulator),
            *("--dataset-seconds", dataset_seconds),
        )
        self.web_command = web.command
        self.web = self._part(web, lambda: is_open(ports.portal))
        self.beat = self._part(beat, lambda: self._is_well("beat"))
        self.workers = [
            self._part(worker, lambda: self._is_well("worker"), "-n", f"worker{number}@%h")
            for number in range(workers)
        ]
        self.codat = Codat(ports)
        server, _, self.database_name = database_url.rpartition("/")
        self.maintenance_url = f"{server}/postgres"
        """Of the database beside ours on the same server."""

    def _part(self, child: Child, is_ready: Callable[[], bool], *more: str) -> Process:
        return Process(
            self._guard,
            Child(child.title, [*child.command, *more], child.log, {**child.env, **self.env}),
            is_ready,
        )

    def add_part(self, child: Child, is_ready: Callable[[], bool]) -> Process:
        """One more process with the portal's environment under its own; not among `parts`."""
        merged = Child(child.title, child.command, child.log, {**self.env, **child.env})
        return Process(self._guard, merged, is_ready)

    @property
    def parts(self) -> list[Process]:
        return [self.redis, self.simulator, self.web, self.beat, *self.workers]

    def enter(self) -> None:
        """Make Django in this process the portal's: same settings, same database."""
        os.environ.update(self.env)
        import django  # noqa: PLC0415 - only now is the environment the portal's

        django.setup()

    def start(self) -> None:
        """Start all parts on a migrated database; `enter` comes first."""
        from django.core.management import call_command  # noqa: PLC0415

        self.redis.start()
        self.simulator.start()
        self.codat.settings(daily_quota=100_000_000, requests_per_minute=0)
        for command in (["migrate", "--no-input"], ["collectstatic", "--no-input"]):
            call_command(*command, verbosity=0)
        call_command("refresh_catalogue", verbosity=0, stdout=StringIO())
        for part in (self.web, self.beat, *self.workers):
            part.spawn()
        self.make_whole()

    def make_whole(self) -> None:
        """Whatever was stopped runs again, and no fault is armed."""
        for part in self.parts:
            if not part.is_as_usual:
                part.spawn()
        for part in self.parts:
            part.wait_ready()
        self.codat.no_faults()
        self.codat.webhooks()

    def stop(self) -> None:
        for part in reversed(self.parts):
            part.kill()
        self._guard.close()
        os.close(self._lock)
        if not self.keeps:
            shutil.rmtree(self.folder, ignore_errors=True)

    def logs(self, lines: int = 40) -> str:
        paths = sorted(self._home.logs.glob("*.log"))
        return "\n".join(f"── {path.name}\n{tail(path, lines)}" for path in paths)

    def _redis_answers(self) -> bool:
        try:
            return bool(redis.Redis(HOST, self._ports.redis, socket_timeout=1).ping())
        except redis.RedisError:
            return False

    def _is_well(self, name: str) -> bool:
        try:
            said = requests.get(f"{self.url}/health/ready", timeout=5).json()
        except requests.RequestException:
            return False
        return bool(said["parts"][name]["ok"])
