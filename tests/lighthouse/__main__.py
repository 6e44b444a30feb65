"""Lighthouse on a phone: `python -m tests.lighthouse [--runs N]`.

Starts the whole portal, walks to start, choose, permission and confirm, and lets Lighthouse look at
each in all four categories; a page's score is the median of its runs. Prints the scores, writes
`.build/lighthouse/scores.json` beside the full reports, and exits with 1 if any is under 95.
Needs node and Chromium; npx fetches Lighthouse, in one version, into `.build/`.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.requirements import CHROMIUM_SWITCHES, find_chromium
from tests.stories.stack import Stack

from .walk import Stop, walk

LIGHTHOUSE = "lighthouse@12.8.2"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
GOAL = 95
FOLDER = Path(__file__).resolve().parents[2] / ".build" / "lighthouse"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.lighthouse", description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="looks at each page (3)")
    runs = parser.parse_args().runs
    if not shutil.which("npx"):
        print("Lighthouse needs node: Debian: apt-get install nodejs npm", file=sys.stderr)
        return 2
    shutil.rmtree(FOLDER / "portal", ignore_errors=True)
    (FOLDER / "portal").mkdir(parents=True)
    stack = Stack(FOLDER / "portal")
    try:
        stack.start()
        scores = {stop.name: _scores(stop, runs) for stop in walk(stack)}
    finally:
        stack.stop()
    (FOLDER / "scores.json").write_text(json.dumps(scores, indent=1))
    _print(scores)
    return 1 if any(score < GOAL for page in scores.values() for score in page.values()) else 0


def _scores(stop: Stop, runs: int) -> dict[str, float]:
    reports = [_look(stop, number) for number in range(runs)]
    _tell_findings(stop, reports[-1])
    return {
        name: statistics.median(round(each["categories"][name]["score"] * 100) for each in reports)
        for name in CATEGORIES
    }


def _look(stop: Stop, number: int) -> dict[str, Any]:
    """One run, against a browser that knows nothing yet; raises when Lighthouse could not look."""
    report, headers = FOLDER / f"{stop.name}-{number}.json", FOLDER / "headers.json"
    headers.write_text(json.dumps(stop.headers))
    env = {**os.environ, "CHROME_PATH": find_chromium(), "npm_config_cache": str(FOLDER / "npm")}
    subprocess.run(
        [
            *("npx", "--yes", LIGHTHOUSE, stop.url, "--quiet", "--form-factor=mobile"),
            *("--output=json", f"--output-path={report}", f"--extra-headers={headers}"),
            f"--only-categories={','.join(CATEGORIES)}",
            f"--chrome-flags={' '.join(['--headless=new', *CHROMIUM_SWITCHES])}",
        ],
        env=env,
        check=True,
        timeout=300,
    )
    found = json.loads(report.read_text())
    if "runtimeError" in found or found["finalDisplayedUrl"] != stop.url:
        raise RuntimeError(f"Lighthouse did not see {stop.name}: {found.get('runtimeError')}")
    return found


def _tell_findings(stop: Stop, report: dict[str, Any]) -> None:
    """What costs points, as Lighthouse calls it."""
    for category in CATEGORIES:
        for entry in report["categories"][category]["auditRefs"]:
            audit = report["audits"][entry["id"]]
            if entry["weight"] and audit["score"] is not None and audit["score"] < 0.9:
                value = audit.get("displayValue", "")
                print(f"{stop.name}: {category}: {audit['title']} {value}".rstrip())


def _print(scores: dict[str, dict[str, float]]) -> None:
    print(f"\n{'':<12}" + "".join(f"{name:>16}" for name in CATEGORIES))
    for page, found in scores.items():
        print(f"{page:<12}" + "".join(f"{found[name]:>16.0f}" for name in CATEGORIES))


if __name__ == "__main__":
    sys.exit(main())
