"""Which deliveries are believed, and what is read from them."""

import base64
import hashlib
import hmac
import json
import time
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding.codat import MalformedEventError, SignatureError, parse_event, verify_signature

SECRET = "whsec_bGluay1qb3VybmV5LWRlbW8tc2VjcmV0"
OTHER = "whsec_" + base64.b64encode(b"another secret").decode()
BODY = b'{"id":"6f1f1c5e-0d2b-4a5e-9a53-0b6d3d0a7c11","eventType":"connection.connected"}'
SENT = 1767225600
HEADERS = {
    "webhook-id": "msg_demo0001",
    "webhook-timestamp": str(SENT),
    "webhook-signature": "v1,oSFKERGN5d2Gkyblm5Vfq2Nk2uCvsNbtN4lKAx15ukU=",
}


def sign(body: bytes, secret: str = SECRET, webhook_id: str = "msg_1", at: int = SENT) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{webhook_id}.{at}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def verify(body: bytes = BODY, secrets=(SECRET,), now: float = SENT, **headers: str | None) -> str:
    changed = {name.replace("_", "-"): value for name, value in headers.items()}
    sent = {name: value for name, value in (HEADERS | changed).items() if value is not None}
    return verify_signature(body, sent, secrets, now=now)


class TestSignature:
    def test_the_documented_recipe_is_believed(self):
        assert verify() == "msg_demo0001"

    @pytest.mark.parametrize("write", [str.upper, str.title])
    def test_header_names_in_any_case(self, write):
        headers = {write(name): value for name, value in HEADERS.items()}
        assert verify_signature(BODY, headers, [SECRET], now=SENT) == "msg_demo0001"

    def test_by_default_the_clock_decides(self):
        now = int(time.time())
        headers = {
            "webhook-id": "msg_1",
            "webhook-timestamp": str(now),
            "webhook-signature": sign(BODY, at=now),
        }
        assert verify_signature(BODY, headers, [SECRET]) == "msg_1"
        with pytest.raises(SignatureError):
            verify_signature(BODY, HEADERS, [SECRET])

    @pytest.mark.parametrize("secrets", [[OTHER, SECRET], [SECRET, OTHER]])
    def test_any_of_several_secrets(self, secrets):
        assert verify(secrets=secrets) == "msg_demo0001"

    @pytest.mark.parametrize(
        "around",
        [
            "v1,AAAA {}",
            "{} v1,AAAA",
            "v2,{} {}",
            "nocomma {}",
            "v1,a,b {}",
            ",, {}",
            "v1,é {}",
            "  {}  ",
        ],
    )
    def test_a_right_signature_among_others_however_malformed(self, around):
        right = HEADERS["webhook-signature"]
        assert verify(webhook_signature=around.format(right, right)) == "msg_demo0001"

    @pytest.mark.parametrize("seconds", [-300, -299, 0, 299, 300])
    def test_within_five_minutes_either_way(self, seconds):
        assert verify(now=SENT + seconds)

    @pytest.mark.parametrize("seconds", [-301, 301, 10**6])
    def test_too_old_or_too_new(self, seconds):
        with pytest.raises(SignatureError, match="far from now"):
            verify(now=SENT + seconds)

    def test_the_tolerance_can_be_set(self):
        assert verify_signature(BODY, HEADERS, [SECRET], now=SENT + 900, tolerance=900)
        with pytest.raises(SignatureError):
            verify_signature(BODY, HEADERS, [SECRET], now=SENT + 2, tolerance=1)

    @pytest.mark.parametrize("name", ["webhook_id", "webhook_timestamp", "webhook_signature"])
    @pytest.mark.parametrize("value", [None, ""])
    def test_a_missing_header(self, name, value):
        with pytest.raises(SignatureError, match="missing"):
            verify(**{name: value})

    @pytest.mark.parametrize(
        "stamp", ["soon", "-1", "1767225600.0", "nan", "inf", "1e9", "١٧٦٧٢٢٥٦٠٠", "9" * 40, " 1"]
    )
    def test_a_timestamp_that_is_no_whole_number(self, stamp):
        with pytest.raises(SignatureError):
            verify(webhook_timestamp=stamp)

    @pytest.mark.parametrize(
        "signature",
        [
            "nocomma",
            "v1,",
            ",",
            " ",
            "v1,====",
            "v1,oSFKERGN5d2Gkyblm5Vfq2Nk2uCvsNbtN4lKAx15ukU",
            "v1a,oSFKERGN5d2Gkyblm5Vfq2Nk2uCvsNbtN4lKAx15ukU=",
            "v2,oSFKERGN5d2Gkyblm5Vfq2Nk2uCvsNbtN4lKAx15ukU=",
            "V1,oSFKERGN5d2Gkyblm5Vfq2Nk2uCvsNbtN4lKAx15ukU=",
            "v1,\ud800",
        ],
    )
    def test_a_signature_that_is_none(self, signature):
        with pytest.raises(SignatureError):
            verify(webhook_signature=signature)

    @pytest.mark.parametrize(
        "changed",
        [
            {"body": BODY + b" "},
            {"body": b""},
            {"body": json.dumps(json.loads(BODY)).encode()},
            {"webhook_id": "msg_demo0002"},
            {"webhook_timestamp": str(SENT + 1)},
            {"secrets": [OTHER]},
        ],
    )
    def test_anything_changed_after_signing(self, changed):
        with pytest.raises(SignatureError, match="no signature matches"):
            verify(**changed)

    def test_without_any_secret_nothing_is_believed(self):
        with pytest.raises(SignatureError):
            verify(secrets=[])

    @pytest.mark.parametrize("secret", ["", "whsec_", "whsec_é", "whsec_a"])
    def test_an_unusable_secret_is_never_quoted_and_proves_nothing(self, secret):
        with pytest.raises(SignatureError) as caught:
            verify(secrets=[secret])
        assert secret == "" or secret not in str(caught.value)

    def test_an_empty_secret_cannot_be_signed_with(self):
        forged = (
            "v1,"
            + base64.b64encode(
                hmac.digest(b"", f"msg_demo0001.{SENT}.".encode() + BODY, hashlib.sha256)
            ).decode()
        )
        for secret in ("", "whsec_"):
            with pytest.raises(SignatureError):
                verify(secrets=[secret], webhook_signature=forged)

    def test_an_unusable_secret_does_not_disable_its_neighbour(self):
        assert verify(secrets=["whsec_a", SECRET]) == "msg_demo0001"

    def test_a_body_that_is_not_utf_8(self):
        body = b"\xff\xfe"
        with pytest.raises(SignatureError):
            verify(body=body, webhook_id="msg_1", webhook_signature=sign(body))

    def test_a_genuine_body_that_is_no_event_is_told_apart(self):
        body = b"not json"
        assert verify(body=body, webhook_id="msg_1", webhook_signature=sign(body)) == "msg_1"
        with pytest.raises(MalformedEventError):
            parse_event(body)

    @given(
        body=st.binary(max_size=50),
        headers=st.dictionaries(st.sampled_from(sorted(HEADERS)), st.text(max_size=60)),
    )
    def test_no_headers_and_body_raise_anything_else(self, body, headers):
        with pytest.raises(SignatureError):
            verify_signature(body, headers, [SECRET], now=SENT)


