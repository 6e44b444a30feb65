"""`python -m tests.bench.one NAME [--quick]`: one measure; a JSON line on stdout for each result.

A process of its own, since Django can be set up only once, and on a PostgreSQL of its own.
"""

import json
import os
import sys
from dataclasses import asdict
from typing import Final

from tests.postgres import Postgres

from . import desk_list, doors, full_pass, load_partner, onboardings, workers

MEASURES: Final = {
    "onboardings": onboardings.measure,
    "full_pass": full_pass.measure,
    "doors": doors.measure,
    "desk_list": desk_list.measure,
    "load_partner": load_partner.measure,
    "workers": workers.measure,
}


def main(name: str, *options: str) -> None:
    os.environ["LOG_LEVEL"] = "ERROR"
    server = Postgres()
    try:
        for result in MEASURES[name](server.create_database("bench"), quick="--quick" in options):
            print(json.dumps(asdict(result)), flush=True)
    finally:
        server.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
