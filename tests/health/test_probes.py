"""What each probe asks, and what it says when a part is missing. Redis is a real one."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client

from onboarding.demo.stack import find_redis
from onboarding.linking import heartbeat
from onboarding.linking.shared_redis import shared_redis

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return unused.getsockname()[1]


@pytest.fixture
def redis_server(settings, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A Redis of this test's own, which it may stop."""
    port = free_port()
    settings.REDIS_URL = f"redis://127.0.0.1:{port}/0"
    shared_redis.cache_clear()
    command = [find_redis(), "--bind", "127.0.0.1", "--port", str(port), "--save", ""]
    process = subprocess.Popen(
        [*command, "--dir", str(tmp_path)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 10
    while socket.socket().connect_ex(("127.0.0.1", port)):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    yield process
    process.kill()
    process.wait()
    shared_redis.cache_clear()


def test_live_asks_nobody(client: Client) -> None:
    """The database is out of bounds in this test."""
    answer = client.get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"ok": True})


@pytest.mark.django_db
def test_web_asks_the_database_alone(
    client: Client, redis_server, django_assert_num_queries
) -> None:
    redis_server.kill()
    redis_server.wait()
    with django_assert_num_queries(1):
        answer = client.get("/health/web")
    assert answer.status_code == 200
    assert answer.json() == {"ok": True, "parts": {"database": {"ok": True}}}


def test_web_is_503_while_the_database_does_not_answer() -> None:
    program = (
        "import django; django.setup()\n"
        "from django.test import Client\n"
        "answer = Client().get('/health/web')\n"
        "print(answer.status_code, answer.content.decode())"
    )
    database = f"postgres://portal:never-shown@127.0.0.1:{free_port()}/portal"
    said = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": database},
        capture_output=True,
        text=True,
        check=True,
    )
    status, _, body = said.stdout.strip().partition(" ")
    assert status == "503"
    assert json.loads(body)["parts"] == {"database": {"ok": False, "reason": "does not answer"}}
    assert "never-shown" not in said.stdout + said.stderr


@pytest.mark.django_db
def test_ready_when_everything_lives(client: Client, redis_server) -> None:
    heartbeat.record("worker")
    heartbeat.record("beat")
    answer = client.get("/health/ready")
    assert answer.status_code == 200
    assert answer.json()["parts"] == {
        "database": {"ok": True},
        "redis": {"ok": True},
        "worker": {"ok": True},
        "beat": {"ok": True},
    }


@pytest.mark.django_db
@pytest.mark.parametrize(("alive", "still"), [("worker", "beat"), ("beat", "worker")])
def test_ready_names_the_part_that_is_not_heard(
    client: Client, redis_server, alive: heartbeat.Name, still: str
) -> None:
    heartbeat.record(alive)
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    parts = answer.json()["parts"]
    assert [name for name, part in parts.items() if not part["ok"]] == [still]
    assert parts[still]["reason"] == "nothing heard for 15 seconds"


@pytest.mark.django_db
def test_a_heart_is_forgotten_when_it_stays_still(client: Client, redis_server) -> None:
    heartbeat.record("worker")
    left = shared_redis().pttl("linking:heartbeat:worker")
    assert 10_000 < left <= 15_000


@pytest.mark.django_db
def test_ready_is_503_and_quick_without_redis(client: Client, redis_server) -> None:
    redis_server.kill()
    redis_server.wait()
    began = time.monotonic()
    answer = client.get("/health/ready")
    assert time.monotonic() - began < 5
    assert answer.status_code == 503
    parts = answer.json()["parts"]
    assert parts["database"] == {"ok": True}
    assert parts["redis"] == {"ok": False, "reason": "does not answer"}
    assert parts["worker"]["reason"] == parts["beat"]["reason"] == "unknown without Redis"


def test_a_heartbeat_without_redis_harms_nobody(redis_server) -> None:
    redis_server.kill()
    redis_server.wait()
    heartbeat.record("worker")


@pytest.mark.parametrize("name", ["live", "web", "ready"])
def test_probes_only_answer_questions(client: Client, name: str) -> None:
    answer = client.post(f"/health/{name}")
    assert answer.status_code == 405


def test_answers_are_never_kept(client: Client) -> None:
    assert "no-store" in client.get("/health/live")["Cache-Control"]
