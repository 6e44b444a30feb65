"""Looks up known flaws of the locked dependencies: `audit.py LOCKFILE…`.

A flaw that a newer version mends is a failure; one without a mend, or a directory of flaws that
cannot be reached, is only said.
"""

# ruff: noqa: S603, T201 - fixed commands, for a person at a terminal
import json
import subprocess
import sys
import tempfile
from pathlib import Path

SECONDS = 120


def main(lock_files: list[str]) -> int:
    report = _ask(lock_files)
    if report is None:
        print("Known flaws: not looked up, the directory of flaws is not reachable from here.")
        return 0
    flaws = [
        (f"{package['name']} {package['version']}: {flaw['id']}", flaw["fix_versions"])
        for package in report["dependencies"]
        for flaw in package.get("vulns", [])
    ]
    for flaw, mended_in in flaws:
        print(f"{flaw}, mended in {', '.join(mended_in)}" if mended_in else f"{flaw}, no mend yet")
    print(f"Known flaws: {len(flaws)} in {len(report['dependencies'])} locked packages.")
    return 1 if any(mended_in for _, mended_in in flaws) else 0


def _ask(lock_files: list[str]) -> dict | None:
    """None when no answer came."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "report.json"
        options = ["--disable-pip", "--require-hashes", "--progress-spinner", "off"]
        files = [option for name in lock_files for option in ("--requirement", name)]
        command = [sys.executable, "-m", "pip_audit", *options, *files]
        try:
            subprocess.run(
                [*command, "--timeout", "10", "--format", "json", "--output", str(output)],
                capture_output=True,
                timeout=SECONDS,
                check=False,
            )
            return json.loads(output.read_text(encoding="utf-8"))
        except (subprocess.TimeoutExpired, OSError, ValueError):
            return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
