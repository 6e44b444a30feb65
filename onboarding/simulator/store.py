"""The world's file: one SQLite table of JSON records, written before an answer leaves."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any


class Store:
    """Keeps records by (kind, id). Used under the world's lock only."""

    def __init__(self, path: str) -> None:
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        # Survives the death of the process; only a power cut could lose the last moments.
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS record"
            " (kind TEXT, id TEXT, body TEXT, PRIMARY KEY (kind, id)) WITHOUT ROWID"
        )

    def load(self, kind: str) -> Iterator[dict[str, Any]]:
        for (body,) in self._db.execute("SELECT body FROM record WHERE kind = ?", (kind,)):
            yield json.loads(body)

    def write(
        self, saved: Iterable[tuple[str, str, dict[str, Any]]], removed: Iterable[tuple[str, str]]
    ) -> None:
        self._db.execute("BEGIN IMMEDIATE")
        self._db.executemany("DELETE FROM record WHERE kind = ? AND id = ?", list(removed))
        self._db.executemany(
            "INSERT OR REPLACE INTO record VALUES (?, ?, ?)",
            [(kind, key, json.dumps(body)) for kind, key, body in saved],
        )
        self._db.execute("COMMIT")

    def clear(self) -> None:
        self._db.execute("DELETE FROM record")

    def close(self) -> None:
        self._db.close()
