"""Reading Codat's JSON: what is survived, and what is kept as it came."""

import dataclasses
import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding.codat import (
    Company,
    CompanyInfo,
    Connection,
    DatasetStatus,
    Integration,
    PullOperation,
    SyncSetting,
    allowed_name,
    fields,
    parse_timestamp,
)

from .every_operation import A_COMPANY, A_CONNECTION, A_PULL_OPERATION

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-09-01T12:00:00Z", NOON),
        ("2026-09-01T12:00:00", NOON),
        ("2026-09-01T07:00:00-05:00", NOON),
        ("2026-09-01T14:00:00+02:00", NOON),
        ("2026-09-01T12:00:00.5Z", NOON.replace(microsecond=500_000)),
        ("2026-09-01T12:00:00.5317064Z", NOON.replace(microsecond=531_706)),
        ("2026-09-01T12:00:00.9999999Z", NOON.replace(microsecond=999_999)),
        ("2026-09-01T12:00:00.5317064-00:00", NOON.replace(microsecond=531_706)),
        (" 2026-09-01T12:00:00Z ", NOON),
        ("2026-09-01", NOON.replace(hour=0)),
        ("2026-09-01T12:00:99Z", None),
        ("2026-13-01T12:00:00Z", None),
        ("0001-01-01T00:00:00", None),
        ("0001-01-01T00:00:00+05:00", None),
        ("9999-12-31T23:59:59.9999999Z", None),
        ("9999-12-31T23:59:59-05:00", None),
        ("yesterday", None),
        ("", None),
        (None, None),
        (1767225600, None),
        (True, None),
        ({}, None),
    ],
)
def test_timestamps(written, moment):
    read = parse_timestamp(written)
    assert read == moment
    assert read is None or read.tzinfo is UTC


almost_a_time = st.from_regex(
    r"\A[ +]?\d{3,5}-?\d{1,2}-?\d{1,2}"
    r"[T ]?(\d{1,2}:?){0,3}([.,]\d{0,20})?(Z|[+-]\d{0,4}:?\d{0,2})?\s?\Z"
)


@given(st.text() | almost_a_time)
def test_any_text_is_a_time_that_every_zone_can_show_or_none(written):
    read = parse_timestamp(written)
    if read is not None:
        for hours in (-23, 23):
            read.astimezone(timezone(timedelta(hours=hours)))


moments = st.datetimes(datetime(2, 1, 2), datetime(9998, 12, 30))  # noqa: DTZ001 - zones are drawn
offsets = st.integers(-14 * 60, 14 * 60)


@given(
    moments, st.sampled_from(["Z", "offset", "none"]), offsets, st.text("0123456789", max_size=9)
)
def test_every_form_that_codat_writes_is_read_to_the_microsecond(moment, zone, offset, digits):
    """`Z`, an offset or no zone (taken as UTC), with none to nine digits of a second, cut."""
    if zone != "offset":
        offset = 0
    sign, minutes = "-" if offset < 0 else "+", abs(offset)
    ending = {"Z": "Z", "offset": f"{sign}{minutes // 60:02}:{minutes % 60:02}", "none": ""}[zone]
    fraction = f".{digits}" if digits else ""
    written = f"{moment.replace(microsecond=0).isoformat()}{fraction}{ending}"
    wanted = moment.replace(microsecond=int(digits[:6].ljust(6, "0")))
    read = parse_timestamp(written)
    assert read == wanted.replace(tzinfo=timezone(timedelta(minutes=offset)))
    assert read is not None
    assert read.tzinfo is UTC


class TestLeniency:
    def test_words_never_met_are_kept_as_they_came(self):
        connection = Connection.from_json(A_CONNECTION | {"status": "Dreaming", "sourceType": "?"})
        assert (connection.status, connection.source_type) == ("Dreaming", "?")
        operation = PullOperation.from_json(A_PULL_OPERATION | {"status": "New", "dataType": "new"})
        assert (operation.status, operation.data_type) == ("New", "new")

    def test_unknown_fields_are_dropped(self):
        assert Company.from_json(A_COMPANY | {"platform": "", "ownerUserIds": []}) == (
            Company.from_json(A_COMPANY)
        )

    @pytest.mark.parametrize(
        ("kind", "least"),
        [
            (Company, {"id": "c1"}),
            (Connection, {"id": "x1", "status": "Linked"}),
            (Integration, {"key": "gbol"}),
            (PullOperation, {"id": "d1", "dataType": "company", "status": "Queued"}),
            (DatasetStatus, {"dataType": "company"}),
            (CompanyInfo, {}),
            (SyncSetting, {"dataType": "company"}),
        ],
    )
    def test_optional_fields_may_be_absent_null_or_of_another_kind(self, kind, least):
        bare = kind.from_json(least)
        names = {
            "".join(word if number == 0 else word.title() for number, word in enumerate(words))
            for words in (field.name.split("_") for field in dataclasses.fields(kind))
        }
        optional = (names | {"dataConnections", "dataConnectionErrors"}) - set(least)
        assert kind.from_json(dict.fromkeys(optional) | least) == bare
        for odd in ([], {}, True):
            kind.from_json(dict.fromkeys(optional, odd) | least)

    @pytest.mark.parametrize(
        ("kind", "json_", "missing"),
        [
            (Company, A_COMPANY, "id"),
            (Connection, A_CONNECTION, "id"),
            (Connection, A_CONNECTION, "status"),
            (PullOperation, A_PULL_OPERATION, "status"),
        ],
    )
    @pytest.mark.parametrize("value", [None, "", [], {}, True])
    def test_what_identifies_a_thing_must_be_there(self, kind, json_, missing, value):
        with pytest.raises(fields.ShapeError, match=missing):
            kind.from_json(json_ | {missing: value})

    def test_texts_can_always_be_stored(self):
        company = Company.from_json({"id": "c1", "name": "a\0b\ud800", "tags": {"k\0": "v\0"}})
        assert company.name == "ab?"
        assert company.tags == {"k": "v"}

    @pytest.mark.parametrize(
        ("value", "number"),
        [
            (40, 40),
            (40.9, 40),
            (Decimal("1e9"), 10**9),
            ("40", None),
            (None, None),
            (True, None),
            (float("nan"), None),
            (float("inf"), None),
            (Decimal("1e400"), None),
            (10**400, None),
        ],
    )
    def test_numbers(self, value, number):
        assert fields.whole_number({"n": value}, "n") == number


