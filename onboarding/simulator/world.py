"""Everything the imitated Codat knows: in memory, behind one lock, each change written to its file.

What happens by itself (a read completes, a token lapses) is a moment on the clock: `plan` it, and
`catch_up` lets it happen before anybody looks. Nothing is computed twice after a restart, because
the moments follow from the records.
"""

import heapq
import threading
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from typing import Any, TypeVar

from .assumptions import (
    FETCH_ON_FIRST_LINK,
    FIRST_FETCH_DELAY_SECONDS,
    NIGHT_WINDOW_HOURS,
    SYNC_SCHEDULE_HOURS,
)
from .catalogue import DATA_TYPES, PLATFORMS, Platform
from .clock import Clock
from .records import (
    Company,
    Connection,
    Consumer,
    Delivery,
    IdempotentAnswer,
    LinkSession,
    PullOperation,
    UploadedFile,
)
from .store import Store

Record = (
    Company
    | Connection
    | PullOperation
    | UploadedFile
    | LinkSession
    | Consumer
    | Delivery
    | IdempotentAnswer
)
R = TypeVar("R", bound=Record)
Handler = Callable[["World", str, float], None]

KINDS: dict[type, str] = {
    Company: "company",
    Connection: "connection",
    PullOperation: "pull",
    UploadedFile: "file",
    LinkSession: "link",
    Consumer: "consumer",
    Delivery: "delivery",
    IdempotentAnswer: "answer",
}
REDIRECT_PATH = (
    "/link/return?companyId={companyId}&connectionId={connectionId}"
    "&statusCode={statusCode}&errorMessage={errorMessage}&state={state}"
)

# What `POST /control/settings` may change, and how it is at first.
SETTINGS: dict[str, Any] = {
    "fetch_on_first_link": True,
    "first_fetch_delay_seconds": FIRST_FETCH_DELAY_SECONDS,
    "otp": True,
    "daily_quota": None,
    "requests_per_minute": None,
    "company_limit": None,
    "hourly_schedule": True,
    "night_hours": list(NIGHT_WINDOW_HOURS),
    # Given a number, faults with a probability befall the same calls of each operation every time.
    "fault_seed": None,
    # By data type, for reads queued from now on: the status that they end in, and seconds that
    # they pause in Fetching.
    "dataset_outcomes": {},
    "dataset_pauses": {},
}


def new_id() -> str:
    return str(uuid.uuid4())


