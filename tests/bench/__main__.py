"""`python -m tests.bench`: measures, side by side in one run, and says which goals are met."""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from .one import MEASURES
from .results import Result, machine, table, write


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes: does it run at all?")
    parser.add_argument("--json", type=Path, default=Path("bench.json"), metavar="FILE")
    parser.add_argument(
        "--only", choices=sorted(MEASURES), action="append", help="may be given several times"
    )
    return parser.parse_args()


def main() -> int:
    options = _arguments()
    ran_on = machine()
    print(" · ".join(f"{name} {value}" for name, value in ran_on.items()), flush=True)
    results: list[Result] = []
    for name in options.only or MEASURES:
        for result in _measure(name, quick=options.quick):
            results.append(result)
            print(f"{result.measure}, {result.scenario}: {result.value:.4g} {result.unit}")
            print(f"    {result.details}", flush=True)
    print("\n".join(table(results)))
    write(results, ran_on, options.json)
    return 0


def _measure(name: str, *, quick: bool) -> Iterator[Result]:
    """The results as they come; a measure that fails ends the run with its traceback."""
    command = [sys.executable, "-m", "tests.bench.one", name, *(["--quick"] if quick else [])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for line in child.stdout:
            if line.startswith("{"):
                yield Result(**json.loads(line))
    if child.returncode:
        raise SystemExit(f"the measure “{name}” failed")


if __name__ == "__main__":
    sys.exit(main())
