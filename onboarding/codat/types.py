"""Codat's things as frozen dataclasses, read from its JSON by `from_json`.

Reading is lenient. A text that is absent or null is "", a number or a time is None, a list is
empty. Words this code has never met (a new status, a new data type) are kept as they came, and
unknown fields are dropped. `from_json` raises `fields.ShapeError` only where something cannot be
identified without the missing field. Times are aware, in UTC.

Results that only one group of operations knows stand beside that group (`financials`, `expenses`…).

One-time links, names and other personal data stay out of every `repr`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from . import fields


@dataclass(frozen=True)
class DataTypeFeature:
    """What an integration can do with one data type; `supported` maps `Get` to `Release`."""

    data_type: str
    supported: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_json(cls, data: Any) -> DataTypeFeature:
        data = fields.mapping(data)
        return cls(
            data_type=fields.text(data, "dataType"),
            supported={
                fields.text(entry, "featureType"): fields.text(entry, "featureState")
                for entry in fields.elements(data, "supportedFeatures")
                if isinstance(entry, dict)
            },
        )


@dataclass(frozen=True)
class Integration:
    """A platform that Codat can connect, as offered to our instance. `key` is the platformKey."""

    key: str
    name: str = ""
    enabled: bool = False
    logo_url: str = ""
    integration_id: str = ""
    source_id: str = ""
    source_type: str = ""
    is_offline_connector: bool = False
    is_beta: bool = False
    data_provided_by: str = ""
    features: tuple[DataTypeFeature, ...] = field(default=(), repr=False)

    @classmethod
    def from_json(cls, data: Any) -> Integration:
        data = fields.mapping(data)
        return cls(
            key=fields.required_text(data, "key"),
            name=fields.text(data, "name"),
            enabled=fields.flag(data, "enabled"),
            logo_url=fields.text(data, "logoUrl"),
            integration_id=fields.text(data, "integrationId"),
            source_id=fields.text(data, "sourceId"),
            source_type=fields.text(data, "sourceType"),
            is_offline_connector=fields.flag(data, "isOfflineConnector"),
            is_beta=fields.flag(data, "isBeta"),
            data_provided_by=fields.text(data, "dataProvidedBy"),
            features=fields.items(data, "datatypeFeatures", DataTypeFeature.from_json),
        )

    def can_read(self, data_type: str) -> bool:
        """Whether Codat says that this data type can be fetched, in any state of release."""
        return any(
            feature.data_type == data_type
            and feature.supported.get("Get", "NotSupported")
            not in ("NotSupported", "NotImplemented")
            for feature in self.features
        )


@dataclass(frozen=True)
class DataConnectionError:
    """One failure of a connection. `status_code` is the platform's HTTP status, a text.

    `status` is `Active`, `Resolved`, or "" when the failure is not a passing one.
    """

    status_code: str
    status_text: str = field(default="", repr=False)
    error_message: str = field(default="", repr=False)
    status: str = ""
    errored_on: datetime | None = None
    resolved_on: datetime | None = None

    @classmethod
    def from_json(cls, data: Any) -> DataConnectionError:
        data = fields.mapping(data)
        return cls(
            status_code=fields.text(data, "statusCode"),
            status_text=fields.text(data, "statusText"),
            error_message=fields.text(data, "errorMessage"),
            status=fields.text(data, "status"),
            errored_on=fields.timestamp(data, "erroredOnUtc"),
            resolved_on=fields.timestamp(data, "resolvedOnUtc"),
        )

    def to_json(self) -> dict[str, str | None]:
        """The same under Codat's names, ready for a JSON column."""
        return {
            "statusCode": self.status_code,
            "statusText": self.status_text,
            "errorMessage": self.error_message,
            "status": self.status or None,
            "erroredOnUtc": self.errored_on.isoformat() if self.errored_on else None,
            "resolvedOnUtc": self.resolved_on.isoformat() if self.resolved_on else None,
        }


