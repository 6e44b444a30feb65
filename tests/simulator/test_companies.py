"""Companies and connections by the API: names, tags, pages, queries, guards."""

import pytest

from .conftest import AUTH, Codat, Portal, eventually


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Smith (Holdings) Ltd", "Smith Holdings Ltd"),
        ("Café Zoë", "Caf Zo"),
        ("A & B, C.", "A & B, C."),
        ("東京", ""),
    ],
)
def test_other_characters_are_dropped_from_names_without_a_word(
    codat: Codat, given: str, kept: str
) -> None:
    assert codat.company(given)["name"] == kept


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": ""},
        {"name": 7},
        {"name": "A", "tags": {"k" * 28: "v"}},
        {"name": "A", "tags": {"k": "v" * 101}},
        {"name": "A", "tags": {str(n): "v" for n in range(11)}},
        {"name": "A", "tags": {"k": 1}},
        [],
        "A",
    ],
)
def test_a_body_outside_the_rules_is_refused(codat: Codat, body: object) -> None:
    answer = codat.call("POST", "/companies", json=body)
    assert answer.status_code == 400
    assert answer.json()["canBeRetried"] == "Unknown"


def test_replace_wipes_what_is_left_out_and_update_keeps_it(codat: Codat) -> None:
    made = codat.company("First", description="d", tags={"uid": "1"})
    path = f"/companies/{made['id']}"
    updated = codat.call("PATCH", path, json={"name": "Second"}).json()
    assert (updated["name"], updated["description"]) == ("Second", "d")
    assert updated["tags"] == {"uid": "1"}
    replaced = codat.call("PUT", path, json={"name": "Third"}).json()
    assert "description" not in replaced
    assert replaced["tags"] == {}
    assert codat.get("/companies", tags="uid=1")["totalResults"] == 0


@pytest.mark.parametrize("tags", [None, {}])
def test_empty_tags_in_an_update_clear_all(codat: Codat, tags: dict | None) -> None:
    made = codat.company(tags={"uid": "1"})
    updated = codat.call("PATCH", f"/companies/{made['id']}", json={"tags": tags})
    assert updated.json()["tags"] == {}


def test_deleted_things_are_not_found(codat: Codat) -> None:
    company_id, connection_id = codat.linked(tags={"uid": "gone"})
    answer = codat.call("DELETE", f"/companies/{company_id}/connections/{connection_id}")
    assert (answer.status_code, answer.content) == (200, b"")
    path = f"/companies/{company_id}/connections/{connection_id}"
    assert codat.call("GET", path).status_code == 404
    answer = codat.call("DELETE", f"/companies/{company_id}")
    assert (answer.status_code, answer.content) == (204, b"")
    for path in ("", "/connections", "/dataStatus", "/data/info"):
        assert codat.call("GET", f"/companies/{company_id}{path}").status_code == 404
    assert codat.get("/companies", tags="uid=gone")["totalResults"] == 0


def test_pages_are_linked_by_relative_addresses_until_the_last(codat: Codat) -> None:
    for number in range(4):
        codat.company(f"Company {number}")
    seen, path = [], "/companies?page=1&pageSize=2&orderBy=-created"
    while path:
        page = codat.get(path)
        assert page["_links"]["self"]["href"] == "/companies"
        seen += [company["name"] for company in page["results"]]
        path = page["_links"].get("next", {}).get("href")
    assert seen == ["Company 3", "Company 2", "Company 1", "Company 0", "Example Trading Company"]
    assert page["totalResults"] == 5
    assert page["_links"]["previous"]


@pytest.mark.parametrize(
    "params", [{"page": 0}, {"pageSize": 0}, {"pageSize": 5001}, {"page": "x"}]
)
def test_impossible_pages_are_refused(codat: Codat, params: dict) -> None:
    assert codat.call("GET", "/companies", params=params).status_code == 400


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("name=Bravo", ["Bravo"]),
        ("name~a", ["Alpha", "Bravo", "Example Trading Company"]),
        ("name != Alpha && name ~ ra", ["Bravo", "Example Trading Company"]),
        ("{name=Alpha||name=Bravo}&&description~x", ["Alpha"]),
        ("dataConnections.status=PendingAuth", ["Alpha"]),
        ("dataConnections.status=Deauthorised", []),
        ("created>2000-01-01T00:00:00Z&&name=Alpha", ["Alpha"]),
    ],
)
def test_queries_choose_companies(codat: Codat, query: str, names: list[str]) -> None:
    codat.connection(codat.company("Alpha", description="x"))
    codat.company("Bravo")
    results = codat.get("/companies", query=query, orderBy="name", pageSize=10)["results"]
    assert [company["name"] for company in results] == names


@pytest.mark.parametrize("query", ["name", "name=A&&", "{name=A", "=A", "x" * 2048, "nonsense=1"])
def test_a_malformed_query_is_refused(codat: Codat, query: str) -> None:
    answer = codat.call("GET", "/companies", params={"query": query})
    assert answer.status_code == 400
    assert answer.json()["error"]


@pytest.mark.parametrize(
    ("tags", "count"),
    [("uid=1", 1), ("uid=1&&env=x", 1), ("uid=1&&env=y", 0), ("env!=x", 2), ("uid=1||uid=2", 2)],
)
def test_tags_choose_companies(codat: Codat, tags: str, count: int) -> None:
    codat.company("A", tags={"uid": "1", "env": "x"})
    codat.company("B", tags={"uid": "2"})
    assert codat.get("/companies", tags=tags)["totalResults"] == count


