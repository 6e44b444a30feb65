"""A throw-away PostgreSQL of this test process alone, by the fixture `postgres_url`.

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

import psycopg
import pytest
from psycopg import sql

from .requirements import require
from .simulated import eventually

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


# The shell ends the server as soon as our end of its input is closed, also by `kill -9` of us.
GUARDED = '"$@" & read -r ended; kill -INT $!; wait $!'


class Postgres:
    """A cluster in a folder of its own, listening on a socket in it and on no port.

    The server refuses to run as root: then it runs as the package's own user `postgres`, or, where
    there is none, as `nobody`. It ends with this process, however that ends.
    """

    def __init__(self) -> None:
        self._bin = find_postgres()
        self._user = _user_for_server()
        # Socket paths are limited to 107 bytes: pytest's own folders can be too deep.
        self.folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
        if self._user:
            shutil.chown(self.folder, self._user)
        self._log = (self.folder / "log").open("a+b")
        self._initialise()
        self._server = self._start()
        eventually(self._answers, seconds=30, what="PostgreSQL")

    def create_database(self, name: str) -> str:
        """Makes an empty database; returns its DATABASE_URL."""
        with self._connect() as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return f"postgresql://portal@{str(self.folder).replace('/', '%2F')}/{name}"

    def stop(self) -> None:
        assert self._server.stdin is not None
        self._server.stdin.close()
        self._server.wait(30)
        self._log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _initialise(self) -> None:
        program = [str(self._bin / "initdb"), "--no-sync", "-A", "trust", "-U", "portal"]
        done = subprocess.run(
            [*program, "-E", "UTF8", "-D", "data"],
            cwd=self.folder,
            user=self._user,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, self._said()

    def _start(self) -> subprocess.Popen[bytes]:
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "max_connections": "100",
            # Nothing here needs to survive a power cut.
            **dict.fromkeys(("fsync", "synchronous_commit", "full_page_writes"), "off"),
        }
        command = [str(self._bin / "postgres"), "-D", "data"]
        command += [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        return subprocess.Popen(
            ["sh", "-c", GUARDED, "sh", *command],
            cwd=self.folder,
            user=self._user,
            stdin=subprocess.PIPE,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.folder), user="portal", dbname="postgres", autocommit=True
        )

    def _answers(self) -> bool:
        assert self._server.poll() is None, self._said()
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def _said(self) -> str:
        self._log.seek(0)
        return self._log.read().decode(errors="replace")


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
