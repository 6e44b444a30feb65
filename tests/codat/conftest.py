from collections.abc import Iterator

import hypothesis
import pytest

from onboarding.codat import Client, RetryPolicy

from .scripted import ScriptedServer

# The same examples on every run, and no clock to lose against on a busy machine.
hypothesis.settings.register_profile(
    "steady",
    deadline=None,
    derandomize=True,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("steady")


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
