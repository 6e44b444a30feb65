"""A throw-away PostgreSQL of this test process alone: `pytest_plugins = ["tests.postgres"]`.

`python -m tests.postgres pytest tests/linking` runs a command with `DATABASE_URL` naming one.
"""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from .requirements import require

INSTALL = "Debian: apt-get install postgresql"


def find_postgres() -> Path:
    """The folder of the server's programs, the newest version first; requires one."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    if on_path := shutil.which("initdb"):
        folders.append(Path(on_path).resolve().parent)
    found = next((folder for folder in folders if (folder / "initdb").exists()), None)
    require(found, "PostgreSQL", INSTALL)
    assert found is not None
    return found


def _version(folder: Path) -> int:
    return int(folder.parent.name) if folder.parent.name.isdigit() else 0


class Postgres:
    """A cluster in a folder of its own, listening on a socket in it and on no port.

    The server refuses to run as root: then it runs as the package's own user `postgres`, or, where
    there is none, as `nobody`.
    """

    def __init__(self) -> None:
        self._bin = find_postgres()
        self._user = _user_for_server()
        # Socket paths are limited to 107 bytes: pytest's own folders can be too deep.
        self.folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
        if self._user:
            shutil.chown(self.folder, self._user)
        self._run("initdb", "--no-sync", "-A", "trust", "-U", "portal", "-E", "UTF8", "-D", "data")
        options = (
            f"-c listen_addresses='' -c unix_socket_directories={self.folder} "
            "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=100"
        )
        self._run("pg_ctl", "start", "-w", "-D", "data", "-l", "server.log", "-o", options)

    def create_database(self, name: str) -> str:
        """Makes an empty database; returns its DATABASE_URL."""
        self._run("createdb", "-h", str(self.folder), "-U", "portal", name)
        return f"postgresql://portal@{str(self.folder).replace('/', '%2F')}/{name}"

    def stop(self) -> None:
        self._run("pg_ctl", "stop", "-w", "-m", "immediate", "-D", "data")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        # Into a file: the server inherits the outputs, and a pipe would stay open with it.
        with (self.folder.parent / f"{self.folder.name}.log").open("a+b") as log:
            done = subprocess.run(
                [str(self._bin / program), *arguments],
                cwd=self.folder,
                user=self._user,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                timeout=60,
                check=False,
            )
            log.seek(0)
            said = log.read().decode(errors="replace")
        Path(log.name).unlink()
        assert done.returncode == 0, f"{program} failed: {said}"


def _user_for_server() -> str | None:
    """None: the present one will do."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    server = Postgres()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres_url(postgres: Postgres) -> str:
    """DATABASE_URL of an empty database."""
    return postgres.create_database("portal")


def main(command: list[str]) -> int:
    """Run a command on a new cluster; its exit status, or 0 where PostgreSQL may be missing."""
    try:
        server = Postgres()
    except pytest.skip.Exception as missing:
        print(f"Not run on PostgreSQL: {missing}", file=sys.stderr)
        return 0
    except pytest.fail.Exception as missing:
        print(missing, file=sys.stderr)
        return 1
    try:
        env = {**os.environ, "DATABASE_URL": server.create_database("portal")}
        return subprocess.run(command, env=env, check=False).returncode
    except KeyboardInterrupt:
        return 130
    finally:
        server.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
