"""What the client makes of every answer that is not a success."""

import socket
import threading

import pytest
import requests
from requests.adapters import HTTPAdapter

from onboarding.codat import (
    AccountLimitError,
    AuthenticationError,
    Client,
    CodatError,
    ConflictError,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    RateLimitError,
    RetryPolicy,
    ServerError,
    UnexpectedResponseError,
    UnreachableError,
)

NOT_FOUND = {
    "statusCode": 404,
    "service": "ClientsApi",
    "error": "No company was found for Jane Miller Bakery",
    "correlationId": "5f0e9c1b2a7d4e6f8a9b0c1d2e3f4a5b",
    "canBeRetried": "Unknown",
    "detailedErrorCode": 0,
}


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, (InvalidRequestError, False)),
        (401, (AuthenticationError, False)),
        (402, (AccountLimitError, False)),
        (403, (ForbiddenError, False)),
        (404, (NotFoundError, False)),
        (405, (InvalidRequestError, False)),
        (408, (ServerError, True)),
        (409, (ConflictError, True)),
        (422, (InvalidRequestError, False)),
        (429, (RateLimitError, True)),
        (451, (InvalidRequestError, False)),
        (500, (ServerError, True)),
        (503, (ServerError, True)),
        (599, (ServerError, True)),
        (302, (UnexpectedResponseError, False)),
    ],
)
@pytest.mark.parametrize("body", [NOT_FOUND, b"<html>Bad gateway</html>", b"", [1], b"\xff\xfe"])
def test_each_status_has_its_error_whatever_the_body_says(codat, client, status, expected, body):
    kind, is_transient = expected
    codat.reply(status, body, Location="http://127.0.0.1:9/elsewhere")
    with pytest.raises(CodatError) as caught:
        client.get_company("c1")
    error = caught.value
    assert type(error) is kind
    assert error.is_transient is is_transient
    assert error.status_code == status
    assert error.operation == "get-company"


def test_an_error_prints_the_correlation_id_but_nothing_that_codat_wrote(codat, client):
    codat.reply(404, NOT_FOUND)
    with pytest.raises(NotFoundError) as caught:
        client.get_company("c1")
    error = caught.value
    assert error.correlation_id == "5f0e9c1b2a7d4e6f8a9b0c1d2e3f4a5b"
    for text in (str(error), repr(error)):
        assert "5f0e9c1b2a7d4e6f8a9b0c1d2e3f4a5b" in text
        assert "get-company" in text
        assert "404" in text
        assert "Miller" not in text
    assert "Miller" in error.detail


@pytest.mark.parametrize("correlation_id", ["line\nbreak", "x" * 65, 7, None, "<script>"])
def test_a_correlation_id_that_is_none_is_left_out(codat, client, correlation_id):
    codat.reply(500, NOT_FOUND | {"correlationId": correlation_id})
    with pytest.raises(ServerError) as caught:
        client.get_company("c1")
    assert caught.value.correlation_id == ""


def test_validation_is_kept_for_staff(codat, client):
    validation = {
        "errors": [{"itemId": "Company", "message": "…", "validatorName": "CreateCompany"}]
    }
    codat.reply(402, {"error": "Company limit exceeded", "validation": validation})
    with pytest.raises(AccountLimitError) as caught:
        client.create_company(name="Bakery")
    assert caught.value.validation == validation


