"""The folder in which a demo keeps everything: database, mail, secrets, logs, simulator state."""

import contextlib
import fcntl
import os
import secrets
import time
from base64 import b64encode
from pathlib import Path

from .supervisor import DemoError

# After `kill -9` the guard needs a moment to clear away the last run, and holds the lock meanwhile.
LOCK_SECONDS = 3.0
FINGERPRINT = ".collected-from"


class Home:
    """`$DEMO_DIR`. Taking it makes the folders and secrets that are missing, and locks it.

    Raises DemoError when another demo runs on the same folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self.database = self.folder / "portal.sqlite3"
        self.simulator_state = self.folder / "simulator.sqlite3"
        self.mail = self.folder / "mail"
        self.logs = self.folder / "log"
        self.files = self.folder / "files"
        self.static = self.folder / "static"
        self.webhook_secret = self.folder / "webhook-secret"
        self.secret_key = self.folder / "secret-key"
        self.link_keys = self.folder / "link-keys"

    def take(self) -> int:
        """Returns the lock's descriptor: the folder is ours until its last copy is closed."""
        try:
            for folder in (self.folder, self.mail, self.logs):
                folder.mkdir(parents=True, exist_ok=True)
            lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise DemoError(f"DEMO_DIR {self.folder} cannot be used: {error.strerror}.") from None
        self._lock(lock)
        _write_once(self.secret_key, secrets.token_urlsafe(50))
        _write_once(self.link_keys, secrets.token_urlsafe(50))
        _write_once(self.webhook_secret, "whsec_" + b64encode(secrets.token_bytes(32)).decode())
        return lock

    def log(self, name: str) -> Path:
        """A fresh log file; that of the run before is kept beside it."""
        path = self.logs / f"{name}.log"
        with contextlib.suppress(FileNotFoundError):
            path.replace(path.with_suffix(".log.1"))
        return path

    def static_is_from(self, fingerprint: str) -> bool:
        """Whether the static files were collected from these sources, and completely."""
        with contextlib.suppress(FileNotFoundError):
            return (self.static / FINGERPRINT).read_text() == fingerprint
        return False

    def keep_static_fingerprint(self, fingerprint: str) -> None:
        """To be called when they have been collected: an interrupted collection is repeated."""
        (self.static / FINGERPRINT).write_text(fingerprint)

    def _lock(self, lock: int) -> None:
        deadline = time.monotonic() + LOCK_SECONDS
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                if time.monotonic() > deadline:
                    os.close(lock)
                    raise DemoError(
                        f"A demo is already running on {self.folder}: "
                        "stop it first, or name another folder in DEMO_DIR."
                    ) from None
                time.sleep(0.1)
            else:
                return


def _write_once(path: Path, secret: str) -> None:
    """Whole or not at all, and readable by its owner only."""
    if path.exists():
        return
    draft = path.with_suffix(".new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(secret + "\n")
    draft.replace(path)
