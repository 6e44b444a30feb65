"""What was measured, as a table for people and as JSON."""

import json
import os
import platform
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


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
        "load_before": round(os.getloadavg()[0], 2),
    }


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
    rows = [{**asdict(one), "ratio": one.ratio} for one in results]
    path.write_text(json.dumps({"machine": ran_on, "results": rows}, indent=2) + "\n")


def percentile(values: list[float], share: float) -> float:
    """The smallest value that at least this share of all does not exceed; NaN without values."""
    ordered = sorted(values)
    return (
        ordered[max(0, -(-int(share * 100) * len(ordered) // 100) - 1)] if ordered else float("nan")
    )
