"""`make demo`: the whole portal on this machine."""

import argparse
import json
import os
import sys
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from onboarding.demo.home import Home
from onboarding.demo.logins import LOGINS, PASSWORD
from onboarding.demo.ports import HOST, Ports, accepts, read_ports
from onboarding.demo.stack import Stack, static_fingerprint
from onboarding.demo.supervisor import DemoError, StopAsked, Supervisor

START_SECONDS = 30
READY_SECONDS = 90


class Command(BaseCommand):
    help = "Runs Redis, the Codat simulator, a worker, beat and the web server until Ctrl-C."
    # The children have the demo's environment; this process only starts them.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--follow-parent",
            action="store_true",
            help="Stop when the process that started this one ends, as make may.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._run(follow_parent=options["follow_parent"])
        except DemoError as error:
            self.stderr.write(str(error))
            sys.exit(1)
        except StopAsked:
            pass
        self.stdout.write("Stopped. The data are kept for the next start.")

    def _run(self, *, follow_parent: bool) -> None:
        home = Home(Path(os.environ.get("DEMO_DIR") or ".demo"))
        lock = home.take()
        ports = read_ports()
        stack = Stack(home, ports)
        with Supervisor(follow_parent=follow_parent, keep_open=lock) as supervisor:
            self.stdout.write(f"Preparing the demo in {home.folder} …")
            self.stdout.flush()
            for child, port in ((stack.redis(), ports.redis), (stack.simulator(), ports.simulator)):
                supervisor.start(child)
                supervisor.wait_until(partial(accepts, port), child.title, seconds=START_SECONDS)
            for preparation in stack.preparations():
                supervisor.run(preparation)
            home.keep_static_fingerprint(static_fingerprint())
            for service in stack.services():
                supervisor.start(service)
            probe = _ReadyProbe(ports.portal)
            supervisor.wait_until(probe, "The portal", seconds=READY_SECONDS, why=probe.why)
            self._say_ready(home, ports)
            supervisor.wait()
            self.stdout.write("Stopping …")

    def _say_ready(self, home: Home, ports: Ports) -> None:
        self.stdout.write(
            "\n".join(
                [
                    "",
                    "The portal is ready.",
                    "",
                    f"  For customers     {ports.portal_url}/",
                    f"  Account managers  {ports.portal_url}/desk/",
                    f"  Administration    {ports.portal_url}/admin/",
                    f"  Mails it sent     {ports.portal_url}/demo/mail/",
                    f"  Codat, imitated   {ports.simulator_url}/control/",
                    "",
                    f"  Sign in with the password {PASSWORD} as",
                    *(f"    {login.email:<22} {login.about}" for login in LOGINS),
                    "",
                    f"  Logs are in {home.logs}. Ctrl-C stops everything; the data are kept.",
                    "",
                ]
            )
        )
        self.stdout.flush()


class _ReadyProbe:
    """Asks `/health/ready`, and remembers which parts were missing."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._missing: list[str] = []

    def __call__(self) -> bool:
        connection = HTTPConnection(HOST, self._port, timeout=5)
        try:
            connection.request("GET", "/health/ready")
            answer = connection.getresponse()
            parts = json.loads(answer.read())["parts"]
        except (OSError, HTTPException, ValueError, KeyError):
            return False
        finally:
            connection.close()
        self._missing = [name for name, part in parts.items() if not part["ok"]]
        return answer.status == 200

    def why(self) -> str:
        return f" (missing: {', '.join(self._missing)})" if self._missing else ""
