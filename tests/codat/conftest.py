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


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine behind a proxy must not ask it for a server of our own."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


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