@dataclass(frozen=True)
class Connection:
    """A company's tie to one data source. `link_url` works once: never store, log or mail it.

    `status` is `PendingAuth`, `Linked`, `Unlinked` or `Deauthorized`. `integration_key` is the
    platformKey; Codat may leave it out, then `integration_id` tells. `connection_info` is free in
    form (Codat's two documents disagree about it); `troubles` reads it.
    """

    id: str
    status: str
    integration_id: str = ""
    integration_key: str = ""
    source_id: str = ""
    source_type: str = ""
    platform_name: str = ""
    link_url: str = field(default="", repr=False)
    created: datetime | None = None
    last_sync: datetime | None = None
    errors: tuple[DataConnectionError, ...] = ()
    connection_info: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def from_json(cls, data: Any) -> Connection:
        data = fields.mapping(data)
        return cls(
            id=fields.required_text(data, "id"),
            status=fields.required_text(data, "status"),
            integration_id=fields.text(data, "integrationId"),
            integration_key=fields.text(data, "integrationKey"),
            source_id=fields.text(data, "sourceId"),
            source_type=fields.text(data, "sourceType"),
            platform_name=fields.text(data, "platformName"),
            link_url=fields.text(data, "linkUrl"),
            created=fields.timestamp(data, "created"),
            last_sync=fields.timestamp(data, "lastSync"),
            errors=fields.items(data, "dataConnectionErrors", DataConnectionError.from_json),
            connection_info=fields.part(data, "connectionInfo"),
        )

    @property
    def troubles(self) -> tuple[tuple[str, str], ...]:
        """What QuickBooks Desktop's connector complains of: Codat's name for it, and its words.

        For staff. The names are not published, so every text counts.
        """
        return tuple(fields.all_texts(self.connection_info))


@dataclass(frozen=True)
class Company:
    """Our record of one business at Codat. `redirect` is its one-time hosted Link address."""

    id: str
    name: str = field(default="", repr=False)
    redirect: str = field(default="", repr=False)
    description: str = field(default="", repr=False)
    tags: Mapping[str, str] = field(default_factory=dict, repr=False)
    connections: tuple[Connection, ...] = ()
    products: tuple[str, ...] = ()
    created: datetime | None = None
    last_sync: datetime | None = None
    created_by_user_name: str = field(default="", repr=False)

    @classmethod
    def from_json(cls, data: Any) -> Company:
        data = fields.mapping(data)
        return cls(
            id=fields.required_text(data, "id"),
            name=fields.text(data, "name"),
            redirect=fields.text(data, "redirect"),
            description=fields.text(data, "description"),
            tags=fields.text_map(data, "tags"),
            connections=fields.items(data, "dataConnections", Connection.from_json),
            products=fields.texts(data, "products"),
            created=fields.timestamp(data, "created"),
            last_sync=fields.timestamp(data, "lastSync"),
            created_by_user_name=fields.text(data, "createdByUserName"),
        )


@dataclass(frozen=True)
class DatasetStatus:
    """How far one data type of a company has been read, over all its connections.

    `current_status` is "" for a type that was never asked for. The first read has succeeded once
    `last_successful_sync` is there.
    """

    data_type: str
    current_status: str = ""
    last_successful_sync: datetime | None = None
    latest_sync_id: str = ""
    latest_successful_sync_id: str = ""

    @classmethod
    def from_json(cls, data: Any) -> DatasetStatus:
        data = fields.mapping(data)
        return cls(
            data_type=fields.text(data, "dataType"),
            current_status=fields.text(data, "currentStatus"),
            last_successful_sync=fields.timestamp(data, "lastSuccessfulSync"),
            latest_sync_id=fields.text(data, "latestSyncId"),
            latest_successful_sync_id=fields.text(data, "latestSuccessfulSyncId"),
        )


@dataclass(frozen=True)
class PullOperation:
    """One attempt to read one data type through one connection. `progress` is 0 to 100."""

    id: str
    data_type: str
    status: str
    company_id: str = ""
    connection_id: str = ""
    status_description: str = field(default="", repr=False)
    error_message: str = field(default="", repr=False)
    requested: datetime | None = None
    completed: datetime | None = None
    progress: int = 0
    is_completed: bool = False
    is_errored: bool = False

    @classmethod
    def from_json(cls, data: Any) -> PullOperation:
        data = fields.mapping(data)
        return cls(
            id=fields.required_text(data, "id"),
            data_type=fields.required_text(data, "dataType"),
            status=fields.required_text(data, "status"),
            company_id=fields.text(data, "companyId"),
            connection_id=fields.text(data, "connectionId"),
            status_description=fields.text(data, "statusDescription"),
            error_message=fields.text(data, "errorMessage"),
            requested=fields.timestamp(data, "requested"),
            completed=fields.timestamp(data, "completed"),
            progress=fields.whole_number(data, "progress") or 0,
            is_completed=fields.flag(data, "isCompleted"),
            is_errored=fields.flag(data, "isErrored"),
        )

    @property
    def is_finished(self) -> bool:
        """Nothing more will happen to it, well or badly. `is_completed` alone means success."""
        return self.is_completed or self.is_errored or self.status in ("NotSupported", "Cancelled")


