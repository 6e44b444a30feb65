"""Webhooks: what is sent, how it is signed, how delivery is repeated."""

import json
from datetime import UTC, datetime

from standardwebhooks import Webhook

from onboarding.simulator.app import Simulator
from onboarding.simulator.webhook_sender import signature

from .conftest import SECRET, Codat, Portal, eventually


def test_the_signature_vector_passes() -> None:
    body = b'{"id":"6f1f1c5e-0d2b-4a5e-9a53-0b6d3d0a7c11","eventType":"connection.connected"}'
    assert (
        signature("whsec_bGluay1qb3VybmV5LWRlbW8tc2VjcmV0", "msg_demo0001", 1767225600, body)
        == "v1,oSFKERGN5d2Gkyblm5Vfq2Nk2uCvsNbtN4lKAx15ukU="
    )


def test_an_independent_library_accepts_what_is_sent(codat: Codat, portal: Portal) -> None:
    codat.company("Signed")
    headers, body = eventually(lambda: portal.heard and portal.heard[-1])
    assert Webhook(SECRET).verify(body, headers)


def test_a_journey_is_told_in_events(codat: Codat, portal: Portal) -> None:
    company = codat.company("Told", tags={"uid": "cust-42"})
    connection = codat.connection(company)
    codat.act(connection["id"], "authorize")
    codat.act(connection["id"], "deauthorize")
    codat.act(connection["id"], "authorize")
    wanted = [
        "company.created",
        "connection.created",
        "connection.connected",
        "connection.disconnected",
        "connection.reconnected",
    ]
    eventually(lambda: all(event_type in portal.types() for event_type in wanted))
    lost = portal.events("connection.disconnected")[0]["payload"]
    assert lost["connection"]["status"] == "Deauthorized"
    assert "otp" not in lost["connection"]["linkUrl"]
    assert lost["referenceCompany"]["tags"] == {"uid": "cust-42"}
    created = [e["payload"] for e in portal.events("company.created")]
    assert company["id"] in [payload["id"] for payload in created]
    assert all("dataConnections" not in payload for payload in created)


def test_a_failed_attempt_names_the_cause(codat: Codat, portal: Portal) -> None:
    codat.act(codat.connection(codat.company())["id"], "cancel")
    failed = eventually(lambda: portal.events("connection.failed"))[0]["payload"]["connection"]
    assert failed["status"] == "PendingAuth"
    assert failed["dataConnectionErrors"][0]["statusCode"] == "403"
    assert failed["dataConnectionErrors"][0]["errorMessage"] == "User cancelled"


def test_the_end_of_the_first_fetch_is_told_once(codat: Codat, portal: Portal) -> None:
    company_id, _ = codat.linked()

    def initial() -> list[dict]:
        events = portal.events("read.completed.initial")
        return [e for e in events if e["payload"]["referenceCompany"]["id"] == company_id]

    first = eventually(initial)[0]
    assert len(first["payload"]["dataTypes"]) == 8
    codat.call("POST", f"/companies/{company_id}/data/all")
    eventually(lambda: codat.read_done(company_id))
    assert len(initial()) == 1


def test_a_used_up_allowance_and_its_reset_at_midnight_are_told(
    codat: Codat, portal: Portal
) -> None:
    codat.control("/settings", {"daily_quota": 1})
    codat.control("/midnight")
    assert codat.call("GET", "/profile").status_code == 200
    assert codat.call("GET", "/profile").status_code == 429
    (reached,) = eventually(lambda: portal.events("client.rateLimit.reached"))
    assert reached["payload"]["quotaRemaining"] == 0
    codat.control("/midnight")
    (reset,) = eventually(lambda: portal.events("client.rateLimit.reset"))
    assert reset["payload"]["dailyQuota"] == reset["payload"]["quotaRemaining"] == 1
    assert datetime.fromisoformat(reset["payload"]["expiryDate"]) > datetime.now(UTC)
    assert codat.call("GET", "/profile").status_code == 200
    codat.control("/midnight")
    assert len(portal.events("client.rateLimit.reset")) == 1