class TestReadings:
    def test_a_connection_with_its_errors(self):
        failed = {
            "statusCode": "403",
            "statusText": "Forbidden for Jane Miller",
            "errorMessage": "User cancelled",
            "erroredOnUtc": "2026-09-01T12:00:00Z",
            "status": None,
        }
        connection = Connection.from_json(A_CONNECTION | {"dataConnectionErrors": [failed]})
        assert connection.integration_key == "qhyg"
        assert connection.created == datetime(2026, 9, 1, 9, 30, 0, 123456, tzinfo=UTC)
        (error,) = connection.errors
        assert (error.status_code, error.status, error.errored_on) == ("403", "", NOON)
        assert "Miller" not in repr(connection)
        again = json.loads(json.dumps(error.to_json()))
        assert type(error).from_json(again) == error

    @pytest.mark.parametrize(
        ("given", "texts"),
        [
            ({"error": "Wrong file open"}, (("error", "Wrong file open"),)),
            (
                {"a": {"b": ["one", {"c": " two\0 "}], "d": 7}, "e": "", "f": None},
                (("a.b", "one"), ("a.b.c", "two")),
            ),
            ({}, ()),
            (None, ()),
            ("Wrong file open", ()),
            ([{"error": "x"}], ()),
        ],
    )
    def test_what_a_connector_complains_of(self, given, texts):
        connection = Connection.from_json(A_CONNECTION | {"connectionInfo": given})
        assert connection.troubles == texts
        assert "Wrong" not in repr(connection)

    def test_a_data_type_never_asked_for_has_no_status(self):
        status = DatasetStatus.from_json({"dataType": "invoices"})
        assert (status.current_status, status.last_successful_sync) == ("", None)

    @pytest.mark.parametrize(
        ("changed", "is_finished"),
        [
            ({}, False),
            ({"isCompleted": True, "status": "Complete"}, True),
            ({"isErrored": True, "status": "FetchError"}, True),
            ({"status": "NotSupported"}, True),
            ({"status": "Cancelled"}, True),
            ({"status": "Queued"}, False),
        ],
    )
    def test_when_a_read_is_finished(self, changed, is_finished):
        assert PullOperation.from_json(A_PULL_OPERATION | changed).is_finished is is_finished

    @pytest.mark.parametrize(
        ("name", "legal", "shown"),
        [("Bakery", "Bakery Ltd", "Bakery"), (None, "Bakery Ltd", "Bakery Ltd"), (None, None, "")],
    )
    def test_the_name_to_show(self, name, legal, shown):
        info = CompanyInfo.from_json({"companyName": name, "companyLegalName": legal})
        assert info.display_name == shown

    def test_company_info_keeps_the_business_out_of_its_repr(self):
        info = CompanyInfo.from_json(
            {
                "companyName": "Miller",
                "accountingPlatformRef": "ref-1",
                "taxNumber": "tax-1",
                "addresses": [{"type": "Billing", "line1": "1 Quay", "city": "Leith"}],
            }
        )
        assert info.platform_ref == "ref-1"
        assert info.addresses[0].city == "Leith"
        for private in ("Miller", "ref-1", "tax-1", "Quay", "Leith"):
            assert private not in repr(info)

    @pytest.mark.parametrize(
        ("state", "can_read"),
        [("Release", True), ("Beta", True), ("NotSupported", False), ("NotImplemented", False)],
    )
    def test_what_an_integration_can_read(self, state, can_read):
        features = [
            {
                "dataType": "company",
                "supportedFeatures": [{"featureType": "Get", "featureState": state}],
            }
        ]
        integration = Integration.from_json({"key": "gbol", "datatypeFeatures": features})
        assert integration.can_read("company") is can_read
        assert integration.can_read("invoices") is False

    def test_a_sync_setting_is_written_as_it_was_read(self):
        written = {
            "dataType": "balanceSheet",
            "fetchOnFirstLink": True,
            "syncSchedule": 24,
            "syncOrder": 3,
            "syncFromUtc": "2026-09-01T12:00:00Z",
            "monthsToSync": 24,
            "isLocked": False,
        }
        assert SyncSetting.from_json(written).to_json() == written


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("Smith (Holdings) Ltd", "Smith Holdings Ltd"),
        ("Dotty's Café & Sons, No. 1!?", "Dotty's Caf & Sons, No. 1!?"),
        ("a@b-c", "a@b-c"),
        ("  Bakery\n", "Bakery"),
        ("Ⅷ", ""),
        ("", ""),
    ],
)
def test_the_name_that_codat_will_show(name, left):
    assert allowed_name(name) == left
    assert allowed_name(left) == left
