from collections.abc import Iterator

import pytest

from onboarding.codat import Client, RetryPolicy

from .scripted import ScriptedServer


@pytest.fixture
def codat() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


@pytest.fixture
def client(codat: ScriptedServer) -> Iterator[Client]:
    """A client of the scripted server that never repeats."""
    client = Client("demo-api-key", codat.url, retry=RetryPolicy.none())
    yield client
    client.close()
