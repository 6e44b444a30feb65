"""Data sets over time: first fetches, failures, schedules, desktop and one-time software."""

from datetime import datetime

import pytest

from onboarding.simulator.records import DATASET_STATUSES, PullOperation

from .conftest import Codat, Portal, eventually

HOUR, DAY = 3600, 86400


def history(codat: Codat, company_id: str) -> list[dict]:
    return codat.get(f"/companies/{company_id}/data/history", pageSize=1000)["results"]


def status_of(codat: Codat, company_id: str, connection_id: str) -> str:
    return codat.get(f"/companies/{company_id}/connections/{connection_id}")["status"]


def test_a_read_passes_through_codats_states_in_order() -> None:
    pull = PullOperation("i", "c", "k", "company", requested=0, duration=100, started=10)
    seen = list(dict.fromkeys(pull.status_at(moment) for moment in range(110)))
    assert seen == [
        *("Queued", "Fetching", "MapQueued", "Mapping", "ValidationQueued", "Validating"),
        *("ProcessingQueued", "Processing"),
    ]
    assert set(seen) <= DATASET_STATUSES
    assert pull.ends_at == 110


def test_first_fetch_reads_what_the_settings_say(codat: Codat) -> None:
    company_id, _ = codat.linked()
    eventually(lambda: codat.read_done(company_id))
    settings = codat.get(f"/companies/{company_id}/syncSettings")["settings"]
    wanted = {one["dataType"] for one in settings if one["fetchOnFirstLink"]}
    read = set(codat.statuses(company_id))
    assert read <= wanted
    assert read == {
        *("company", "chartOfAccounts", "bankAccounts", "customers", "suppliers", "taxRates"),
        *("profitAndLoss", "balanceSheet"),
    }


def test_details_are_a_conflict_while_they_are_read(codat: Codat) -> None:
    codat.control("/settings", {"dataset_pauses": {"company": 600}})
    company_id, _ = codat.linked()
    eventually(lambda: codat.statuses(company_id).get("company") == "Fetching")
    answer = codat.call("GET", f"/companies/{company_id}/data/info")
    assert answer.status_code == 409
    assert answer.json()["error"] == "The data set is still syncing."
    running = next(p for p in history(codat, company_id) if p["dataType"] == "company")
    assert running["statusDescription"].startswith("Paused until ")
    codat.control("/clock", {"advance_seconds": 601})
    eventually(lambda: codat.call("GET", f"/companies/{company_id}/data/info").ok)


def test_a_company_may_have_settings_of_its_own(codat: Codat) -> None:
    company = codat.company()
    path = f"/companies/{company['id']}/syncSettings"
    settings = codat.get(path)["settings"]
    for one in settings:
        one["fetchOnFirstLink"] = one["dataType"] == "invoices"
    body = {"companyId": company["id"], "settings": settings, "overridesDefaults": True}
    assert codat.call("POST", path, json=body).status_code == 204
    codat.act(codat.connection(company)["id"], "authorize")
    eventually(lambda: codat.read_done(company["id"]))
    assert set(codat.statuses(company["id"])) == {"invoices"}


def test_an_hourly_schedule_may_be_outside_the_plan(codat: Codat) -> None:
    company = codat.company()
    path = f"/companies/{company['id']}/syncSettings"
    setting = {"dataType": "invoices", "fetchOnFirstLink": True, "syncSchedule": 1, "syncOrder": 0}
    body = {"companyId": company["id"], "settings": [setting], "overridesDefaults": True}
    assert codat.call("POST", path, json=body).status_code == 204
    codat.control("/settings", {"hourly_schedule": False})
    assert codat.call("POST", path, json=body).status_code == 402


def test_a_running_type_is_not_queued_again(codat: Codat) -> None:
    codat.control("/settings", {"dataset_pauses": {"invoices": 600}})
    company_id, _ = codat.linked()
    path = f"/companies/{company_id}/data/queue/invoices"
    first = codat.call("POST", path).json()
    second = codat.call("POST", path)
    assert second.status_code == 409
    assert f"previous sync {first['id']} is still in progress" in second.json()["error"]


