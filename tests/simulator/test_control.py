"""Scripting under /control, in JSON and by the page for people."""

import re

import pytest
import requests

from onboarding.simulator.app import Simulator

from .conftest import Codat, Portal, eventually


def test_reset_forgets_everything_but_the_seeded_company(codat: Codat) -> None:
    codat.linked()
    codat.control("/clock", {"advance_seconds": 86400})
    codat.control("/reset")
    state = codat.control("/state", method="GET")
    assert [company["name"] for company in state["companies"]] == ["Example Trading Company"]
    assert [c["status"] for c in state["companies"][0]["dataConnections"]] == ["Linked"]
    assert codat.control("/clock", {})["ahead_seconds"] < 1


@pytest.mark.parametrize(
    ("actions", "status"),
    [
        (["authorize"], "Linked"),
        (["cancel"], "PendingAuth"),
        (["fail"], "PendingAuth"),
        (["not_supported"], "PendingAuth"),
        (["deauthorize"], "PendingAuth"),
        (["authorize", "deauthorize"], "Deauthorized"),
        (["authorize", "unlink"], "Unlinked"),
        (["authorize", "unlink", "authorize"], "Linked"),
    ],
)
def test_acting_as_the_customer_or_the_platform(
    codat: Codat, actions: list[str], status: str
) -> None:
    connection = codat.connection(codat.company())
    for action in actions:
        answer = codat.act(connection["id"], action)
    assert answer["status"] == status


def test_an_organisation_may_be_chosen_by_name(codat: Codat) -> None:
    company = codat.company("Harbour Bakes")
    connection = codat.connection(company)
    codat.act(connection["id"], "authorize", organisation="Somebody Else Ltd")
    path = f"/companies/{company['id']}/data/info"
    info = eventually(lambda: (answer := codat.call("GET", path)).ok and answer.json())
    assert info["companyName"] == "Somebody Else Ltd"


def test_organisations_may_be_set_in_detail(codat: Codat) -> None:
    company = codat.company()
    chosen = {"name": None, "legal_name": "Only Legal Ltd", "registration_number": "00000007"}
    codat.control(f"/companies/{company['id']}/organisations", {"organisations": [chosen]})
    codat.act(codat.connection(company)["id"], "authorize")
    path = f"/companies/{company['id']}/data/info"
    info = eventually(lambda: (answer := codat.call("GET", path)).ok and answer.json())
    assert "companyName" not in info
    assert info["companyLegalName"] == "Only Legal Ltd"
    assert info["registrationNumber"] == "00000007"


def test_a_platform_may_be_switched_off_and_taken_away(codat: Codat) -> None:
    company = codat.company()
    path = f"/companies/{company['id']}/connections"
    codat.control("/integrations/gbol", {"enabled": False})
    assert not codat.get("/integrations/gbol")["enabled"]
    assert codat.call("POST", path, json={"platformKey": "gbol"}).status_code == 404
    codat.control("/integrations/gbol", {"listed": False, "enabled": True})
    assert codat.call("GET", "/integrations/gbol").status_code == 404
    assert "gbol" not in [one["key"] for one in codat.get("/integrations")["results"]]
    codat.control("/integrations/gbol", {"listed": True})
    assert codat.call("POST", path, json={"platformKey": "gbol"}).ok


@pytest.mark.parametrize("status", ["Fetching", "FetchError", "NotSupported", "AuthError"])
def test_data_sets_may_be_put_in_a_state(codat: Codat, status: str) -> None:
    company_id, _ = codat.linked()
    eventually(lambda: len(codat.statuses(company_id)) == 8)
    body = {"dataType": "*", "status": status}
    answer = codat.control(f"/companies/{company_id}/datasets", body)
    assert len(answer["results"]) == 8
    assert set(codat.statuses(company_id).values()) == {status}
    codat.control("/clock", {"advance_seconds": 3600})
    assert set(codat.statuses(company_id).values()) == {status}, "it stays there"
    codat.control(
        f"/companies/{company_id}/datasets", {"dataType": "company", "status": "Complete"}
    )
    assert codat.statuses(company_id)["company"] == "Complete"


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/clock", {"advance_seconds": -1}, 400),
        ("/connections/unknown", {"action": "authorize"}, 404),
        ("/companies/unknown/datasets", {"dataType": "*", "status": "Complete"}, 404),
        ("/companies/unknown/datasets", {"dataType": "*", "status": "Lost"}, 400),
        ("/integrations/zzzz", {"enabled": True}, 404),
        ("/integrations/gbol", {}, 400),
        ("/webhooks", {"lose": 1}, 400),
        ("/settings", {"colour": 1}, 400),
        ("/faults", {"fault": "cut", "match": {"operation": "no-such-operation"}}, 400),
    ],
)
def test_nonsense_is_refused_in_words(codat: Codat, path: str, body: dict, status: int) -> None:
    answer = requests.post(f"{codat.url}/control{path}", json=body, timeout=5)
    assert answer.status_code == status
    assert answer.json()["error"]


