"""Each system check fires on what it is about, says how to mend it, and is otherwise silent."""

import re
import tempfile
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured

from onboarding.linking import checks

POSTGRES, SQLITE = "django.db.backends.postgresql", "django.db.backends.sqlite3"

RIGHT = {
    "DEBUG": False,
    "DEMO": False,
    "SECRET_KEY_GIVEN": True,
    "LINK_KEYS_GIVEN": True,
    "CODAT_API_KEY": "a-key",
    "CODAT_BASE_URL": "https://api.codat.io",
    "CODAT_WEBHOOK_SECRETS": ["whsec_c2VjcmV0"],
    "PORTAL_BASE_URL": "https://connect.example.com",
    "FIRM_NAME": "Northbank",
    "PUBLIC_POST_LIMIT": "60/600",
    "SELF_SERVICE_LIMIT": "6/3600",
    "LEASE_SECONDS": 120,
    "SWEEP_SECONDS": 2,
    "LANGUAGES": [("en", "English"), ("en-gb", "British English"), ("de", "German")],
    "SENTRY_DSN": "",
    "SENTRY_STARTED": False,
    "SEND_FILES": True,
    "FILES_DIR": Path(tempfile.gettempdir()) / "not yet there",
}

WRONG = {
    "linking.E001": {"SECRET_KEY_GIVEN": False},
    "linking.E002": {"CODAT_API_KEY": ""},
    "linking.E003": {"CODAT_WEBHOOK_SECRETS": []},
    "linking.E004": {"LINK_KEYS_GIVEN": False},
    "linking.E005": {"CODAT_BASE_URL": "http://127.0.0.1:8001"},
    "linking.E006": {"ENGINE": SQLITE},
    "linking.E008": {"PORTAL_BASE_URL": "http://connect.example.com"},
    "linking.E012": {"LANGUAGES": [("en", "English"), ("cy", "Welsh")]},
    "linking.E009": {"CODAT_WEBHOOK_SECRETS": ["whsec_c2VjcmV0", "no secret"]},
    "linking.E010": {"LEASE_SECONDS": 2},
    "linking.E011": {"PUBLIC_POST_LIMIT": "often"},
    "linking.W001": {"FIRM_NAME": ""},
    "linking.W003": {"FILES_DIR": Path(__file__) / "files"},
    "linking.W002": {"SENTRY_DSN": "https://key@sentry.example/1"},
}

OURS = [
    value
    for value in vars(checks).values()
    if callable(value)
    and getattr(value, "__module__", "") == checks.__name__
    and hasattr(value, "tags")
]


@pytest.fixture
def put(settings, monkeypatch):
    """`put(NAME=value)`: a setting; ENGINE is the database's."""

    def put(**values):
        for name, value in values.items():
            if name == "ENGINE":
                monkeypatch.setitem(settings.DATABASES["default"], name, value)
            else:
                setattr(settings, name, value)

    return put


@pytest.fixture
def right(settings, put):
    put(**RIGHT, ENGINE=POSTGRES)
    return settings


def found():
    return [message for check in OURS for message in check(app_configs=None)]


def test_a_deployment_that_is_right_is_not_talked_about(right):
    assert len(OURS) >= 7
    assert found() == []


@pytest.mark.parametrize("id_", WRONG)
def test_what_is_wrong_is_named_with_the_way_to_mend_it(right, put, id_):
    put(**WRONG[id_])

    (message,) = found()
    assert message.id == id_
    assert message.hint
    assert "c2VjcmV0" not in str(message), "no secret is printed"


def test_every_check_there_is_stands_in_the_table():
    source = Path(checks.__file__).read_text(encoding="utf-8")

    assert set(re.findall(r"linking\.[EW]\d{3}", source)) == set(WRONG)


@pytest.mark.parametrize("mode", ["DEMO", "DEBUG"])
def test_demo_and_development_do_without_secrets(right, put, mode):
    put(**{mode: True})
    for id_ in ("linking.E001", "linking.E002", "linking.E003", "linking.E004", "linking.E005"):
        put(**WRONG[id_])

    assert found() == []


def test_numbers_must_make_sense_in_the_demo_too(right):
    right.DEMO, right.SWEEP_SECONDS = True, 0

    assert [message.id for message in found()] == ["linking.E010"]


def test_a_process_refuses_to_start_and_says_why(right):
    right.CODAT_API_KEY = ""

    with pytest.raises(ImproperlyConfigured, match=r"linking\.E002"):
        checks.refuse_to_start_with_errors()


def test_the_tests_own_settings_have_no_errors():
    ours = [message for message in run_checks() if str(message.id).startswith("linking.")]

    assert [message for message in ours if message.is_serious()] == []
