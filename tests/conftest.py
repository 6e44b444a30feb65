"""The cast and the world of the tests.

Alice manages Brook & Sons; Bob is her colleague; Charlie is an administrator who sees everybody;
a customer has a session and no account. Codat is the simulator behind a real socket, Redis is real.
"""

import os
import socket
import subprocess
import time
from datetime import timedelta

import pytest
import redis
from django.contrib.auth.models import Group
from django.utils import timezone

from onboarding.accounts.models import User
from onboarding.demo.stack import find_redis
from onboarding.linking import codat_client, shared_redis

from . import factories
from .simulated import API_KEY, WEBHOOK_SECRET, Simulated

pytest_plugins = ["tests.postgres"]


LONGEST_FIRST = (
    *("tests/storm/", "tests/demo/test_demo.py", "tests/stories/", "tests/test_states.py"),
    *("tests/compose/test_commands.py", "tests/linking/test_turns.py"),
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """What takes minutes begins first, so that no process is left alone with it at the end."""

    def place(item):
        return [not item.nodeid.startswith(folder) for folder in LONGEST_FIRST]

    items.sort(key=place)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory):
    """A Redis of this test process alone."""
    port = free_port()
    server = subprocess.Popen(
        [
            *(find_redis(), "--bind", "127.0.0.1", "--port", str(port), "--save", ""),
            *("--appendonly", "no", "--dir", str(tmp_path_factory.mktemp("redis"))),
        ],
        stdout=subprocess.DEVNULL,
    )
    url = f"redis://127.0.0.1:{port}/0"
    client = redis.Redis.from_url(url)
    ends = time.monotonic() + 10
    while True:
        try:
            client.ping()
            break
        except redis.ConnectionError:
            assert time.monotonic() < ends, "Redis did not start"
            time.sleep(0.02)
    yield url
    server.terminate()
    server.wait(10)


@pytest.fixture
def real_redis(redis_url, settings):
    """Redis, emptied, as the portal's own."""
    settings.REDIS_URL = redis_url
    shared_redis.shared_redis.cache_clear()
    client = shared_redis.shared_redis()
    client.flushall()
    yield client
    shared_redis.shared_redis.cache_clear()


@pytest.fixture(scope="session")
def simulator_process(tmp_path_factory):
    simulator = Simulated(tmp_path_factory.mktemp("simulator"))
    yield simulator
    simulator.stop()


@pytest.fixture
def simulator(simulator_process, real_redis, settings):
    """Codat, imitated, in its first state, and the portal pointed at it."""
    simulator_process.reset()
    settings.CODAT_API_KEY = API_KEY
    settings.CODAT_BASE_URL = simulator_process.url
    settings.CODAT_LINK_HOSTS = [simulator_process.host]
    settings.LOGO_HOSTS = [simulator_process.host]
    settings.CODAT_WEBHOOK_SECRETS = [WEBHOOK_SECRET]
    settings.CODAT_WEB_TIMEOUT = 2
    settings.CODAT_WORKER_TIMEOUT = 2
    for factory in (codat_client.for_web, codat_client.for_worker):
        factory.cache_clear()
    yield simulator_process
    for factory in (codat_client.for_web, codat_client.for_worker):
        factory.cache_clear()


@pytest.fixture
def now():
    return timezone.now()


def _user(name, group):
    user = User.objects.create_user(
        f"{name.lower()}@example.com", "a-password", name=name, is_staff=True
    )
    user.groups.add(Group.objects.get(name=group))
    return user


@pytest.fixture
def alice(db):
    return _user("Alice", "onboarding")


@pytest.fixture
def bob(db):
    return _user("Bob", "onboarding")


@pytest.fixture
def charlie(db):
    return User.objects.create_superuser("charlie@example.com", "a-password", name="Charlie")


@pytest.fixture
def company(alice):
    return factories.make_company(owner=alice)


@pytest.fixture
def xero(db):
    return factories.make_platform()


@pytest.fixture
def ago():
    """Moments in the past: `ago(minutes=5)`."""
    return lambda **parts: timezone.now() - timedelta(**parts)


os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright runs a loop in this thread