@pytest.mark.parametrize("status", [400, 409, 422])
def test_a_read_already_running_is_a_conflict_under_any_status(codat, client, status):
    text = "DatasetAlreadyInProgressException: Cannot queue company sync for c1 as previous sync"
    codat.reply(status, {"error": text})
    with pytest.raises(ConflictError) as caught:
        client.refresh_data_type("c1", "company")
    assert caught.value.status_code == status


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [("7", 7.0), ("2.5", 2.5), ("-3", 0.0), ("soon", None), ("nan", None)],
)
def test_a_429_says_how_long_to_wait(codat, client, retry_after, seconds):
    codat.reply(429, None, Retry_After=retry_after)
    with pytest.raises(RateLimitError) as caught:
        client.get_company("c1")
    assert caught.value.retry_after == seconds


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"<html>Welcome, Jane Miller</html>", "text/html; charset=utf-8"),
        (b'{"id": "c1"', "application/json"),
        (b"[" * 100_000, "application/json"),
        (b"", "application/json"),
    ],
)
def test_a_success_that_is_not_json_is_unexpected_and_not_quoted(codat, client, body, content_type):
    codat.reply(200, body, Content_Type=content_type)
    with pytest.raises(UnexpectedResponseError) as caught:
        client.get_company("c1")
    assert "Miller" not in str(caught.value)
    assert content_type.split(";")[0] in str(caught.value)
    assert caught.value.status_code == 200


@pytest.mark.parametrize("body", [[], "text", 1, None, {}, {"id": ""}, {"id": {"Jane": "Miller"}}])
def test_a_company_without_an_id_is_unexpected_and_not_quoted(codat, client, body):
    codat.reply(200, b"null" if body is None else body)
    with pytest.raises(UnexpectedResponseError) as caught:
        client.get_company("c1")
    assert "Miller" not in str(caught.value)


def test_a_missing_link_url_is_unexpected(codat, client):
    codat.reply(200, {"id": "x1", "status": "PendingAuth", "linkUrl": None})
    with pytest.raises(UnexpectedResponseError):
        client.get_authorization_url("c1", "x1")


class TestUnreachable:
    def test_a_refused_connection_surely_never_left(self):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            address = f"http://127.0.0.1:{unused.getsockname()[1]}"
            with pytest.raises(UnreachableError) as caught:
                self.client(address).create_company(name="Bakery")
        assert caught.value.maybe_processed is False
        assert caught.value.is_transient
        assert caught.value.status_code is None

    def test_an_unknown_host_surely_never_left(self):
        with pytest.raises(UnreachableError) as caught:
            self.client("http://codat.invalid").create_company(name="Bakery")
        assert caught.value.maybe_processed is False

    def test_a_connection_that_is_not_made_in_time_surely_never_left(self):
        class Deaf(HTTPAdapter):
            def send(self, *_: object, **__: object) -> requests.Response:
                raise requests.ConnectTimeout("https://api.codat.io/companies")

        session = requests.Session()
        session.mount("https://", Deaf())
        client = Client("demo-api-key", retry=RetryPolicy.none(), session=session)
        with pytest.raises(UnreachableError) as caught:
            client.create_company(name="Bakery")
        assert caught.value.maybe_processed is False

    @pytest.mark.parametrize("fault", ["cut", "cut short", "hang"])
    def test_an_answer_that_does_not_arrive_whole_leaves_doubt(self, codat, fault):
        codat.reply(200, {"id": "c1"}, fault=fault)
        with pytest.raises(UnreachableError) as caught:
            self.client(codat.url, timeout=(1, 0.2)).create_company(name="Bakery")
        assert caught.value.maybe_processed is True
        assert len(codat.asked) == 1

    def test_neither_the_address_nor_the_library_is_quoted(self, codat):
        codat.reply(fault="cut")
        with pytest.raises(UnreachableError) as caught:
            list(self.client(codat.url).list_companies(query="name~Miller"))
        error = caught.value
        assert "Miller" not in str(error)
        assert error.__cause__ is None
        assert error.__context__ is None

    def client(self, address: str, timeout: tuple[float, float] = (2, 2)) -> Client:
        return Client("demo-api-key", address, retry=RetryPolicy.none(), timeout=timeout)


def test_threads_may_share_a_client(codat, client):
    for _ in range(20):
        codat.reply(200, {"id": "c1"})
    ids: list[str] = []
    threads = [
        threading.Thread(target=lambda: ids.append(client.get_company("c1").id)) for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ids == ["c1"] * 20
