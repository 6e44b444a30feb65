"""How often a public form may be sent."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from onboarding.linking import shared_redis
from onboarding.linking.limits import client_address, limit_posts
from tests.conftest import free_port

ok = HttpResponse("ok")


def limited(subject=None):
    return limit_posts(subject)(lambda request, **kwargs: ok)


def post(view, *, address="192.0.2.1", method="post", **kwargs):
    request = getattr(RequestFactory(), method)("/", REMOTE_ADDR=address)
    return view(request, **kwargs).status_code


@pytest.fixture
def three_posts(real_redis, settings, db):
    settings.PUBLIC_POST_LIMIT = "3/60"


def test_one_address_may_send_so_many_and_no_more(three_posts):
    view = limited()

    assert [post(view) for _ in range(5)] == [200, 200, 200, 429, 429]
    assert post(view, address="192.0.2.2") == 200


def test_reading_is_never_limited(three_posts):
    view = limited()

    assert {post(view, method="get") for _ in range(9)} == {200}


def test_one_subject_is_limited_from_however_many_addresses(three_posts):
    view = limited(lambda request, token: token)

    answers = [post(view, address=f"192.0.2.{n}", token="t") for n in range(5)]

    assert answers == [200, 200, 200, 429, 429]
    assert post(view, address="192.0.2.99", token="other") == 200


def test_a_refusal_says_when_to_come_back(three_posts):
    view = limited()
    for _ in range(3):
        post(view)

    response = view(RequestFactory().post("/", REMOTE_ADDR="192.0.2.1"))

    assert (response.status_code, response["Retry-After"]) == (429, "60")


def test_a_window_ends(real_redis, settings, db):
    settings.PUBLIC_POST_LIMIT = "1/60"
    view = limited()
    assert [post(view), post(view)] == [200, 429]

    (counter,) = real_redis.keys("linking:limit:*")
    assert 0 < real_redis.ttl(counter) <= 60
    real_redis.delete(counter)
    assert post(view) == 200


def test_nobodys_address_is_kept_in_readable_form(three_posts, real_redis):
    post(limited(lambda request: "owner@brook.example"))

    assert all("192.0.2" not in key and "owner" not in key for key in real_redis.keys("*"))


def test_without_redis_nobody_is_refused(settings, db):
    settings.PUBLIC_POST_LIMIT = "1/60"
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    shared_redis.shared_redis.cache_clear()
    view = limited()

    try:
        assert {post(view) for _ in range(3)} == {200}
    finally:
        shared_redis.shared_redis.cache_clear()


ADDRESSES = [
    (0, "192.0.2.1", "203.0.113.9", "192.0.2.1"),
    (1, "192.0.2.1", "203.0.113.9", "203.0.113.9"),
    (1, "192.0.2.1", "1.1.1.1, 203.0.113.9", "203.0.113.9"),
    (2, "192.0.2.1", "1.1.1.1, 203.0.113.9, 10.0.0.1", "203.0.113.9"),
    (2, "192.0.2.1", "203.0.113.9", "192.0.2.1"),
    (1, "192.0.2.1", "", "192.0.2.1"),
    (1, "192.0.2.1", "nonsense", "unknown"),
    (0, "2001:db8:1:2:3::4", "", "2001:db8:1:2::/64"),
    (0, "::ffff:192.0.2.7", "", "192.0.2.7"),
    (0, "", "", "unknown"),
]


@pytest.mark.parametrize(("hops", "remote", "forwarded", "address"), ADDRESSES)
def test_the_address_is_that_before_the_trusted_proxies(settings, hops, remote, forwarded, address):
    settings.TRUSTED_PROXY_HOPS = hops
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}

    assert client_address(RequestFactory().get("/", REMOTE_ADDR=remote, **headers)) == address


def test_an_office_behind_one_address_may_send_more_than_one_of_its_people(three_posts):
    view = limited(lambda request, token: token)

    answers = [post(view, token=f"person {n}") for n in range(31)]

    assert answers == [200] * 30 + [429]