def test_an_unsupported_type_is_not_found(codat: Codat) -> None:
    company_id, _ = codat.linked()
    answer = codat.call("POST", f"/companies/{company_id}/data/queue/commerce-orders")
    assert answer.status_code == 404
    assert "not supported by platform(s) Xero" in answer.json()["error"]


@pytest.mark.parametrize("outcome", ["FetchError", "NotSupported", "PermissionsError"])
def test_reads_may_be_made_to_fail(codat: Codat, outcome: str) -> None:
    codat.control("/settings", {"dataset_outcomes": {"suppliers": outcome}})
    company_id, connection_id = codat.linked()
    eventually(lambda: codat.statuses(company_id).get("suppliers") == outcome)
    failed = next(p for p in history(codat, company_id) if p["dataType"] == "suppliers")
    assert failed["isErrored"] == (outcome != "NotSupported")
    assert not failed["isCompleted"]
    assert status_of(codat, company_id, connection_id) == "Linked"
    status = codat.get(f"/companies/{company_id}/dataStatus")["suppliers"]
    assert "lastSuccessfulSync" not in status
    results = codat.get(f"/companies/{company_id}/sync/{failed['id']}/validation")
    assert bool(results["errors"]) == failed["isErrored"]


def test_an_auth_error_ends_the_connection(codat: Codat) -> None:
    codat.control("/settings", {"dataset_outcomes": {"suppliers": "AuthError"}})
    company_id, connection_id = codat.linked()
    eventually(lambda: status_of(codat, company_id, connection_id) == "Deauthorized")
    assert codat.statuses(company_id)["suppliers"] == "AuthError"


def test_a_schedule_reads_again_counted_from_the_last_read(codat: Codat) -> None:
    company_id, _ = codat.linked()
    eventually(lambda: codat.read_done(company_id))
    before = len(history(codat, company_id))
    codat.control("/clock", {"advance_seconds": 12 * HOUR})
    codat.call("POST", f"/companies/{company_id}/data/queue/company")
    eventually(lambda: codat.read_done(company_id))
    codat.control("/clock", {"advance_seconds": 13 * HOUR})
    eventually(lambda: codat.read_done(company_id))
    types = [pull["dataType"] for pull in history(codat, company_id)]
    assert len(types) == before + 1 + 7
    assert types.count("company") == 2, "its day began anew with the read in between"


def test_an_idle_token_lapses(codat: Codat) -> None:
    settings = codat.get("/profile/syncSettings")
    for one in settings["settings"]:
        one["syncSchedule"] = 0
    body = settings | {"overridesDefaults": True}
    assert codat.call("POST", "/profile/syncSettings", json=body).status_code == 204
    company_id, connection_id = codat.linked()
    eventually(lambda: codat.read_done(company_id))
    codat.control("/clock", {"advance_seconds": 59 * DAY})
    assert status_of(codat, company_id, connection_id) == "Linked"
    codat.call("POST", f"/companies/{company_id}/data/queue/company")
    eventually(lambda: codat.read_done(company_id))
    codat.control("/clock", {"advance_seconds": 59 * DAY})
    assert status_of(codat, company_id, connection_id) == "Linked", "a read renews the token"
    codat.control("/clock", {"advance_seconds": 42 * DAY})
    assert status_of(codat, company_id, connection_id) == "Deauthorized"


def test_reads_end_when_access_is_lost_and_what_was_read_stays(codat: Codat) -> None:
    company_id, connection_id = codat.linked(name="Harbour Bakes")
    eventually(lambda: codat.read_done(company_id))
    codat.control("/settings", {"dataset_pauses": {"company": 600}})
    codat.call("POST", f"/companies/{company_id}/data/queue/company")
    codat.act(connection_id, "deauthorize")
    assert codat.statuses(company_id)["company"] == "AuthError"
    assert codat.get(f"/companies/{company_id}/data/info")["companyName"] == "Harbour Bakes"
    answer = codat.call("POST", f"/companies/{company_id}/data/queue/company")
    assert answer.status_code == 400


