"""What leaves for each operation, what comes back as, and what never shows."""

import base64
import io
import os
from decimal import Decimal

import pytest
import requests

from onboarding import codat as codat_package
from onboarding.codat import Client, CodatError, Query, RetryPolicy, UnexpectedResponseError, where

from .every_operation import A_COMPANY, A_CONNECTION, COMPANY, CONNECTION, OPERATIONS, page

OPERATION = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.id)


@OPERATION
def test_the_request_is_the_documented_one(codat, client, operation):
    codat.reply(operation.status, operation.answer)
    operation.call(client)
    (asked,) = codat.asked
    assert (asked.method, asked.path) == (operation.method, operation.path)
    assert asked.params == operation.params
    assert asked.json == operation.body
    assert asked.headers["Authorization"] == "Basic " + base64.b64encode(b"demo-api-key").decode()
    assert asked.headers["Accept"] == "application/json"
    assert asked.headers["User-Agent"] == "onboarding-portal"
    assert "Idempotency-Key" not in asked.headers
    if operation.body is not None:
        assert asked.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    "operation", [each for each in OPERATIONS if each.takes_a_key], ids=lambda each: each.id
)
def test_every_post_and_patch_carries_the_idempotency_key_it_is_given(codat, client, operation):
    codat.reply(operation.status, operation.answer)
    operation.call(client, idempotency_key="3b3b3b3b-7d51-4a0c-9b77-2f5d3a9e8c10")
    assert codat.asked[0].headers["Idempotency-Key"] == "3b3b3b3b-7d51-4a0c-9b77-2f5d3a9e8c10"


@OPERATION
def test_an_error_names_the_operation(codat, client, operation):
    codat.reply(404, {"error": "…", "correlationId": "abc-1"})
    with pytest.raises(CodatError) as caught:
        operation.call(client)
    assert caught.value.operation == operation.id
    assert caught.value.correlation_id == "abc-1"


def test_each_operation_is_in_the_table_and_named_after_its_id():
    methods = {name for name in dir(Client) if not name.startswith("_")}
    own = {"close", "get_authorization_url"}
    assert methods - own == {operation.name for operation in OPERATIONS}


def test_the_example_of_the_package_runs(codat, capsys):
    lines = [line[4:] for line in codat_package.__doc__.splitlines() if line.startswith("    ")]
    example = "\n".join(lines)
    codat.reply(200, page({"key": "gbol", "name": "Xero"}))
    exec(example.replace('"…"', f'"key", base_url="{codat.url}"'))
    assert capsys.readouterr().out == "gbol Xero\n"


def test_a_data_status_is_keyed_by_data_type(codat, client):
    codat.reply(200, {"invoices": {}, "company": {"dataType": None, "currentStatus": "Complete"}})
    status = client.get_company_data_status(COMPANY)
    assert {key: (each.data_type, each.current_status) for key, each in status.items()} == {
        "invoices": ("invoices", ""),
        "company": ("company", "Complete"),
    }


class TestPages:
    def test_a_list_ends_where_no_next_page_is_named(self, codat, client):
        following = {"next": {"href": "/companies?page=2&pageSize=2"}}
        codat.reply(200, page({"id": "c1"}, {"id": "c2"}) | {"_links": following})
        codat.reply(200, page({"id": "c3"}) | {"_links": {"previous": {"href": "/"}}})
        assert [company.id for company in client.list_companies(page_size=2)] == ["c1", "c2", "c3"]
        assert [asked.params["page"] for asked in codat.asked] == ["1", "2"]
        assert {asked.params["pageSize"] for asked in codat.asked} == {"2"}

    def test_pages_are_fetched_only_when_they_are_needed(self, codat, client):
        following = {"next": {"href": "/companies?page=2"}}
        codat.reply(200, page({"id": "c1"}, {"id": "c2"}) | {"_links": following})
        companies = client.list_companies()
        assert codat.asked == []
        assert next(companies).id == "c1"
        assert next(companies).id == "c2"
        assert len(codat.asked) == 1

    def test_the_address_of_the_next_page_is_not_followed(self, codat, client):
        following = {"next": {"href": "https://elsewhere.example/companies?page=2"}}
        codat.reply(200, page({"id": "c1"}) | {"_links": following})
        codat.reply(200, page({"id": "c2"}))
        assert [company.id for company in client.list_companies()] == ["c1", "c2"]
        assert codat.asked[1].path == "/companies"

    def test_an_empty_page_ends_the_list_even_if_it_names_a_next_one(self, codat, client):
        codat.reply(200, page() | {"_links": {"next": {"href": "/companies?page=2"}}})
        assert list(client.list_companies()) == []
        assert len(codat.asked) == 1

    @pytest.mark.parametrize("links", [{}, None, {"next": None}, {"next": {}}, [1], "next"])
    def test_links_of_any_shape_are_survived(self, codat, client, links):
        codat.reply(200, page({"id": "c1"}) | {"_links": links})
        assert len(list(client.list_companies())) == 1

    @pytest.mark.parametrize("body", [[], {}, {"results": None}, {"results": {"id": "c1"}}])
    def test_a_list_without_results_is_not_taken_for_an_empty_one(self, codat, client, body):
        codat.reply(200, body)
        with pytest.raises(UnexpectedResponseError):
            list(client.list_companies())

    @pytest.mark.parametrize("page_size", [0, -1, 2001])
    def test_a_page_size_beyond_codats_is_refused_at_once(self, codat, client, page_size):
        with pytest.raises(ValueError, match="page_size"):
            client.list_companies(page_size=page_size)


