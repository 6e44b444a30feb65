"""What was measured, as a table for people and as JSON."""

import json
import os
import platform
import re
import sqlite3
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django

from tests.postgres import find_postgres


@dataclass(frozen=True)
class Result:
    """One row: `value` against `baseline`, both in `unit`."""

    measure: str
    scenario: str
    value: float
    unit: str
    goal: str
    is_met: bool | None
    """None: nothing was asked of it."""
    baseline: float | None = None
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def ratio(self) -> float | None:
        return self.value / self.baseline if self.baseline else None


def machine() -> dict[str, Any]:
    """The machine on which all of this ran, and how busy it was already."""
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in _lines("/proc/cpuinfo")
            if line.startswith("model name")
        ),
        platform.processor() or "unknown",
    )
    memory = next((line.split()[1] for line in _lines("/proc/meminfo") if "MemTotal" in line), "0")
    return {
        "cpu": model,
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(int(memory) / 2**20, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "django": django.__version__,
        "postgresql": _version([find_postgres() / "postgres", "--version"]),
        "redis": _version(["redis-server", "--version"]),
        "sqlite": sqlite3.sqlite_version,
        "load_before": round(os.getloadavg()[0], 2),
    }


def commit() -> str:
    """What was measured; “+ changes” where the working tree is not that commit."""
    changes = _output(["git", "status", "--porcelain", "--untracked-files=no"])
    return _output(["git", "rev-parse", "HEAD"]) + (" + changes" if changes else "")


def _version(command: list[Any]) -> str:
    found = re.search(r"\d+(\.\d+)+", _output(command))
    return found[0] if found else ""


def _output(command: list[Any]) -> str:
    """What a program prints; empty where there is none."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        return ""


def _lines(path: str) -> list[str]:
    file = Path(path)
    return file.read_text().splitlines() if file.exists() else []


def table(results: list[Result]) -> Iterator[str]:
    rows = [("Measure", "Scenario", "Measured", "Baseline", "Ratio", "Goal", "")]
    for one in results:
        verdict = {True: "met", False: "MISSED", None: ""}[one.is_met]
        baseline = "–" if one.baseline is None else f"{one.baseline:.4g}"
        ratio = "–" if one.ratio is None else f"{one.ratio:.2f}"
        measured = f"{one.value:.4g} {one.unit}"
        rows.append((one.measure, one.scenario, measured, baseline, ratio, one.goal, verdict))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def write(results: list[Result], ran_on: dict[str, Any], path: Path) -> None:
    """`goals` names what was met and what was missed; what has no goal is in neither."""
    rows = [{**asdict(one), "ratio": one.ratio} for one in results]
    goals = {
        word: [f"{one.measure}, {one.scenario}" for one in results if one.is_met is verdict]
        for word, verdict in (("met", True), ("missed", False))
    }
    measured = {
        "commit": commit(),
        "ended_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": ran_on,
        "goals": goals,
        "results": rows,
    }
    path.write_text(json.dumps(measured, indent=2, ensure_ascii=False) + "\n")


def percentile(values: list[float], share: float) -> float:
    """The smallest value that at least this share of all does not exceed; NaN without values."""
    ordered = sorted(values)
    return (
        ordered[max(0, -(-int(share * 100) * len(ordered) // 100) - 1)] if ordered else float("nan")
    )