def test_codat_may_be_kept_from_beginning_by_itself(codat: Codat) -> None:
    codat.control("/settings", {"fetch_on_first_link": False})
    company_id, _ = codat.linked()
    codat.control("/clock", {"advance_seconds": 600})
    assert codat.statuses(company_id) == {}
    answer = codat.call("GET", f"/companies/{company_id}/data/info")
    assert answer.status_code == 409
    assert answer.json()["error"] == "The data set has not been requested."
    assert codat.call("POST", f"/companies/{company_id}/data/all").status_code == 204
    eventually(lambda: codat.read_done(company_id))


def test_reads_that_never_began_may_be_put_in_a_state(codat: Codat) -> None:
    codat.control("/settings", {"fetch_on_first_link": False})
    company_id, _ = codat.linked()
    body = {"dataType": "*", "status": "Initial"}
    assert len(codat.control(f"/companies/{company_id}/datasets", body)["results"]) == 8
    assert set(codat.statuses(company_id).values()) == {"Initial"}


def test_the_page_lets_a_customer_revoke_access_in_two_clicks(codat: Codat) -> None:
    company_id, connection_id = codat.linked(name="Harbour Bakes")
    page = requests.get(f"{codat.url}/control/", timeout=5).text
    assert "Harbour Bakes" in page
    form = re.search(r'action="(/control/page/connections/[^"]+)"', page)
    assert form
    assert "Customer revokes access" in page
    data = {"action": "deauthorize"}
    after = requests.post(codat.url + form[1], data=data, timeout=5)
    assert "Deauthorized" in after.text
    path = f"/companies/{company_id}/connections/{connection_id}"
    assert codat.get(path)["status"] == "Deauthorized"


def test_the_page_pushes_the_clock_arms_faults_and_opens_link(codat: Codat) -> None:
    connection = codat.connection(codat.company())
    base = f"{codat.url}/control/page"
    requests.post(f"{base}/clock", data={"seconds": "3600"}, timeout=5)
    assert codat.control("/clock", {})["ahead_seconds"] == pytest.approx(3600, abs=5)
    fault = {"operation": "get-profile", "fault": "status:500"}
    assert (
        "status:500 on get-profile, 1 more"
        in requests.post(f"{base}/faults", data=fault, timeout=5).text
    )
    assert codat.call("GET", "/profile").status_code == 500
    requests.post(f"{base}/faults", data=fault, timeout=5)
    requests.post(f"{base}/faults", data=fault | {"disarm": "yes"}, timeout=5)
    assert codat.call("GET", "/profile").status_code == 200
    link = requests.post(f"{base}/links/{connection['id']}", timeout=5)
    assert "Allow access" in link.text


def test_control_is_closed_to_other_machines_unless_told(simulator: Simulator) -> None:
    app = simulator._api.app
    client = app.test_client()  # type: ignore[attr-defined]
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    for path in ("/control/state", "/control/"):
        assert client.get(path, environ_overrides=elsewhere).status_code == 403
    app.config["CONTROL_ANYWHERE"] = True  # type: ignore[attr-defined]
    assert client.get("/control/state", environ_overrides=elsewhere).status_code == 200
    app.config["CONTROL_ANYWHERE"] = False  # type: ignore[attr-defined]


def test_the_portals_address_may_be_told_later(codat: Codat, portal: Portal) -> None:
    codat.control("/settings", {"portal": "http://127.0.0.1:1"})
    assert codat.get("/profile")["redirectUrl"].startswith("http://127.0.0.1:1/link/return?")
    assert codat.get("/webhooks")["results"][0]["url"] == "http://127.0.0.1:1/webhooks/codat"
