"""The structure of docker-compose.yml and of the Dockerfile, as far as no engine is needed."""

import fnmatch
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from .compose_file import ROOT, TEXT, VARIABLE, read, read_raw
from .schema import COMPOSE

VALUES = {
    "SECRET_KEY": "x",
    "LINK_KEYS": "x",
    "CODAT_API_KEY": "x",
    "CODAT_WEBHOOK_SECRETS": "whsec_eHh4",
    "PORTAL_BASE_URL": "https://connect.example.com",
    "POSTGRES_PASSWORD": "x",
}
SERVICES = read_raw()["services"]
PORTAL = ("migrate", "web", "worker-interactive", "worker-codat", "worker-mail", "beat")


@pytest.fixture(params=SERVICES, name="service")
def each_service(request: pytest.FixtureRequest) -> dict[str, Any]:
    return read(VALUES)["services"][request.param]


def test_the_stack_is_complete() -> None:
    assert set(SERVICES) == {*PORTAL, "db", "redis", "mail", "simulator"}
    assert [name for name, service in SERVICES.items() if "profiles" in service] == ["simulator"]


def test_the_file_is_what_compose_understands() -> None:
    Draft202012Validator.check_schema(COMPOSE)
    Draft202012Validator(COMPOSE).validate(read(VALUES))


@pytest.mark.parametrize(
    ("key", "value"),
    [("comand", ["x"]), ("ports", ["8000:8000"]), ("restart", "sometimes"), ("volumes", ["/etc"])],
)
def test_a_slip_in_the_file_would_be_seen(key: str, value: Any) -> None:
    compose = read(VALUES)
    compose["services"]["web"][key] = value
    assert not Draft202012Validator(COMPOSE).is_valid(compose)


def test_images_from_elsewhere_have_a_version(service: dict[str, Any]) -> None:
    if "build" not in service:
        assert re.fullmatch(r"[a-z0-9./-]+:v?\d[\w.-]*", service["image"])


def test_what_a_service_waits_for_exists_and_can_happen(service: dict[str, Any]) -> None:
    for name, wish in service.get("depends_on", {}).items():
        if wish["condition"] == "service_healthy":
            assert SERVICES[name]["healthcheck"]["test"]
        if wish["condition"] == "service_completed_successfully":
            assert SERVICES[name]["restart"] in {"no", "on-failure"}


def test_volumes_are_declared(service: dict[str, Any]) -> None:
    for volume in service.get("volumes", []):
        name, target = volume.split(":")
        assert name in read_raw()["volumes"]
        assert target.startswith("/")


def test_ports_are_open_to_this_machine_alone(service: dict[str, Any]) -> None:
    for port in service.get("ports", []):
        assert re.fullmatch(r"127\.0\.0\.1:(\d+):\1", port)


def test_the_portals_containers_may_do_no_more_than_they_must() -> None:
    for name in PORTAL:
        service = read(VALUES)["services"][name]
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["read_only"] is True


def test_every_queue_has_its_worker() -> None:
    queues = [
        command[command.index("--queues") + 1]
        for command in (service.get("command", []) for service in SERVICES.values())
        if "--queues" in command
    ]
    assert sorted(queues) == ["codat", "interactive", "mail"]


def test_every_variable_given_to_the_portal_is_one_that_it_reads() -> None:
    settings = (ROOT / "onboarding" / "settings.py").read_text(encoding="utf-8")
    for name in read(VALUES)["services"]["beat"]["environment"]:
        assert re.search(rf'env_\w+\(\s*"{name}"', settings), name


def test_every_secret_must_be_given_and_none_is_written_down() -> None:
    for name in VALUES:
        without = {key: value for key, value in VALUES.items() if key != name}
        with pytest.raises(KeyError, match=name):
            read(without)
    assert "$" not in VARIABLE.sub("", TEXT).replace("$$", "")


def test_docker_agrees_where_it_is_installed(tmp_path: Path) -> None:
    """`docker compose config` needs no engine; without it, the tests above have to do."""
    docker = shutil.which("docker") or "docker"
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), **VALUES}
    command = [docker, "compose", "--profile", "simulator", "config", "--quiet"]
    if not _runs([docker, "compose", "version"], environment):
        command = [sys.executable, "-c", "import yaml; yaml.safe_load(open('docker-compose.yml'))"]
    said = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert (said.returncode, said.stderr) == (0, "")


def _runs(command: list[str], environment: dict[str, str]) -> bool:
    try:
        return not subprocess.run(
            command, env=environment, capture_output=True, check=False
        ).returncode
    except OSError:
        return False


# ── Dockerfile ───────────────────────────────────────────────────────────────────────────────────

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
STAGES = re.split(r"^(?=FROM )", DOCKERFILE, flags=re.MULTILINE)[1:]


def instructions(stage: str, name: str) -> list[str]:
    return re.findall(rf"^{name}\s+(.*?)\s*$", stage, flags=re.MULTILINE)


def test_the_last_stage_is_the_portal_and_all_targets_exist() -> None:
    names = [re.search(r" AS (\S+)$", stage.splitlines()[0])[1] for stage in STAGES]
    assert names[-1] == "portal"
    assert {s["build"]["target"] for s in SERVICES.values() if "build" in s} <= set(names)


def test_images_that_run_do_not_run_as_root() -> None:
    for stage in STAGES[1:]:
        assert instructions(stage, "USER")[-1] == "10001"


def test_everything_installed_is_held_to_its_hash() -> None:
    installs = [run for run in instructions(DOCKERFILE, "RUN") if "pip install" in run]
    assert installs
    assert all("--require-hashes" in run and "requirements/" in run for run in installs)


def test_what_is_copied_exists_and_is_not_ignored() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert lines[0] == "*"
    wanted = [line[1:] for line in lines if line.startswith("!")]
    for copy in instructions(DOCKERFILE, "COPY"):
        for source in copy.split()[:-1]:
            assert (ROOT / source).exists()
            assert any(fnmatch.fnmatch(source, pattern) for pattern in wanted), source


def test_the_image_starts_as_compose_starts_it() -> None:
    assert json.loads(instructions(STAGES[-1], "CMD")[-1]) == SERVICES["web"]["command"]


def test_static_files_are_collected_without_any_secret(tmp_path: Path) -> None:
    (run,) = [run for run in instructions(STAGES[-1], "RUN") if "collectstatic" in run]
    collect = re.search(r"python (manage\.py collectstatic[^&]*)", run)[1].split()
    environment = {"STATIC_ROOT": str(tmp_path)}
    subprocess.run([sys.executable, *collect], cwd=ROOT, env=environment, check=True)
    assert (tmp_path / "staticfiles.json").exists()
