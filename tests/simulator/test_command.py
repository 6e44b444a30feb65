"""The command: addresses, a clean end, and nothing forgotten."""

import json
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
import requests

from .conftest import AUTH, Spawn, eventually


def test_it_stops_at_once_and_cleanly_on_sigterm(spawn: Spawn) -> None:
    child, codat = spawn()
    codat.control("/faults", {"match": {"operation": "get-profile"}, "fault": "timeout"})
    with pytest.raises(requests.ReadTimeout):
        requests.get(f"{codat.url}/profile", headers=AUTH, timeout=0.2)  # held by the server
    began = time.monotonic()
    child.send_signal(signal.SIGTERM)
    assert child.wait(5) == 0
    assert time.monotonic() - began < 2


def test_kill_9_and_restart_forget_nothing(spawn: Spawn) -> None:
    child, codat = spawn()
    company_id, _ = codat.linked(name="Kept", tags={"uid": "k"})
    codat.control("/clock", {"advance_seconds": 3600})
    codat.control("/integrations/qhyg", {"enabled": False})
    key = {"Idempotency-Key": "k-1"}
    first = codat.call("POST", "/companies", json={"name": "Again"}, headers=key).json()
    link_url = codat.connection(codat.company())["linkUrl"]
    before = codat.control("/state", method="GET")
    child.kill()
    child.wait()

    _, codat = spawn()
    after = codat.control("/state", method="GET")
    assert after["now"] >= before["now"]
    assert [c["id"] for c in after["companies"]] == [c["id"] for c in before["companies"]]
    assert codat.get("/companies", tags="uid=k")["results"][0]["id"] == company_id
    assert not codat.get("/integrations/qhyg")["enabled"]
    again = codat.call("POST", "/companies", json={"name": "Again"}, headers=key).json()
    assert again["id"] == first["id"]
    path = link_url.split("/companies/")[1]
    assert requests.get(f"{codat.url}/companies/{path}", timeout=5).ok
    eventually(lambda: codat.read_done(company_id))


def test_a_port_in_use_is_said_in_one_sentence(spawn: Spawn, tmp_path: Path) -> None:
    _, codat = spawn()
    port = codat.url.rsplit(":", 1)[1]
    command = [sys.executable, "-m", "onboarding.simulator", "--port", port, "--platform-port", "0"]
    command += ["--state", str(tmp_path / "other.sqlite3"), "--portal", "http://127.0.0.1:9"]
    second = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert second.returncode == 1
    assert "Traceback" not in second.stderr
    assert port in second.stderr


def test_a_file_of_an_older_version_is_taken_as_far_as_it_goes(
    spawn: Spawn, tmp_path: Path
) -> None:
    child, codat = spawn()
    company_id, _ = codat.linked(name="Kept")
    child.terminate()
    child.wait(5)
    with closing(sqlite3.connect(tmp_path / "child.sqlite3")) as file, file:
        (body,) = file.execute("SELECT body FROM record WHERE id = ?", (company_id,)).fetchone()
        older = json.dumps(json.loads(body) | {"no_longer_known": 1})
        file.execute("UPDATE record SET body = ? WHERE id = ?", (older, company_id))
        settings = json.dumps({"key": "settings", "value": {"otp": True}})
        file.execute("UPDATE record SET body = ? WHERE id = 'settings'", (settings,))
    _, codat = spawn()
    assert codat.get(f"/companies/{company_id}")["name"] == "Kept"
    assert codat.control("/settings", method="GET")["fetch_on_first_link"] is True


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--webhook-secret", "whsec_???", "base64"),
        ("--dataset-seconds", "9:1", "MIN:MAX"),
        ("--state", "/nowhere/at/all.sqlite3", "/nowhere/at/all.sqlite3"),
    ],
)
def test_a_wrong_option_is_said_in_one_sentence(
    tmp_path: Path, option: str, value: str, words: str
) -> None:
    options = {"--state": str(tmp_path / "s.sqlite3"), "--portal": "http://127.0.0.1:9"}
    options |= {"--port": "0", "--platform-port": "0", option: value}
    command = [sys.executable, "-m", "onboarding.simulator"]
    command += [part for pair in options.items() for part in pair]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode != 0
    assert words in done.stderr
    assert "Traceback" not in done.stderr
