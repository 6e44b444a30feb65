import pytest
from django.test import Client

from .cast import make_user


@pytest.fixture
def sam(db):
    """A senior: sees everybody's customers."""
    return make_user("Sam", "senior")


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