@dataclass(frozen=True)
class Address:
    """A postal address; `type` is Codat's word, such as `Billing`."""

    type: str = ""
    line1: str = field(default="", repr=False)
    line2: str = field(default="", repr=False)
    city: str = field(default="", repr=False)
    region: str = field(default="", repr=False)
    postal_code: str = field(default="", repr=False)
    country: str = field(default="", repr=False)

    @classmethod
    def from_json(cls, data: Any) -> Address:
        data = fields.mapping(data)
        return cls(
            type=fields.text(data, "type"),
            line1=fields.text(data, "line1"),
            line2=fields.text(data, "line2"),
            city=fields.text(data, "city"),
            region=fields.text(data, "region"),
            postal_code=fields.text(data, "postalCode"),
            country=fields.text(data, "country"),
        )


def _web_address(data: Any) -> str:
    return fields.text(fields.mapping(data), "url")


@dataclass(frozen=True)
class CompanyInfo:
    """What the platform itself says about the business. Any field may be missing.

    `platform_ref` is the platform's own id of the business (`accountingPlatformRef` or
    `commercePlatformRef`).
    """

    company_name: str = field(default="", repr=False)
    company_legal_name: str = field(default="", repr=False)
    platform_ref: str = field(default="", repr=False)
    registration_number: str = field(default="", repr=False)
    tax_number: str = field(default="", repr=False)
    addresses: tuple[Address, ...] = ()
    base_currency: str = ""
    created_date: datetime | None = None
    source_urls: Mapping[str, str] = field(default_factory=dict, repr=False)
    web_addresses: tuple[str, ...] = field(default=(), repr=False)

    @classmethod
    def from_json(cls, data: Any) -> CompanyInfo:
        data = fields.mapping(data)
        return cls(
            company_name=fields.text(data, "companyName"),
            company_legal_name=fields.text(data, "companyLegalName"),
            platform_ref=fields.text(data, "accountingPlatformRef")
            or fields.text(data, "commercePlatformRef"),
            registration_number=fields.text(data, "registrationNumber"),
            tax_number=fields.text(data, "taxNumber"),
            addresses=fields.items(data, "addresses", Address.from_json),
            base_currency=fields.text(data, "baseCurrency"),
            created_date=fields.timestamp(data, "createdDate"),
            source_urls=fields.text_map(data, "sourceUrls"),
            web_addresses=fields.items(data, "webLinks", _web_address),
        )

    @property
    def display_name(self) -> str:
        """The name to show: the trading name, else the legal one, else ""."""
        return self.company_name or self.company_legal_name


@dataclass(frozen=True)
class SyncSetting:
    """How one data type is read. `sync_schedule` is in hours (0: never by itself)."""

    data_type: str
    fetch_on_first_link: bool = False
    sync_schedule: int = 0
    sync_order: int = 0
    sync_from: datetime | None = None
    sync_from_window: int | None = None
    months_to_sync: int | None = None
    is_locked: bool = False

    @classmethod
    def from_json(cls, data: Any) -> SyncSetting:
        data = fields.mapping(data)
        return cls(
            data_type=fields.required_text(data, "dataType"),
            fetch_on_first_link=fields.flag(data, "fetchOnFirstLink"),
            sync_schedule=fields.whole_number(data, "syncSchedule") or 0,
            sync_order=fields.whole_number(data, "syncOrder") or 0,
            sync_from=fields.timestamp(data, "syncFromUtc"),
            sync_from_window=fields.whole_number(data, "syncFromWindow"),
            months_to_sync=fields.whole_number(data, "monthsToSync"),
            is_locked=fields.flag(data, "isLocked"),
        )

    def to_json(self) -> dict[str, Any]:
        """The same under Codat's names, without what is not set."""
        optional = {
            "syncFromUtc": self.sync_from and self.sync_from.isoformat().replace("+00:00", "Z"),
            "syncFromWindow": self.sync_from_window,
            "monthsToSync": self.months_to_sync,
        }
        return {
            "dataType": self.data_type,
            "fetchOnFirstLink": self.fetch_on_first_link,
            "syncSchedule": self.sync_schedule,
            "syncOrder": self.sync_order,
            "isLocked": self.is_locked,
            **{name: value for name, value in optional.items() if value is not None},
        }


@dataclass(frozen=True)
class SyncSettings:
    """The sync settings of our instance (`client_id`) or of one company (`company_id`)."""

    client_id: str = ""
    company_id: str = ""
    settings: tuple[SyncSetting, ...] = ()
    overrides_defaults: bool = False

    @classmethod
    def from_json(cls, data: Any) -> SyncSettings:
        data = fields.mapping(data)
        return cls(
            client_id=fields.text(data, "clientId"),
            company_id=fields.text(data, "companyId"),
            settings=fields.items(data, "settings", SyncSetting.from_json),
            overrides_defaults=fields.flag(data, "overridesDefaults"),
        )