def test_the_catalogue_is_filtered_without_regard_to_case(codat: Codat) -> None:
    query = "sourceType=accounting&&enabled=true"
    results = codat.get("/integrations", query=query, pageSize=200)["results"]
    assert {one["sourceType"] for one in results} == {"Accounting"}
    assert {one["enabled"] for one in results} == {True}
    older = codat.get("/integrations", query=query.replace("source", "integration"), pageSize=200)
    assert len(older["results"]) == len(results)


def test_logos_and_branding_are_pictures_of_our_own(codat: Codat) -> None:
    assert "button" not in codat.get("/integrations/gbol/branding")
    branding = codat.get("/integrations/qhyg/branding")
    for image in (*branding["logo"].values(), *branding["button"].values()):
        answer = codat.call("GET", image["image"]["src"].removeprefix(codat.url))
        assert answer.content.startswith(b"\x89PNG")


def test_one_accounting_connection_is_active_at_most(codat: Codat) -> None:
    company_id, connection_id = codat.linked()
    path = f"/companies/{company_id}/connections"
    assert codat.call("POST", path, json={"platformKey": "qhyg"}).status_code == 400
    assert codat.call("POST", path, json={"platformKey": "suuo"}).ok
    codat.call("PATCH", f"{path}/{connection_id}", json={"status": "Unlinked"})
    assert codat.call("POST", path, json={"platformKey": "qhyg"}).ok


def test_a_pending_second_ledger_cannot_be_linked_beside_the_first(codat: Codat) -> None:
    company = codat.company()
    first, second = codat.connection(company, "gbol"), codat.connection(company, "qhyg")
    assert codat.act(first["id"], "authorize")["status"] == "Linked"
    assert codat.act(second["id"], "authorize")["status"] == "PendingAuth"


def test_only_a_linked_connection_can_be_unlinked(codat: Codat) -> None:
    company = codat.company()
    path = f"/companies/{company['id']}/connections/{codat.connection(company)['id']}"
    assert codat.call("PATCH", path, json={"status": "Unlinked"}).status_code == 400
    assert codat.call("PATCH", path, json={"status": "Linked"}).status_code == 400


def test_unknown_platforms_and_the_old_bare_key_are_refused(codat: Codat) -> None:
    path = f"/companies/{codat.company()['id']}/connections"
    assert codat.call("POST", path, json={"platformKey": "zzzz"}).status_code == 404
    answer = codat.call("POST", path, json="gbol")
    assert answer.status_code == 400
    assert answer.json()["error"] == "Push object DataConnectionArgs must be provided"


def test_the_older_forms_still_work(codat: Codat) -> None:
    made = codat.call("POST", "/companies", json={"name": "Old", "platformType": "xero"}).json()
    assert (made["platform"], made["status"]) == ("Xero", "PendingAuth")
    assert made["dataConnections"][0]["integrationKey"] == "gbol"
    codat.act(made["dataConnections"][0]["id"], "authorize")
    assert codat.call("POST", f"/companies/{made['id']}/data/queue/all").status_code == 204
    assert codat.call("PUT", "/companies", json={"name": "No id"}).status_code == 405


def test_the_company_limit_is_a_402_with_its_validation(codat: Codat) -> None:
    codat.control("/settings", {"company_limit": 1})
    answer = codat.call("POST", "/companies", json={"name": "Too many"})
    assert answer.status_code == 402
    assert answer.json()["validation"]["errors"][0]["validatorName"] == "CreateCompany"


@pytest.mark.parametrize("header", [None, "Basic d3Jvbmc=", "Bearer x", AUTH["Authorization"][6:]])
def test_a_wrong_key_is_unauthorized(codat: Codat, header: str | None) -> None:
    answer = codat.call("GET", "/companies", headers={"Authorization": header})
    assert answer.status_code == 401


def test_consumers_hear_what_they_asked_for(codat: Codat, portal: Portal) -> None:
    body = {
        "url": f"{portal.url}/mine",
        "eventTypes": ["company.created"],
        "companyTags": ["env:test"],
    }
    answer = codat.call("POST", "/webhooks", json=body)
    assert answer.status_code == 201
    made = answer.json()
    assert "secret" not in made
    assert codat.control(f"/consumers/{made['id']}", method="GET")["secret"].startswith("whsec_")
    codat.company("Heard", tags={"env": "test"})
    codat.company("Not heard", tags={"env": "live"})

    def delivered() -> list[dict]:
        webhooks = codat.control("/state", method="GET")["webhooks"]
        return [w for w in webhooks if w["consumer_id"] == made["id"]]

    eventually(lambda: [w["outcome"] for w in delivered()] == ["delivered"])
    assert codat.call("DELETE", f"/webhooks/{made['id']}").status_code == 204
    assert codat.call("DELETE", f"/webhooks/{made['id']}").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"url": "ftp://x", "eventTypes": ["company.created"]},
        {"url": "http://x", "eventTypes": []},
        {"url": "http://x", "eventTypes": ["a"], "companyTags": ["x" * 129]},
        {"eventTypes": ["a"]},
    ],
)
def test_a_consumer_outside_the_rules_is_refused(codat: Codat, body: dict) -> None:
    assert codat.call("POST", "/webhooks", json=body).status_code == 400
