"""A customer's browser, let in for Brook & Sons, and what it sees."""

import pytest

from onboarding.journey import decorators
from onboarding.linking.context_processors import forget_firm
from onboarding.linking.on_offer import forget_offers
from onboarding.linking.shared_redis import shared_redis
from tests import factories


@pytest.fixture(autouse=True)
def no_redis(settings):
    """Pages answer without Redis; and a Redis that this machine may have is left alone."""
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    shared_redis.cache_clear()
    yield
    shared_redis.cache_clear()


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Forms in which any address may be typed answer at once."""
    monkeypatch.setattr(decorators, "ANSWER_AFTER", 0)


@pytest.fixture
def kept(settings):
    """The firm and its offers are kept for some seconds, as in a real deployment."""
    settings.FIRM_CACHE_SECONDS = 60
    forget_firm(), forget_offers()
    yield
    forget_firm(), forget_offers()


@pytest.fixture
def company(db):
    return factories.make_company()


@pytest.fixture
def customer(client, company):
    """Django's test client holding the key of a live session."""
    _session, key = factories.make_session(company)
    client.cookies["journey"] = key
    return client


@pytest.fixture
def qbo(db):
    return factories.make_platform("qhyg", "QuickBooks Online", order=200)


@pytest.fixture
def shopify(db):
    return factories.make_platform("fztf", "Shopify", "Commerce")