class TestQueries:
    @pytest.mark.parametrize(
        ("query", "text"),
        [
            (where("status", "=", "Linked"), "status=Linked"),
            (where("dataConnections.status", "!=", "Linked"), "dataConnections.status!=Linked"),
            (where("enabled", "=", True) & where("a", "~", "b c"), "enabled=true&&a~b c"),
            (where("total", ">=", 12.5) | where("id", "=", 7), "total>=12.5||id=7"),
            (
                (where("a", "=", 1) | where("b", "=", 2)) & where("c", "=", 3),
                "{a=1||b=2}&&c=3",
            ),
        ],
    )
    def test_it_is_written_in_codats_language(self, query, text):
        assert str(query) == text

    @pytest.mark.parametrize("value", ["a=b", "a&b", "{a}", "a|b", "~", "", "  ", "a<b"])
    def test_a_value_that_the_language_would_read_as_its_own_is_refused(self, value):
        with pytest.raises(ValueError, match="must not"):
            where("name", "=", value)

    def test_one_that_is_too_long_for_codat_is_refused(self):
        assert Query("x" * 2047)
        with pytest.raises(ValueError, match="too long"):
            Query("x" * 2048)

    def test_it_is_encoded_exactly_once(self, codat, client):
        codat.reply(200, page())
        list(client.list_companies(query=where("name", "~", "Smith, 50% +1é"), tags="uid=a b"))
        target = codat.asked[0].target
        assert "query=name~Smith%2C%2050%25%20%2B1%C3%A9" in target
        assert "tags=uid%3Da%20b" in target


class TestPaths:
    @pytest.mark.parametrize(
        ("supplier", "segment"),
        [("a/b", "a%2Fb"), ("50%", "50%25"), ("ü#?;", "%C3%BC%23%3F%3B"), ("...", "...")],
    )
    def test_an_id_stays_one_segment(self, codat, client, supplier, segment):
        codat.reply(200, {"id": "1"})
        client.get_supplier(COMPANY, supplier)
        assert codat.asked[0].target == f"/companies/{COMPANY}/data/suppliers/{segment}"

    @pytest.mark.parametrize("company_id", ["", ".", ".."])
    def test_an_id_that_would_address_something_else_is_refused(self, codat, client, company_id):
        with pytest.raises(ValueError, match="must not be"):
            client.delete_company(company_id)
        assert codat.asked == []

    def test_a_base_url_may_end_in_a_path_and_a_slash(self, codat):
        codat.reply(200, A_COMPANY)
        Client("key", f"{codat.url}/through/proxy/").get_company("c1")
        assert codat.asked[0].path == "/through/proxy/companies/c1"


class TestNamesAndTags:
    @pytest.mark.parametrize("name", ["", "  ", "()", "早稲田"])
    def test_a_name_of_which_codat_would_leave_nothing_is_refused(self, codat, client, name):
        with pytest.raises(ValueError, match="name"):
            client.create_company(name=name)
        assert codat.asked == []

    @pytest.mark.parametrize(
        "tags",
        [
            {str(number): "x" for number in range(11)},
            {"": "x"},
            {"k" * 28: "x"},
            {"a\nb": "x"},
            {"uid": "x" * 101},
        ],
    )
    def test_tags_beyond_codats_limits_are_refused(self, codat, client, tags):
        with pytest.raises(ValueError, match="tag"):
            client.update_company(COMPANY, tags=tags)
        assert codat.asked == []

    def test_an_update_leaves_out_what_is_not_given(self, codat, client):
        codat.reply(200, A_COMPANY)
        client.update_company(COMPANY, description="d")
        assert codat.asked[0].json == {"description": "d"}


