"""`python -m onboarding.simulator`: serves the imitated Codat until SIGTERM or Ctrl-C."""

import argparse
import base64
import json
import signal
import sqlite3
import sys
import threading

from .app import Simulator
from .assumptions import DATASET_SECONDS


def _range(text: str) -> tuple[float, float]:
    shortest, _, longest = text.partition(":")
    low, high = float(shortest), float(longest or shortest)
    if not 0 <= low <= high:
        raise argparse.ArgumentTypeError("expected MIN:MAX, in seconds")
    return low, high


def _secret(text: str) -> str:
    """The first one, when a deployment's list for a rotation is passed on."""
    secret = text.replace(",", " ").split(maxsplit=1)[0] if text.strip(", ") else ""
    try:
        base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError as error:
        raise argparse.ArgumentTypeError("expected whsec_ and base64") from error
    return secret


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m onboarding.simulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8001, help="API and Link; 0 takes a free one")
    parser.add_argument("--platform-port", type=int, default=8002, help="the platforms' sign-in")
    parser.add_argument("--state", required=True, metavar="FILE", help="where the world is kept")
    parser.add_argument("--portal", required=True, metavar="URL", help="where customers return to")
    parser.add_argument("--webhook-secret", type=_secret, default="", metavar="whsec_…")
    parser.add_argument("--speed", type=float, default=1.0, help="of the simulator's clock")
    parser.add_argument(
        "--dataset-seconds", type=_range, default=DATASET_SECONDS, metavar="MIN:MAX"
    )
    parser.add_argument("--api-key", action="append", metavar="KEY", help="may be repeated")
    parser.add_argument(
        "--control-anywhere", action="store_true", help="answer /control to other machines too"
    )
    return parser.parse_args()


def main() -> int:
    options = _arguments()
    try:
        simulator = Simulator(
            state=options.state,
            portal=options.portal,
            host=options.host,
            port=options.port,
            platform_port=options.platform_port,
            webhook_secret=options.webhook_secret,
            speed=options.speed,
            dataset_seconds=options.dataset_seconds,
            api_keys=tuple(options.api_key or ["demo-api-key"]),
            control_anywhere=options.control_anywhere,
        )
    except OSError as error:
        sys.stderr.write(f"The simulator cannot listen on {options.host}: {error}.\n")
        return 1
    except sqlite3.Error as error:
        sys.stderr.write(f"The simulator cannot keep its state in {options.state}: {error}.\n")
        return 1
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    simulator.start()
    addresses = {"url": simulator.url, "platform_url": simulator.platform_url}
    sys.stdout.write(json.dumps(addresses) + "\n")
    sys.stdout.flush()
    # An untimed wait may sleep through a signal that arrives just before it begins.
    while not ended.wait(0.5):
        pass
    simulator.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
