"""Each fault of the contract, as a caller meets it."""

import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from .conftest import AUTH, Codat, Portal, eventually


def arm(codat: Codat, fault: str, operation: str = "create-company", **more: object) -> None:
    codat.control("/faults", {"match": {"operation": operation}, "fault": fault, **more})


def made(codat: Codat, name: str) -> int:
    state = codat.control("/state", method="GET")
    return sum(company["name"] == name for company in state["companies"])


def test_status_is_answered_once_and_nothing_is_done(codat: Codat) -> None:
    arm(codat, "status:503", retry_after=3)
    refused = codat.call("POST", "/companies", json={"name": "Once"})
    assert refused.status_code == 503
    assert refused.headers["Retry-After"] == "3"
    assert refused.json()["correlationId"]
    assert made(codat, "Once") == 0
    assert codat.call("POST", "/companies", json={"name": "Once"}).status_code == 200


def test_cut_gives_no_answer_and_does_nothing(codat: Codat) -> None:
    arm(codat, "cut")
    with pytest.raises(requests.ConnectionError):
        codat.company("Cut")
    assert made(codat, "Cut") == 0


def test_processed_then_cut_gives_no_answer_but_the_work_is_done(codat: Codat) -> None:
    arm(codat, "processed_then_cut")
    key = {"Idempotency-Key": str(uuid.uuid4())}
    with pytest.raises(requests.ConnectionError):
        codat.call("POST", "/companies", json={"name": "Doubt"}, headers=key)
    assert made(codat, "Doubt") == 1
    assert codat.call("POST", "/companies", json={"name": "Doubt"}, headers=key).ok
    assert made(codat, "Doubt") == 1


def test_timeout_holds_the_request_and_does_nothing(codat: Codat) -> None:
    arm(codat, "timeout")
    with pytest.raises(requests.ReadTimeout):
        requests.post(
            codat.url + "/companies",
            json={"name": "Held"},
            headers=AUTH,
            timeout=0.3,
        )
    assert codat.get("/companies")["totalResults"] == 1, "others are served meanwhile"
    assert made(codat, "Held") == 0


def test_disarming_lets_held_requests_go(codat: Codat) -> None:
    arm(codat, "timeout")
    headers = {"Idempotency-Key": "k-1"}
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(codat.call, "POST", "/companies", json={"name": "A"}, headers=headers)
        eventually(lambda: codat.control("/faults", method="GET")["faults"] == [])
        codat.control("/faults", method="DELETE")
        with pytest.raises(requests.ConnectionError):
            held.result(5)
    again = codat.call("POST", "/companies", json={"name": "A"}, headers=headers)
    assert again.status_code == 200


def test_slow_answers_late(codat: Codat) -> None:
    arm(codat, "slow:0.4")
    began = time.monotonic()
    codat.company("Slow")
    assert time.monotonic() - began >= 0.4


def test_list_lag_hides_what_is_new_from_lists_only(codat: Codat) -> None:
    arm(codat, "list_lag:30")
    company = codat.company("Late", tags={"uid": "late"})
    assert codat.get("/companies", tags="uid=late")["totalResults"] == 0
    assert codat.get(f"/companies/{company['id']}")["name"] == "Late"
    codat.control("/clock", {"advance_seconds": 31})
    assert codat.get("/companies", tags="uid=late")["totalResults"] == 1


def test_what_is_made_under_a_lost_answer_may_be_missing_from_lists_too(codat: Codat) -> None:
    arm(codat, "processed_then_cut", "create-company")
    arm(codat, "list_lag:30", "create-company")
    with pytest.raises(requests.ConnectionError):
        codat.company("Late", tags={"uid": "late"})
    assert codat.get("/companies", tags="uid=late")["totalResults"] == 0
    codat.control("/clock", {"advance_seconds": 31})
    assert codat.get("/companies", tags="uid=late")["totalResults"] == 1


def test_list_lag_on_a_list_hides_what_was_made_lately(codat: Codat) -> None:
    company = codat.company()
    path = f"/companies/{company['id']}/connections"
    codat.connection(company)
    arm(codat, "list_lag:30", "list-connections", times=1)
    assert codat.get(path)["totalResults"] == 0
    assert codat.get(path)["totalResults"] == 1


def test_a_fault_may_be_bound_to_one_company(codat: Codat) -> None:
    first, second = codat.company(), codat.company()
    match = {"operation": "get-company", "company": first["id"]}
    codat.control("/faults", {"match": match, "fault": "status:500", "times": 1})
    assert codat.call("GET", f"/companies/{second['id']}").status_code == 200
    assert codat.call("GET", f"/companies/{first['id']}").status_code == 500


def test_probability_and_disarming(codat: Codat) -> None:
    arm(codat, "status:500", "get-profile", probability=0.5)
    answers = [codat.call("GET", "/profile").status_code for _ in range(60)]
    assert {200, 500} == set(answers)
    codat.control("/faults", method="DELETE")
    assert {codat.call("GET", "/profile").status_code for _ in range(20)} == {200}


