import pytest
from django.test import Client

from .cast import make_user, register


@pytest.fixture
def alice(db):
    return make_user("Alice", "onboarding")


@pytest.fixture
def bob(db):
    return make_user("Bob", "onboarding")


@pytest.fixture
def sam(db):
    return make_user("Sam", "senior")


@pytest.fixture
def company(alice):
    return register(alice)


@pytest.fixture
def desk(alice):
    """A browser in which Alice is signed in."""
    client = Client()
    client.force_login(alice)
    return client


@pytest.fixture
def bobs_desk(bob):
    client = Client()
    client.force_login(bob)
    return client


@pytest.fixture
def sams_desk(sam):
    client = Client()
    client.force_login(sam)
    return client