def test_a_refused_delivery_is_repeated_on_codats_schedule(
    codat: Codat, portal: Portal, simulator: Simulator
) -> None:
    portal.answers_with = 500
    company = codat.company("Repeated")

    def of_this_company() -> list[tuple[dict[str, str], bytes]]:
        return [
            (headers, body)
            for headers, body in list(portal.heard)
            if json.loads(body)["payload"].get("id") == company["id"]
        ]

    eventually(lambda: len(of_this_company()) == 1)
    for attempt, seconds in enumerate((5, 300, 1800, 7200, 18000, 36000, 36000), start=2):
        codat.control("/clock", {"advance_seconds": seconds + 1})
        eventually(lambda wanted=attempt: len(of_this_company()) == wanted)
    assert len({headers["webhook-id"] for headers, _ in of_this_company()}) == 1
    assert len({body for _, body in of_this_company()}) == 1
    eventually(lambda: outcome(codat, company["id"]) == "failed")


def outcome(codat: Codat, company_id: str) -> str:
    webhooks = codat.control("/state", method="GET")["webhooks"]
    return next(w["outcome"] for w in webhooks if w["company_id"] == company_id)


def test_dropped_deliveries_never_arrive(codat: Codat, portal: Portal) -> None:
    eventually(lambda: "read.completed.initial" in portal.types())
    codat.control("/webhooks", {"drop": 1.0})
    company = codat.company("Dropped")
    eventually(lambda: outcome(codat, company["id"]) == "dropped")
    assert company["id"] not in str(portal.heard)


def test_doubled_deliveries_share_their_id(codat: Codat, portal: Portal) -> None:
    codat.control("/webhooks", {"duplicate": 1.0})
    company = codat.company("Doubled")

    def ids() -> list[str]:
        return [h["webhook-id"] for h, body in list(portal.heard) if company["id"] in str(body)]

    eventually(lambda: len(ids()) == 2)
    assert len(set(ids())) == 1


def test_late_deliveries_wait_for_the_simulators_clock(codat: Codat, portal: Portal) -> None:
    codat.control("/webhooks", {"delay_seconds": [600, 600]})
    company = codat.company("Late")
    assert outcome(codat, company["id"]) == "pending"
    codat.control("/clock", {"advance_seconds": 601})
    eventually(lambda: company["id"] in str(portal.heard))


def test_shuffled_deliveries_all_arrive(codat: Codat, portal: Portal) -> None:
    codat.control("/webhooks", {"shuffle": True})
    ids = {codat.company(f"Shuffled {number}")["id"] for number in range(5)}
    codat.control("/clock", {"advance_seconds": 10})

    def heard() -> set[str]:
        return {event["payload"]["id"] for event in portal.events("company.created")}

    eventually(lambda: ids <= heard())


def test_a_consumer_that_fails_for_days_is_disabled_until_enabled(
    codat: Codat, portal: Portal
) -> None:
    (consumer,) = codat.get("/webhooks")["results"]
    portal.answers_with = 503
    first = codat.company("First")
    eventually(lambda: first["id"] in str(portal.heard))
    codat.control("/clock", {"advance_seconds": 6 * 86400})
    eventually(lambda: codat.get("/webhooks")["results"][0]["disabled"])
    portal.answers_with = 200
    codat.company("Unheard")
    codat.control(f"/consumers/{consumer['id']}", {"disabled": False})
    last = codat.company("Heard")
    eventually(lambda: last["id"] in str(portal.heard))
    assert "Unheard" not in str(portal.heard)


def test_a_consumers_pending_repeats_end_with_it(codat: Codat, portal: Portal) -> None:
    (consumer,) = codat.get("/webhooks")["results"]
    portal.answers_with = 500
    company = codat.company("Waiting")
    eventually(lambda: company["id"] in str(portal.heard))
    codat.call("DELETE", f"/webhooks/{consumer['id']}")
    eventually(lambda: outcome(codat, company["id"]) == "consumer deleted")


def test_a_consumer_at_an_impossible_address_stops_nobody(codat: Codat, portal: Portal) -> None:
    for address in ("http://xn--a/", "http://a..b/", "http://127.0.0.1:99999/"):
        body = {"url": address, "eventTypes": ["company.created"]}
        codat.call("POST", "/webhooks", json=body)
    ids = [codat.company(f"Sent {number}")["id"] for number in range(10)]
    eventually(lambda: all(company_id in str(portal.heard) for company_id in ids))
