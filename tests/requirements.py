"""Parts of the machine that some tests need, and what to say when one is missing."""

import os
import shutil

import pytest


def require(condition: object, what: str, how: str) -> None:
    """Skip the test unless `condition`; with REQUIRE_ALL=1 fail it instead.

    `what` names the missing part, `how` says how to get it; both stand in the summary.
    """
    if condition:
        return
    missing = f"no {what} on this machine. {how}"
    if os.environ.get("REQUIRE_ALL") == "1":
        pytest.fail(missing, pytrace=False)
    pytest.skip(missing)


def find_chromium() -> str:
    """The path of an installed Chromium; requires one."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if (path := shutil.which(name))), "")
    require(found, "Chromium", "Debian: apt-get install chromium")
    return found


CHROMIUM_SWITCHES = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
"""What a headless Chromium needs in a container, and what keeps it from calling home."""
