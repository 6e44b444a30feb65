"""Which failures are repeated at once, after how long, and which are left to the caller."""

import pytest

from onboarding.codat import (
    AccountLimitError,
    AuthenticationError,
    Client,
    ConflictError,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    Outcome,
    RateLimitError,
    RetryPolicy,
    ServerError,
    UnexpectedResponseError,
    UnreachableError,
)

NEVER_LEFT = UnreachableError(maybe_processed=False)
CUT = UnreachableError(maybe_processed=True)
AT_ONCE = RetryPolicy(first_delay=0)


@pytest.mark.parametrize(
    ("method", "error", "delay"),
    [
        ("GET", CUT, 0.5),
        ("GET", NEVER_LEFT, 0.5),
        ("GET", ServerError(), 0.5),
        ("GET", RateLimitError(), 0.5),
        ("GET", RateLimitError(retry_after=3), 3),
        ("GET", RateLimitError(retry_after=0), 0),
        ("GET", RateLimitError(retry_after=5), 5),
        ("GET", RateLimitError(retry_after=5.1), None),
        ("GET", ConflictError(), None),
        ("GET", NotFoundError(), None),
        ("GET", AuthenticationError(), None),
        ("GET", ForbiddenError(), None),
        ("GET", AccountLimitError(), None),
        ("GET", InvalidRequestError(), None),
        ("GET", UnexpectedResponseError(), None),
        ("POST", NEVER_LEFT, 0.5),
        ("PATCH", NEVER_LEFT, 0.5),
        ("POST", CUT, None),
        ("POST", ServerError(), None),
        ("POST", RateLimitError(retry_after=1), None),
        ("PATCH", CUT, None),
        ("PUT", ServerError(), None),
        ("DELETE", ServerError(), None),
    ],
)
def test_first_failure(method, error, delay):
    assert RetryPolicy().delay(1, Outcome(method, error)) == delay


def test_waits_grow_are_capped_and_end():
    policy = RetryPolicy(more_tries=4, first_delay=1, factor=3, max_delay=5)
    outcome = Outcome("GET", ServerError())
    assert [policy.delay(attempt, outcome) for attempt in range(1, 6)] == [1, 3, 5, 5, None]


def test_at_most_two_more_tries_by_default():
    outcome = Outcome("GET", ServerError())
    assert [RetryPolicy().delay(attempt, outcome) for attempt in (1, 2, 3)] == [0.5, 1.0, None]


def test_the_policy_without_retry_gives_up_at_once():
    assert RetryPolicy.none().delay(1, Outcome("GET", NEVER_LEFT)) is None


def test_jitter_only_lengthens_and_by_half_at_most():
    waits = [RetryPolicy().with_jitter(2.0) for _ in range(200)]
    assert all(2.0 <= wait <= 3.0 for wait in waits)
    assert len(set(waits)) > 1


def test_a_read_is_repeated_until_it_succeeds(codat):
    codat.reply(500)
    codat.reply(fault="cut")
    codat.reply(200, {"id": "c1"})
    assert Client("key", codat.url, retry=AT_ONCE).get_company("c1").id == "c1"
    assert len(codat.asked) == 3


def test_the_last_failure_is_the_one_reported(codat):
    codat.reply(500)
    codat.reply(500)
    codat.reply(503)
    with pytest.raises(ServerError) as caught:
        Client("key", codat.url, retry=AT_ONCE).get_company("c1")
    assert caught.value.status_code == 503
    assert len(codat.asked) == 3


@pytest.mark.parametrize("status", [500, 429, 503])
def test_a_write_that_was_answered_is_never_repeated(codat, status):
    codat.reply(status, None, Retry_After="0")
    codat.reply(200, {"id": "c1"})
    with pytest.raises((ServerError, RateLimitError)):
        Client("key", codat.url, retry=AT_ONCE).create_company(name="Bakery")
    assert len(codat.asked) == 1


def test_a_write_whose_answer_was_cut_is_never_repeated(codat):
    codat.reply(fault="cut")
    codat.reply(200, {"id": "c1"})
    with pytest.raises(UnreachableError):
        Client("key", codat.url, retry=AT_ONCE).create_company(name="Bakery")
    assert len(codat.asked) == 1


def test_the_wait_is_the_one_codat_asked_for_with_jitter(codat):
    waits = []

    class Impatient(RetryPolicy):
        def with_jitter(self, seconds: float) -> float:
            waits.append(seconds)
            return 0

    codat.reply(429, None, Retry_After="3")
    codat.reply(500)
    codat.reply(200, {"id": "c1"})
    Client("key", codat.url, retry=Impatient()).get_company("c1")
    assert waits == [3.0, 1.0]
