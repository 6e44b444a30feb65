"""What the client tells the keeper of Codat's allowance."""

from datetime import UTC, datetime

import pytest

from onboarding.codat import Client, RateLimitError, RetryPolicy


class Keeper:
    def __init__(self) -> None:
        self.heard: list[object] = []

    def acquire(self, operation: str) -> None:
        self.heard.append("acquire")

    def observe(self, limit: int | None, remaining: int | None, reset: datetime | None) -> None:
        self.heard.append((limit, remaining, reset))

    def refused(self, retry_after: float | None) -> None:
        self.heard.append(("refused", retry_after))


@pytest.fixture
def keeper() -> Keeper:
    return Keeper()


@pytest.fixture
def client(codat, keeper) -> Client:
    return Client("key", codat.url, quota=keeper, retry=RetryPolicy(first_delay=0))


MIDNIGHT = datetime(2026, 9, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("reset", "understood"),
    [
        ("2026-09-02T00:00:00Z", MIDNIGHT),
        ("2026-09-02T00:00:00.0000000Z", MIDNIGHT),
        ("2026-09-02", MIDNIGHT),
        ("Wed, 02 Sep 2026 00:00:00 GMT", MIDNIGHT),
        (str(int(MIDNIGHT.timestamp())), MIDNIGHT),
        ("99999999999999999", None),
        ("tomorrow", None),
        ("", None),
    ],
)
def test_the_moment_of_reset_is_read_in_any_likely_form(codat, client, keeper, reset, understood):
    codat.reply(
        200,
        {"id": "c1"},
        X_Rate_Limit_Limit="13000",
        X_Rate_Limit_Remaining="12999",
        X_Rate_Limit_Reset=reset,
    )
    client.get_company("c1")
    assert keeper.heard == ["acquire", (13000, 12999, understood)]


def test_numbers_that_are_none_are_reported_as_unknown(codat, client, keeper):
    codat.reply(200, {"id": "c1"}, X_Rate_Limit_Limit="many", X_Rate_Limit_Remaining="-1")
    client.get_company("c1")
    assert keeper.heard == ["acquire", (None, None, None)]


def test_an_answer_without_the_headers_reports_nothing(codat, client, keeper):
    codat.reply(200, {"id": "c1"})
    client.get_company("c1")
    assert keeper.heard == ["acquire"]


def test_each_repeat_asks_again_and_each_refusal_is_told(codat, client, keeper):
    codat.reply(429, None, Retry_After="0", X_Rate_Limit_Remaining="0")
    codat.reply(500, None)
    codat.reply(200, {"id": "c1"})
    client.get_company("c1")
    assert keeper.heard == ["acquire", (None, 0, None), ("refused", 0.0), "acquire", "acquire"]


def test_a_keeper_that_says_no_stops_the_request(codat, keeper):
    def refuse(operation: str) -> None:
        raise RateLimitError(retry_after=60)

    keeper.acquire = refuse
    with pytest.raises(RateLimitError):
        Client("key", codat.url, quota=keeper).get_company("c1")
    assert codat.asked == []


def test_a_date_to_wait_for_is_measured_on_codats_clock(codat, client, keeper):
    codat.reply(
        429,
        None,
        Date="Tue, 01 Sep 2026 09:30:00 GMT",
        Retry_After="Tue, 01 Sep 2026 09:31:30 GMT",
    )
    with pytest.raises(RateLimitError) as caught:
        client.get_company("c1")
    assert caught.value.retry_after == 90
    assert keeper.heard == ["acquire", ("refused", 90)]