COMPANY = {
    "id": "c1",
    "name": "Harbour Bakes Ltd",
    "links": {"portal": "https://app.codat.io"},
    "tags": {"uid": "cust-42"},
}


def event(event_type: str = "connection.connected", **payload: object) -> bytes:
    return json.dumps(
        {
            "id": "e1",
            "eventType": event_type,
            "generatedDate": "2026-10-02T08:15:30.5317064Z",
            "payload": payload,
        }
    ).encode()


class TestEvent:
    def test_of_a_connection(self):
        read = parse_event(event(referenceCompany=COMPANY, connection={"id": "x1", "status": "…"}))
        assert (read.id, read.event_type) == ("e1", "connection.connected")
        assert read.generated_date == datetime(2026, 10, 2, 8, 15, 30, 531706, tzinfo=UTC)
        assert (read.company_id, read.connection_id, read.connection_ids) == ("c1", "x1", ("x1",))
        assert read.payload["connection"]["status"] == "…"

    @pytest.mark.parametrize("event_type", ["read.completed", "read.completed.initial"])
    def test_of_a_read_through_several_connections(self, event_type):
        reads = [{"connectionId": each, "dataType": "company"} for each in ("x1", "x2", "x1")]
        read = parse_event(event(event_type, referenceCompany=COMPANY, dataTypes=reads))
        assert read.company_id == "c1"
        assert read.connection_id == ""
        assert read.connection_ids == ("x1", "x2")

    def test_of_a_read_through_one_connection(self):
        reads = [{"connectionId": "x1", "dataType": each} for each in ("company", "invoices")]
        assert parse_event(event("read.completed", dataTypes=reads)).connection_id == "x1"

    @pytest.mark.parametrize("event_type", ["company.created", "company.product.added"])
    def test_of_a_company_itself(self, event_type):
        read = parse_event(event(event_type, id="c1", name="Harbour Bakes Ltd"))
        assert (read.company_id, read.connection_ids) == ("c1", ())

    def test_of_a_write_whose_id_is_not_a_company(self):
        read = parse_event(event("invoices.write.successful", id="w1", connectionId="x1"))
        assert (read.company_id, read.connection_id) == ("", "x1")

    @pytest.mark.parametrize("event_type", ["client.rateLimit.reached", "something.new"])
    def test_of_a_type_without_company_or_never_met(self, event_type):
        read = parse_event(event(event_type, dailyQuota=1000))
        assert (read.event_type, read.company_id, read.connection_ids) == (event_type, "", ())

    @pytest.mark.parametrize("moment", [None, 7, "2026-10-02T08:15:99Z", "yesterday", {}])
    def test_with_a_nonsense_time(self, moment):
        body = json.dumps({"id": "e1", "eventType": "x", "generatedDate": moment}).encode()
        assert parse_event(body).generated_date is None

    @pytest.mark.parametrize(
        "payload",
        [
            None,
            [],
            "text",
            {"referenceCompany": [], "connection": "x", "dataTypes": {"connectionId": "x"}},
            {"referenceCompany": {"id": None}, "dataTypes": [None, 1, {"connectionId": None}]},
        ],
    )
    def test_with_a_payload_of_any_shape(self, payload):
        body = json.dumps({"eventType": "connection.connected", "payload": payload}).encode()
        read = parse_event(body)
        assert (read.id, read.company_id, read.connection_ids) == ("", "", ())

    def test_ids_can_always_be_stored(self):
        body = b'{"id":"e\\u0000\\ud8001","eventType":"x"}'
        assert parse_event(body).id == "e?1"

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"not json",
            b"\xff\xfe",
            b"[]",
            b"null",
            b'"text"',
            b"{}",
            b'{"eventType": null}',
            b'{"eventType": 7}',
            b'{"eventType": ""}',
            b'{"eventType": "a\\u0000b"}',
            b'{"eventType": "a\\nb"}',
            b'{"eventType": "\\ud800"}',
            b"[" * 100_000,
            b'{"eventType": "x", "n": ' + b"1" * 5000 + b"}",
        ],
    )
    def test_a_body_that_is_none_is_malformed(self, body):
        with pytest.raises(MalformedEventError):
            parse_event(body)

    def test_neither_repr_nor_error_quotes_the_payload(self):
        assert "Harbour" not in repr(parse_event(event(referenceCompany=COMPANY)))
        with pytest.raises(MalformedEventError) as caught:
            parse_event(b'{"payload": "Harbour Bakes"}')
        assert "Harbour" not in str(caught.value)

    json_values = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=10,
    )

    @given(
        st.fixed_dictionaries(
            {"eventType": st.just("x")},
            optional={
                "id": json_values,
                "generatedDate": json_values,
                "payload": st.dictionaries(
                    st.sampled_from(
                        ["referenceCompany", "connection", "connectionId", "dataTypes"]
                    ),
                    json_values,
                ),
            },
        )
    )
    def test_any_json_of_the_known_names_is_read(self, data):
        read = parse_event(json.dumps(data).encode())
        for each in (read.id, read.company_id, read.connection_id, *read.connection_ids):
            assert "\0" not in each
            each.encode()

    @given(st.binary(max_size=200) | json_values.map(json.dumps).map(str.encode))
    def test_any_bytes_are_an_event_or_malformed(self, body):
        with suppress(MalformedEventError):
            assert parse_event(body).event_type

    @given(st.data())
    def test_an_event_damaged_anywhere_is_an_event_or_malformed(self, data):
        whole = event(referenceCompany=COMPANY, connection={"id": "x1"}, dataTypes=[{}])
        first, last = sorted(data.draw(st.tuples(*[st.integers(0, len(whole))] * 2)))
        body = whole[:first] + data.draw(st.binary(max_size=4)) + whole[last:]
        with suppress(MalformedEventError):
            assert parse_event(body).event_type

    ids = st.uuids().map(str)

    @given(
        event_id=ids,
        event_type=st.sampled_from(["connection.connected", "read.completed", "new.kind"]),
        company=ids,
        connections=st.lists(ids, max_size=4),
        data_types=st.lists(st.sampled_from(["company", "invoices", "brand-new"]), max_size=4),
        seconds=st.integers(0, 2**32),
        unknown=json_values,
    )
    def test_what_a_well_formed_event_says_is_all_read(
        self, *, event_id, event_type, company, connections, data_types, seconds, unknown
    ):
        generated = datetime.fromtimestamp(seconds, UTC)
        entries = [{"connectionId": each, "anything": unknown} for each in connections]
        entries += [{"dataType": each} for each in data_types]
        payload = {"referenceCompany": {"id": company}, "dataTypes": entries, "anything": unknown}
        body = {
            "id": event_id,
            "eventType": event_type,
            "generatedDate": generated.isoformat(),
            "payload": payload,
            "anything": unknown,
        }
        read = parse_event(json.dumps(body).encode())
        told = (read.id, read.event_type, read.company_id, read.generated_date)
        assert told == (event_id, event_type, company, generated)
        assert read.connection_ids == tuple(dict.fromkeys(connections))
        assert read.connection_id == (connections[0] if len(set(connections)) == 1 else "")
        assert read.data_types == tuple(dict.fromkeys(data_types))