class World:
    def __init__(
        self, store: Store, clock: Clock, *, dataset_seconds: tuple[float, float], portal: str
    ) -> None:
        self.store = store
        self.clock = clock
        self.dataset_seconds = dataset_seconds
        self.portal = portal
        self.link_origin = ""  # known once the sockets are bound
        self.platform_origin = ""
        self.lock = threading.RLock()
        self.woken = threading.Condition(self.lock)
        self.handlers: dict[str, Handler] = {}
        self._empty()

    def _empty(self) -> None:
        self.companies: dict[str, Company] = {}
        self.connections: dict[str, Connection] = {}
        self.pulls: dict[str, PullOperation] = {}
        self.files: dict[str, UploadedFile] = {}
        self.links: dict[str, LinkSession] = {}
        self.consumers: dict[str, Consumer] = {}
        self.deliveries: dict[str, Delivery] = {}
        self.answers: dict[str, IdempotentAnswer] = {}
        self.connections_of: defaultdict[str, list[Connection]] = defaultdict(list)
        self.pulls_of: defaultdict[str, list[PullOperation]] = defaultdict(list)
        self.latest_pull: dict[tuple[str, str], PullOperation] = {}
        self.tagged: defaultdict[tuple[str, str], dict[str, Company]] = defaultdict(dict)
        self.linked: set[str] = set()  # ids of companies with a linked connection
        self.misc: dict[str, Any] = {}
        self.rolls: defaultdict[str, int] = defaultdict(int)  # of the dice for faults, by operation
        self._due: list[tuple[float, int, str, str]] = []
        self._count = 0
        self._dirty: dict[tuple[str, str], dict[str, Any]] = {}
        self._gone: set[tuple[str, str]] = set()

    # --- keeping -------------------------------------------------------------------------

    def _table(self, kind: str) -> dict[str, Any]:
        tables: dict[str, dict[str, Any]] = {
            "company": self.companies,
            "connection": self.connections,
            "pull": self.pulls,
            "file": self.files,
            "link": self.links,
            "consumer": self.consumers,
            "delivery": self.deliveries,
            "answer": self.answers,
        }
        return tables[kind]

    def add(self, record: R) -> R:
        kind = KINDS[type(record)]
        self._table(kind)[record.id] = record
        self._index(record)
        self.save(record)
        return record

    def _index(self, record: Record) -> None:
        if isinstance(record, Company):
            for tag in record.tags.items():
                self.tagged[tag][record.id] = record
        elif isinstance(record, Connection):
            self.connections_of[record.company_id].append(record)
            self.note_linked(record.company_id)
        elif isinstance(record, PullOperation):
            self.pulls_of[record.company_id].append(record)
            self.latest_pull[record.connection_id, record.data_type] = record

    def save(self, record: Record) -> None:
        kind = KINDS[type(record)]
        self._dirty[kind, record.id] = vars(record)
        self._gone.discard((kind, record.id))

    def remove(self, record: Record) -> None:
        kind = KINDS[type(record)]
        self._table(kind).pop(record.id, None)
        self._dirty.pop((kind, record.id), None)
        self._gone.add((kind, record.id))
        if isinstance(record, Company):
            self.retag(record, {})
            self.linked.discard(record.id)
        elif isinstance(record, Connection):
            self.connections_of[record.company_id].remove(record)
            self.note_linked(record.company_id)
        elif isinstance(record, PullOperation):
            self.pulls_of[record.company_id].remove(record)
            self.latest_pull.pop((record.connection_id, record.data_type), None)

    def retag(self, company: Company, tags: dict[str, str]) -> None:
        for tag in company.tags.items():
            self.tagged[tag].pop(company.id, None)
        company.tags = tags
        for tag in tags.items():
            self.tagged[tag][company.id] = company

    def note_linked(self, company_id: str) -> None:
        if any(c.status == "Linked" for c in self.connections_of[company_id]):
            self.linked.add(company_id)
        else:
            self.linked.discard(company_id)

    def remember(self, key: str, value: Any) -> None:
        """Keeps a setting; anything that JSON can write."""
        self.misc[key] = value
        self._dirty["misc", key] = {"key": key, "value": value}

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """One at a time; what is due has happened; what changed is on disk at the end."""
        with self.lock:
            self.catch_up()
            try:
                yield
            finally:
                self.commit()

    def commit(self) -> None:
        if self._dirty or self._gone:
            rows = [(kind, key, body) for (kind, key), body in self._dirty.items()]
            self.store.write(rows, self._gone)
            self._dirty.clear()
            self._gone.clear()
            self.woken.notify_all()

    # --- time ----------------------------------------------------------------------------

    @property
    def now(self) -> float:
        return self.clock.now()

    def plan(self, moment: float | None, handler: str, record_id: str) -> None:
        """Lets `handler` look at the record at this moment; handlers check that it still holds."""
        if moment is not None:
            self._count += 1
            heapq.heappush(self._due, (moment, self._count, handler, record_id))
            self.woken.notify_all()

    def catch_up(self) -> None:
        while self._due and self._due[0][0] <= self.now:
            moment, _, handler, record_id = heapq.heappop(self._due)
            self.handlers[handler](self, record_id, moment)

    def next_moment(self) -> float | None:
        return self._due[0][0] if self._due else None

    # --- beginning -----------------------------------------------------------------------

    def load(self) -> bool:
        """Fills the memory from the file; False when the file is new.

        A file written by an older version is taken as far as it goes.
        """
        classes: dict[str, Any] = {kind: cls for cls, kind in KINDS.items()}
        for kind in KINDS.values():
            known = {field.name for field in fields(classes[kind])}
            rows = [
                classes[kind](**{name: value for name, value in row.items() if name in known})
                for row in self.store.load(kind)
            ]
            rows.sort(key=_moment_made)
            for row in rows:
                self._table(kind)[row.id] = row
                self._index(row)
        for row in self.store.load("misc"):
            self.misc[row["key"]] = row["value"]
        if self.misc:
            self.misc["settings"] = SETTINGS | self.misc["settings"]
        return bool(self.misc)

    def forget_everything(self) -> None:
        with self.lock:
            self.store.clear()
            self._empty()

    def set_defaults(self) -> None:
        self.remember("client_id", new_id())
        self.remember("integrations", {})
        self.remember("settings", dict(SETTINGS))
        self.remember("sync_settings", default_sync_settings())
        self.remember("cors", [])
        self.remember(
            "profile",
            {
                "name": "Demo client",
                "redirectUrl": self.portal + REDIRECT_PATH,
                "logoUrl": "",
                "iconUrl": "",
                "whiteListUrls": [],
                "confirmCompanyName": False,
            },
        )

    def move_portal(self, portal: str) -> None:
        """The portal's address changed: the redirect and our own consumer follow it."""
        before = self.misc.get("portal", self.portal)
        self.portal = portal
        self.remember("portal", portal)
        profile = self.misc["profile"]
        if profile["redirectUrl"].startswith(before):
            redirect_url = portal + profile["redirectUrl"].removeprefix(before)
            self.remember("profile", profile | {"redirectUrl": redirect_url})
        for consumer in self.consumers.values():
            if consumer.url.startswith(before):
                consumer.url = portal + consumer.url.removeprefix(before)
                self.save(consumer)

    # --- asking --------------------------------------------------------------------------

    @property
    def settings(self) -> dict[str, Any]:
        return self.misc["settings"]

    def offered(self) -> list[Platform]:
        overrides = self.misc["integrations"]
        return [p for p in PLATFORMS.values() if overrides.get(p.key, {}).get("listed", True)]

    def is_enabled(self, platform: Platform) -> bool:
        return bool(
            self.misc["integrations"].get(platform.key, {}).get("enabled", platform.enabled)
        )

    def is_one_time(self, platform: Platform) -> bool:
        overrides = self.misc["integrations"].get(platform.key, {})
        return bool(overrides.get("one_time", platform.one_time))

    def latest_pulls_of(self, connection: Connection) -> dict[str, PullOperation]:
        """By data type. Costs the same in a large world."""
        return {
            pull.data_type: pull
            for pull in self.pulls_of[connection.company_id]
            if pull.connection_id == connection.id
        }

    def sync_settings_of(self, company: Company) -> list[dict[str, Any]]:
        own = company.sync_settings if company.overrides_defaults else None
        return own or self.misc["sync_settings"]

    def last_sync_of(self, company_id: str) -> float | None:
        moments = [c.last_sync for c in self.connections_of[company_id] if c.last_sync is not None]
        return max(moments, default=None)


def _moment_made(record: Any) -> float:
    for name in ("created", "requested", "uploaded", "opened", "at"):
        if hasattr(record, name):
            return float(getattr(record, name))
    return 0.0


def default_sync_settings() -> list[dict[str, Any]]:
    return [
        {
            "dataType": name,
            "fetchOnFirstLink": name in FETCH_ON_FIRST_LINK,
            "syncSchedule": SYNC_SCHEDULE_HOURS if name in FETCH_ON_FIRST_LINK else 0,
            "syncOrder": order,
            "isLocked": False,
            **(
                {"monthsToSync": 24}
                if name in {"balanceSheet", "profitAndLoss", "cashFlowStatement"}
                else {"syncFromWindow": 24}
            ),
        }
        for order, name in enumerate(DATA_TYPES)
    ]