class TestSecrets:
    def test_no_repr_shows_the_key_or_a_link(self, codat, client):
        codat.reply(200, A_COMPANY | {"dataConnections": [A_CONNECTION]})
        company = client.get_company("c1")
        shown = repr([client, vars(client), vars(client._transport), company])
        for secret in ("demo-api-key", base64.b64encode(b"demo-api-key").decode(), "otp", "0d1c/"):
            assert secret not in shown
        assert "Bakery" not in shown
        assert company.connections[0].link_url.endswith("otp=481516")

    def test_the_key_that_the_profile_repeats_is_dropped(self, codat, client):
        codat.reply(200, {"name": "Firm", "apiKey": "SECRET"})
        assert "SECRET" not in str(vars(client.get_profile()))

    def test_nothing_of_a_call_is_logged_but_its_operation_and_status(self, codat, client, caplog):
        caplog.set_level("DEBUG", logger="onboarding.codat")
        codat.reply(200, A_CONNECTION)
        client.get_authorization_url(COMPANY, CONNECTION)
        assert "operation=get-connection status=200" in caplog.text
        for private in ("otp", COMPANY, "demo-api-key"):
            assert private not in caplog.text

    def test_a_redirect_is_not_followed(self, codat, client):
        codat.reply(307, None, Location=f"{codat.url}/elsewhere")
        with pytest.raises(UnexpectedResponseError):
            client.get_company("c1")
        assert len(codat.asked) == 1

    def test_a_netrc_file_does_not_replace_the_key(self, codat, client, monkeypatch, tmp_path):
        (tmp_path / "netrc").write_text("default login somebody password else\n")
        monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
        codat.reply(200, A_COMPANY)
        client.get_company("c1")
        assert base64.b64decode(codat.asked[0].headers["Authorization"][6:]) == b"demo-api-key"

    @pytest.mark.parametrize("key", ["", " ", "Basic ZGVtbw=="])
    def test_a_key_that_cannot_be_one_is_refused_without_being_quoted(self, key):
        with pytest.raises(ValueError, match="key") as caught:
            Client(key)
        assert "ZGVtbw" not in str(caught.value)

    @pytest.mark.parametrize(
        "base_url",
        ["", "api.codat.io", "ftp://api.codat.io", "https://a:b@api.codat.io", "https://x/?k=v"],
    )
    def test_a_base_url_that_cannot_be_one_is_refused(self, base_url):
        with pytest.raises(ValueError, match="base URL"):
            Client("key", base_url)


class TestDownloads:
    def test_the_archive_is_written_to_the_file(self, codat, client):
        archive = bytes(range(256)) * 1000
        codat.reply(200, archive)
        into = io.BytesIO()
        client.download_files(COMPANY, into=into)
        assert into.getvalue() == archive

    def test_a_repeat_after_a_cut_leaves_nothing_of_the_first_try(self, codat):
        codat.reply(200, b"x" * 200_000, fault="cut short")
        codat.reply(200, b"PK")
        into = io.BytesIO(b"old")
        client = Client("key", codat.url, retry=RetryPolicy(first_delay=0))
        client.download_files(COMPANY, into=into)
        assert into.getvalue() == b"PK"

    def test_an_error_is_not_written_to_the_file(self, codat, client):
        codat.reply(404, {"error": "none"})
        into = io.BytesIO()
        with pytest.raises(CodatError):
            client.download_files(COMPANY, into=into)
        assert into.getvalue() == b""


class TestSessions:
    def test_calls_share_one_connection(self, codat, client):
        for _ in range(3):
            codat.reply(200, A_COMPANY)
            client.get_company("c1")
        pools = client._transport._session().get_adapter(codat.url).poolmanager.pools
        (pool,) = [pools[key] for key in pools.keys()]  # noqa: SIM118 - not a mapping to iterate
        assert (pool.num_connections, pool.num_requests) == (1, 3)

    def test_a_given_session_is_used_and_left_as_it_was(self, codat):
        session = requests.Session()
        before = dict(session.headers)
        codat.reply(200, A_COMPANY)
        client = Client("key", codat.url, session=session)
        client.get_company("c1")
        client.close()
        assert dict(session.headers) == before
        assert session.auth is None

    def test_a_forked_process_opens_its_own_connection(self, codat, client, monkeypatch):
        codat.reply(200, A_COMPANY)
        client.get_company("c1")
        inherited = client._transport._session()
        monkeypatch.setattr(os, "getpid", lambda: -1)
        codat.reply(200, A_COMPANY)
        client.get_company("c1")
        assert client._transport._session() is not inherited

    def test_cookies_are_not_kept(self, codat, client):
        codat.reply(200, A_COMPANY, Set_Cookie="a=b")
        codat.reply(200, A_COMPANY)
        client.get_company("c1")
        client.get_company("c1")
        assert "Cookie" not in codat.asked[1].headers

    def test_a_closed_client_may_be_used_again(self, codat, client):
        codat.reply(200, A_COMPANY)
        codat.reply(200, A_COMPANY)
        client.get_company("c1")
        client.close()
        assert client.get_company("c1").id == A_COMPANY["id"]


class TestFinancials:
    def test_amounts_are_exact_and_periods_sorted(self, codat, client):
        codat.reply(
            200,
            b"""{"currency":"GBP","reports":[
              {"fromDate":"2026-07-01T00:00:00","netProfit":0.1,"income":{"value":1,"items":null}},
              {"fromDate":"2026-08-01T00:00:00","netProfit":12345678901234567.89},
              {"fromDate":"nonsense","netProfit":"many"}]}""",
        )
        statement = client.get_accounting_profit_and_loss(
            COMPANY, period_length=1, periods_to_compare=3
        )
        assert [report.net_profit for report in statement.reports] == [
            Decimal("12345678901234567.89"),
            Decimal("0.1"),
            None,
        ]
        assert statement.reports[1].income.value == 1
        assert statement.reports[0].income is None