def test_desktop_software_is_read_while_its_computer_is_on(codat: Codat) -> None:
    company_id, connection_id = codat.linked("hbql")
    codat.act(connection_id, "machine_off")
    codat.call("POST", f"/companies/{company_id}/data/all")
    eventually(lambda: codat.statuses(company_id))
    codat.control("/clock", {"advance_seconds": 600})
    assert set(codat.statuses(company_id).values()) == {"Queued"}
    waiting = history(codat, company_id)[0]
    assert waiting["statusDescription"] == "Waiting for asynchronous response from third party"
    codat.act(connection_id, "machine_on")
    eventually(lambda: codat.read_done(company_id))


def test_a_troubled_connector_leaves_reads_waiting_until_it_is_well_again(codat: Codat) -> None:
    company_id, connection_id = codat.linked("pqsw")
    codat.act(connection_id, "connector_trouble", trouble="other_file_open")
    codat.call("POST", f"/companies/{company_id}/data/all")
    eventually(lambda: codat.statuses(company_id))
    codat.control("/clock", {"advance_seconds": 2 * DAY})
    assert set(codat.statuses(company_id).values()) == {"Fetching"}
    waiting = history(codat, company_id)[0]
    assert waiting["statusDescription"] == "Waiting for asynchronous response from third party"
    path = f"/companies/{company_id}/connections/{connection_id}"
    assert codat.get(path)["connectionInfo"]
    codat.act(connection_id, "connector_trouble", trouble="")
    codat.control("/clock", {"advance_seconds": DAY})
    eventually(lambda: codat.read_done(company_id))
    assert "connectionInfo" not in codat.get(path)


def test_quickbooks_desktop_is_read_at_night_only(codat: Codat) -> None:
    hour = datetime.fromisoformat(codat.control("/health", method="GET")["now"][:19]).hour
    codat.control("/clock", {"advance_seconds": (12 - hour) % 24 * HOUR})
    company_id, _ = codat.linked("pqsw")
    eventually(lambda: codat.statuses(company_id))
    codat.control("/clock", {"advance_seconds": 2 * HOUR})
    assert set(codat.statuses(company_id).values()) == {"Queued"}
    codat.control("/clock", {"advance_seconds": 6 * HOUR})
    assert codat.read_done(company_id)


def test_a_one_time_connector_takes_its_leave_after_the_first_read(
    codat: Codat, portal: Portal
) -> None:
    company_id, connection_id = codat.linked("knfz")
    eventually(lambda: status_of(codat, company_id, connection_id) == "Deauthorized")
    assert set(codat.statuses(company_id).values()) == {"Complete"}
    eventually(lambda: "read.completed.initial" in portal.types())


def test_desktop_software_may_be_set_to_remove_itself(codat: Codat) -> None:
    codat.control("/integrations/hbql", {"one_time": True})
    company_id, connection_id = codat.linked("hbql")
    eventually(lambda: status_of(codat, company_id, connection_id) == "Deauthorized")


def test_a_platform_may_give_no_name(codat: Codat) -> None:
    company_id, _ = codat.linked("pbtz")
    eventually(lambda: codat.read_done(company_id))
    info = codat.get(f"/companies/{company_id}/data/info")
    assert "companyName" not in info
    assert "companyLegalName" not in info


def test_many_banks_share_a_key(codat: Codat) -> None:
    company = codat.company()
    ids = set()
    for bank in ("Fern Bank", "Gull & Tide Bank"):
        connection = codat.connection(company, "upvr")
        linked = codat.act(connection["id"], "authorize", bank=bank)
        assert linked["platformName"] == bank
        ids.add((linked["sourceId"], linked["integrationId"]))
    assert len(ids) == 2
    assert len({integration for _, integration in ids}) == 1


def test_banking_has_no_company_details(codat: Codat) -> None:
    company_id, _ = codat.linked("suuo")
    eventually(lambda: codat.read_done(company_id))
    assert "company" not in codat.statuses(company_id)
    assert codat.call("GET", f"/companies/{company_id}/data/info").status_code == 404


def test_a_shop_has_details_of_its_own(codat: Codat) -> None:
    company_id, connection_id = codat.linked("fztf", name="Harbour Bakes")
    path = f"/companies/{company_id}/connections/{connection_id}/data/commerce-info"
    eventually(lambda: codat.call("GET", path).ok)
    assert codat.get(path)["companyName"] == "Harbour Bakes"