def test_an_unknown_fault_is_refused(codat: Codat) -> None:
    answer = requests.post(f"{codat.url}/control/faults", json={"fault": "explode"}, timeout=5)
    assert answer.status_code == 400


def test_a_500_is_replayed_to_the_same_key_and_not_to_a_new_one(codat: Codat) -> None:
    arm(codat, "status:500")
    key = {"Idempotency-Key": "k-1"}
    first, second = (
        codat.call("POST", "/companies", json={"name": "A"}, headers=key) for _ in range(2)
    )
    assert [first.status_code, second.status_code] == [500, 500]
    assert first.json()["correlationId"] == second.json()["correlationId"]
    fresh = codat.call("POST", "/companies", json={"name": "A"}, headers={"Idempotency-Key": "k-2"})
    assert fresh.status_code == 200


def test_a_429_is_not_replayed(codat: Codat) -> None:
    arm(codat, "status:429", retry_after=1)
    key = {"Idempotency-Key": "k-1"}
    statuses = [
        codat.call("POST", "/companies", json={"name": "A"}, headers=key).status_code
        for _ in range(2)
    ]
    assert statuses == [429, 200]


def test_a_key_with_another_body_is_refused(codat: Codat) -> None:
    key = {"Idempotency-Key": "k-1"}
    codat.call("POST", "/companies", json={"name": "A"}, headers=key)
    assert codat.call("POST", "/companies", json={"name": "B"}, headers=key).status_code == 422


def test_a_key_in_flight_is_a_conflict(codat: Codat) -> None:
    arm(codat, "timeout")
    headers = AUTH | {"Idempotency-Key": "k-1"}
    with pytest.raises(requests.ReadTimeout):
        requests.post(codat.url + "/companies", json={"name": "A"}, headers=headers, timeout=0.2)
    again = codat.call("POST", "/companies", json={"name": "A"}, headers=headers)
    assert again.status_code == 409


def test_a_key_is_forgotten_after_ninety_minutes(codat: Codat) -> None:
    key = {"Idempotency-Key": "k-1"}
    first = codat.call("POST", "/companies", json={"name": "A"}, headers=key).json()
    codat.control("/clock", {"advance_seconds": 91 * 60})
    second = codat.call("POST", "/companies", json={"name": "A"}, headers=key).json()
    assert first["id"] != second["id"]


def test_calls_are_counted_by_operation_and_company(codat: Codat) -> None:
    company = codat.company()
    codat.control("/calls", method="DELETE")
    codat.get(f"/companies/{company['id']}")
    codat.get(f"/companies/{company['id']}")
    codat.get("/profile")
    calls = codat.control("/calls", method="GET")
    assert calls["total"] == 3
    assert calls["operations"] == {"get-company": 2, "get-profile": 1}
    assert calls["companies"] == {company["id"]: {"get-company": 2}}


def test_allowance_follows_the_linked_companies(codat: Codat) -> None:
    before = codat.call("GET", "/profile").headers
    assert before["X-Rate-Limit-Limit"] == "2000", "the seeded company is linked"
    codat.linked()
    after = codat.call("GET", "/profile").headers
    assert after["X-Rate-Limit-Limit"] == "3000"
    assert int(after["X-Rate-Limit-Remaining"]) < 3000
    assert after["X-Rate-Limit-Reset"].endswith("T00:00:00Z")


def test_a_used_up_allowance_is_a_429_with_advice_and_an_event(
    codat: Codat, portal: Portal
) -> None:
    codat.control("/settings", {"daily_quota": 3})
    answers = [codat.call("GET", "/profile") for _ in range(5)]
    assert answers[-1].status_code == 429
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 86401
    assert answers[-1].headers["X-Rate-Limit-Remaining"] == "0"
    eventually(lambda: portal.types().count("client.rateLimit.reached") == 1)


def test_many_requests_with_one_key_make_one_company(codat: Codat) -> None:
    def create(_: int) -> int:
        headers = {"Idempotency-Key": "k-1"}
        return codat.call("POST", "/companies", json={"name": "One"}, headers=headers).status_code

    with ThreadPoolExecutor(12) as pool:
        statuses = set(pool.map(create, range(36)))
    assert 200 in statuses
    assert statuses <= {200, 409}
    assert made(codat, "One") == 1


def test_with_a_seed_faults_by_chance_befall_the_same_calls_again(codat: Codat) -> None:
    def befallen(seed: int | None) -> list[bool]:
        codat.control("/reset")
        codat.control("/settings", {"fault_seed": seed})
        arm(codat, "status:503", probability=0.5)
        answers = []
        for number in range(12):
            answers.append(codat.call("POST", "/companies", json={"name": f"N{number}"}).ok)
            codat.get("/companies")  # other calls change nothing
        return answers

    first = befallen(7)
    assert first == befallen(7)
    assert first != befallen(8)
    assert {True, False} == set(first)
