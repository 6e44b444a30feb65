"""Codat's door: what is let in, what it leaves behind, and what is turned away."""

import base64
import hashlib
import hmac
import json
import threading
import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import hypothesis
import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from hypothesis import strategies as st

from onboarding.codat import RateLimitError
from onboarding.linking import codat_client, shared_redis
from onboarding.linking.models import Lane, WebhookEvent
from onboarding.linking.shared_quota import SharedQuota
from tests import factories
from tests.conftest import free_port
from tests.simulated import API_KEY, WEBHOOK_SECRET, Simulated, eventually

pytestmark = pytest.mark.django_db(transaction=True)

URL = "/webhooks/codat"


@pytest.fixture(autouse=True)
def secret(settings, real_redis, redis_url):
    settings.CODAT_WEBHOOK_SECRETS = [WEBHOOK_SECRET]


@pytest.fixture
def company():
    company = factories.make_company(codat_id="11111111-aaaa-4aaa-8aaa-111111111111")
    Lane.objects.update(hinted=False, due_at=None)
    return company


def event(company=None, event_type="connection.connected", **more):
    payload = {"referenceCompany": {"id": company.codat_id}} if company else {}
    return {"id": "e-1", "eventType": event_type, "payload": payload, **more}


def signature(body, webhook_id="msg_1", seconds=None, secret=WEBHOOK_SECRET):
    """By hand from the published recipe, so that it does not repeat the portal's own reading."""
    seconds = int(time.time()) if seconds is None else seconds
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.new(key, f"{webhook_id}.{seconds}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }


def deliver(content, headers=None, **signing):
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    headers = signature(body, **signing) if headers is None else headers
    return post(body, headers)


def post(body, headers, **environment):
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    return client.generic(
        "POST", URL, body, content_type="application/json", headers=headers, **environment
    )


def nothing_happened():
    return not WebhookEvent.objects.exists() and not Lane.objects.filter(hinted=True).exists()


def test_the_address_is_the_one_that_codat_is_told():
    assert reverse("webhooks:codat") == URL


def test_a_genuine_event_is_stored_and_hints(company):
    body = event(company, generatedDate="2026-09-01T09:30:00Z")
    body["payload"]["connection"] = {"id": "c-1"}

    assert deliver(body).status_code == 200

    stored = WebhookEvent.objects.get()
    assert (stored.webhook_id, stored.event_id, stored.type) == (
        *("msg_1", "e-1"),
        "connection.connected",
    )
    assert (stored.company_codat_id, stored.connection_codat_id) == (company.codat_id, "c-1")
    assert stored.generated_at.isoformat() == "2026-09-01T09:30:00+00:00"
    assert Lane.objects.due().filter(company=company, hinted=True).exists()


def test_an_event_changes_nothing_but_when_we_look(company):
    factories.make_connection(company, codat_id="c-1")
    before = list(company.connections.values())
    body = event(company)
    body["payload"]["connection"] = {"id": "c-1", "status": "Linked"}

    deliver(body)

    assert list(company.connections.values()) == before


def test_the_body_is_not_kept(company):
    deliver(event(company, secretThing="Brook's turnover"))

    assert "turnover" not in str(WebhookEvent.objects.values())


def test_a_second_delivery_of_an_event_changes_nothing(company):
    later = int(time.time()) + 5
    assert deliver(event(company)).status_code == 200
    assert deliver(event(company), seconds=later).status_code == 200

    assert WebhookEvent.objects.count() == 1


@pytest.mark.parametrize("event_type", ["company.dreamt", "x" * 500, "read.completed"])
def test_a_type_nobody_knows_is_taken_and_is_a_hint(company, event_type):
    assert deliver(event(company, event_type)).status_code == 200

    assert WebhookEvent.objects.get().type == event_type[:64]
    assert Lane.objects.get().hinted


def test_a_company_nobody_knows_is_taken_and_hints_nobody(company):
    body = event()
    body["payload"] = {"referenceCompany": {"id": "22222222-bbbb-4bbb-8bbb-222222222222"}}

    assert deliver(body).status_code == 200

    assert WebhookEvent.objects.count() == 1
    assert not Lane.objects.filter(hinted=True).exists()


def test_an_event_of_no_company_hints_none_that_is_not_at_codat_yet():
    factories.make_company()

    assert deliver(event(event_type="client.rateLimit.reached")).status_code == 200

    assert not Lane.objects.filter(hinted=True).exists()


# ── the allowance of the whole account ───────────────────────────────────────────────────────────
class Letterbox:
    """An address that keeps what is delivered, until the test hands it to the door itself."""

    def __init__(self):
        letters = self.letters = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                length = int(self.headers["Content-Length"])
                letters.append((dict(self.headers.items()), self.rfile.read(length)))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def hand_over(self, event_type):
        wanted = f'"eventType": "{event_type}"'.encode()
        headers, body = eventually(
            lambda: next((letter for letter in list(self.letters) if wanted in letter[1]), None)
        )
        proof = {name: value for name, value in headers.items() if name.startswith("webhook-")}
        return post(body, proof)


@pytest.fixture
def letterbox():
    box = Letterbox()
    yield box
    box.server.shutdown()
    box.server.server_close()


@pytest.fixture
def codat(tmp_path, letterbox, settings):
    simulated = Simulated(tmp_path, portal=f"http://127.0.0.1:{letterbox.server.server_port}")
    settings.CODAT_BASE_URL, settings.CODAT_API_KEY = simulated.url, API_KEY
    factories_of_clients = codat_client.for_web, codat_client.for_worker
    for factory in factories_of_clients:
        factory.cache_clear()
    yield simulated
    for factory in factories_of_clients:
        factory.cache_clear()
    simulated.stop()


def test_a_reset_that_codat_sends_lets_everybody_call_again(codat, letterbox):
    codat.settings(daily_quota=1)
    codat.control("POST", "/midnight")
    codat_client.for_web().get_profile()
    shared_redis.shared_redis().delete("linking:quota:remaining")  # another process used it up
    with pytest.raises(RateLimitError):
        codat_client.for_web().get_profile()
    assert letterbox.hand_over("client.rateLimit.reached").status_code == 200
    with pytest.raises(RateLimitError, match="waiting as Codat asked"):
        codat_client.for_web().get_profile()
    assert codat.calls()["operations"]["get-profile"] == 2, "the third was not even sent"

    codat.settings(daily_quota=1000)
    codat.control("POST", "/midnight")
    assert letterbox.hand_over("client.rateLimit.reset").status_code == 200

    codat_client.for_web().get_profile()
    codat_client.for_worker().get_profile()


def test_a_used_up_allowance_is_told_to_staff_and_holds_nobody_back_by_itself(caplog):
    """Such an event may come a day late; what holds back are the answers themselves."""
    assert deliver(event(event_type="client.rateLimit.reached")).status_code == 200

    assert "allowance_used_up" in caplog.text
    SharedQuota(for_customer=False).acquire("get-company")


def test_a_reset_is_taken_while_redis_is_away(settings):
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    shared_redis.shared_redis.cache_clear()

    assert deliver(event(event_type="client.rateLimit.reset")).status_code == 200

    assert WebhookEvent.objects.get().type == "client.rateLimit.reset"
    shared_redis.shared_redis.cache_clear()


any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


# ── turned away ──────────────────────────────────────────────────────────────────────────────────
BODY = json.dumps(event()).encode()


def without(name):
    return {key: value for key, value in signature(BODY).items() if key != name}


UNPROVEN = {
    "unsigned": {},
    "no id": without("webhook-id"),
    "no time": without("webhook-timestamp"),
    "no signature": without("webhook-signature"),
    "another secret": signature(BODY, secret="whsec_" + base64.b64encode(b"other").decode()),
    "another body": signature(BODY + b" "),
    "another id": signature(BODY) | {"webhook-id": "msg_2"},
    "old": signature(BODY, seconds=int(time.time()) - 3600),
    "from the future": signature(BODY, seconds=int(time.time()) + 3600),
    "no number of seconds": signature(BODY) | {"webhook-timestamp": "today"},
    "nonsense": signature(BODY) | {"webhook-signature": "v1,é v1 ,, v9,abc"},
    "unknown version": {
        **signature(BODY),
        "webhook-signature": signature(BODY)["webhook-signature"].replace("v1,", "v2,"),
    },
}


@pytest.mark.parametrize("headers", UNPROVEN.values(), ids=UNPROVEN)
def test_what_is_not_proven_to_be_codats_is_turned_away(company, headers):
    assert post(BODY, headers).status_code == 401
    assert nothing_happened()


def test_any_of_several_signatures_and_secrets_will_do(company, settings):
    settings.CODAT_WEBHOOK_SECRETS = ["whsec_bmV3", "unusable", WEBHOOK_SECRET]
    headers = signature(BODY)
    headers["webhook-signature"] = f"v1,AAAA {headers['webhook-signature']}"

    assert post(BODY, headers).status_code == 200


@pytest.mark.parametrize(
    "body",
    [b"", b"not JSON", b"[]", b"null", b"{}", b'{"eventType": 7}', b"[" * 50_000],
    ids=["empty", "not JSON", "list", "null", "no type", "odd type", "deep"],
)
def test_what_is_signed_and_no_event_is_malformed(company, body):
    assert deliver(body).status_code == 400
    assert nothing_happened()


@hypothesis.settings(deadline=None, max_examples=60, derandomize=True)
@hypothesis.given(
    body=st.binary(max_size=60)
    | st.fixed_dictionaries(
        {"eventType": any_json | st.just("connection.connected")},
        optional={"id": any_json, "generatedDate": any_json, "payload": any_json},
    ).map(lambda event: json.dumps(event).encode())
)
def test_whatever_is_signed_is_taken_or_turned_away(body):
    assert deliver(body).status_code in (200, 400, 401)


def test_what_is_signed_and_not_utf_8_is_turned_away(company):
    assert deliver(b'{"eventType": "\xff"}').status_code in (400, 401)
    assert nothing_happened()


def test_what_is_too_large_is_refused_before_it_is_read(company, settings):
    body = json.dumps(event(company, padding="x" * settings.WEBHOOK_MAX_BYTES)).encode()

    assert deliver(body).status_code == 413
    assert nothing_happened()


@pytest.mark.parametrize(
    ("length", "status"),
    [("", 401), ("0", 401), ("10", 401), ("-1", 400), ("many", 400), ("9" * 12, 413), ("²", 400)],
)
def test_a_length_that_lies_lets_nothing_in(company, length, status):
    assert post(BODY, signature(BODY), CONTENT_LENGTH=length).status_code == status
    assert nothing_happened()


def test_without_a_secret_nothing_is_ever_accepted(company, settings):
    settings.CODAT_WEBHOOK_SECRETS = []

    assert deliver(event(company)).status_code == 503
    assert nothing_happened()


@pytest.mark.parametrize("method", ["get", "put", "delete", "head"])
def test_only_post_is_answered(method, client):
    assert getattr(client, method)(URL).status_code == 405


def test_an_answer_tells_nothing_of_ours(company):
    for response in (deliver(event(company)), post(BODY, {})):
        assert response["Content-Type"].startswith("text/plain")
        assert len(response.content) < 40


# ── together or not at all ───────────────────────────────────────────────────────────────────────
def refuse_lane_updates(execute, sql, params, many, context):
    if sql.startswith("UPDATE") and "linking_lane" in sql:
        raise RuntimeError("the database went away")
    return execute(sql, params, many, context)


def test_an_event_whose_hint_fails_is_not_stored_so_that_codat_sends_it_again(company):
    with connection.execute_wrapper(refuse_lane_updates):
        assert deliver(event(company)).status_code == 500

    assert nothing_happened()
    assert deliver(event(company)).status_code == 200
    assert Lane.objects.get().hinted


def test_a_hint_does_not_touch_a_look_that_is_running(company):
    Lane.objects.filter(company=company).wake()
    token = Lane.objects.claim_for_look(company.lane.pk, lease=timedelta(seconds=60))
    ends = Lane.objects.get().due_at

    deliver(event(company))

    lane = Lane.objects.get()
    assert (lane.claim_token, lane.due_at, lane.hinted) == (token, ends, True)


def test_many_events_of_one_read_do_not_each_bring_a_look(company):
    deliver(event(company, "read.completed"), webhook_id="msg_0")
    Lane.objects.filter(company=company).wake()
    token = Lane.objects.claim_for_look(company.lane.pk, lease=timedelta(seconds=60))
    Lane.objects.finish(company.pk, token, due_at=None, urgent=timedelta(0), other=timedelta(0))

    for n in range(1, 6):
        deliver(event(company, "read.completed"), webhook_id=f"msg_{n}")

    assert WebhookEvent.objects.count() == 6
    assert not Lane.objects.due().exists()
