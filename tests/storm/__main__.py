"""`python -m tests.storm`: many journeys at once under faults; non-zero unless all ends well."""

import argparse
import sys
import time

from tests.stories.stack import IN_HASTE

from .portal import Portal
from .storm import Size, print_line, ride_out
from .weather import DATABASE, KEY_MINUTES, KEYS, KINDS, MIXES

MOST_JOURNEYS = 5000


def _journeys(text: str) -> int:
    number = int(text)
    if not 1 <= number <= MOST_JOURNEYS:
        raise argparse.ArgumentTypeError(f"from 1 to {MOST_JOURNEYS}")
    return number


def _mixes(text: str) -> tuple[str, ...]:
    chosen = tuple(part for part in text.split(",") if part and part != "none")
    if text == "all":
        return MIXES
    if unknown := set(chosen) - set(KINDS):
        known = ", ".join(KINDS)
        raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: use {known}, all, none")
    if {"lag", KEYS} <= set(chosen):
        raise argparse.ArgumentTypeError(f"{KEYS} and lag cannot be told apart in one storm")
    return chosen


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.storm", description=__doc__)
    parser.add_argument("--journeys", type=_journeys, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--mix",
        type=_mixes,
        default=MIXES,
        help=f"all (that is {','.join(MIXES)}), none, or some; beside these {DATABASE}, and {KEYS} "
        "without lag",
    )
    parser.add_argument(
        "--database", default="postgres", help="sqlite, postgres (a throw-away one) or a URL"
    )
    parser.add_argument("--workers", type=int, default=2, help="processes; SQLite has one")
    parser.add_argument("--keep", action="store_true", help="keep logs and mails, and tell more")
    return parser.parse_args()


def main() -> int:
    options = _arguments()
    server, url, workers = None, options.database, options.workers
    if options.database == "postgres":
        from tests.postgres import Postgres  # noqa: PLC0415 - SQLite needs none of it

        server = Postgres()
        url = server.create_database("storm")
    elif options.database == "sqlite":
        url, workers = "", 1
    keys = {"WRITE_KEY_MINUTES": f"{KEY_MINUTES}"} if KEYS in options.mix else {}
    portal = Portal(
        env={**IN_HASTE, "COMPARE_SECONDS": "5", **keys},
        database_url=url,
        workers=workers,
        keeps=options.keep,
    )
    try:
        return _run(portal, Size(options.journeys, options.seed, options.mix), url)
    finally:
        portal.stop()
        if server:
            server.stop()


def _run(portal: Portal, size: Size, url: str) -> int:
    began = time.monotonic()
    database = "PostgreSQL" if url else "SQLite"
    mix = ", ".join(size.mixes) or "none"
    print_line(
        f"storm of {size.journeys} journeys, seed {size.seed}, trouble: {mix}; {database}, "
        f"{len(portal.workers)} worker(s)"
    )
    portal.enter()
    portal.start()
    portal.codat.control("DELETE", "/calls")
    print_line(f"the portal is up after {time.monotonic() - began:.0f} s, in {portal.folder}")
    went_well = ride_out(portal, size, print_line)
    if not went_well:
        print_line(portal.logs(60))
    return 0 if went_well else 1


if __name__ == "__main__":
    sys.exit(main())
