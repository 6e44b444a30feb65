"""The demo's ports: which they are, and whether they are free."""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass

from .supervisor import DemoError

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Ports:
    portal: int
    simulator: int
    platform: int
    redis: int

    @property
    def portal_url(self) -> str:
        return f"http://{HOST}:{self.portal}"

    @property
    def simulator_url(self) -> str:
        return f"http://{HOST}:{self.simulator}"

    @property
    def redis_url(self) -> str:
        return f"redis://{HOST}:{self.redis}/0"


def read_ports(environ: Mapping[str, str] = os.environ) -> Ports:
    """Ports from the environment, each free at this moment; otherwise a DemoError names it."""
    wanted = {
        "PORT": _number(environ, "PORT", 8000),
        "SIMULATOR_PORT": _number(environ, "SIMULATOR_PORT", 8001),
        "PLATFORM_PORT": _number(environ, "PLATFORM_PORT", 8002),
        "REDIS_PORT": _number(environ, "REDIS_PORT", 0),
    }
    sockets: list[socket.socket] = []
    try:
        # All at once, so that the free one found for Redis is none of the others.
        for name, port in wanted.items():
            if port and port in [other.getsockname()[1] for other in sockets]:
                raise DemoError(f"{name} is {port}, which another of the demo's ports is too.")
            sockets.append(_bind(name, port))
        return Ports(*(bound.getsockname()[1] for bound in sockets))
    finally:
        for bound in sockets:
            bound.close()


def accepts(port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        return probe.connect_ex((HOST, port)) == 0


def _number(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name, "").strip()
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise DemoError(f"{name} must be a port number from 1 to 65535, not {text!r}.")
    return int(text)


def _bind(name: str, port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    # Ports left in TIME_WAIT by the run before count as free, as they do for the servers.
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((HOST, port))
    except PermissionError:
        bound.close()
        raise DemoError(
            f"Port {port} may not be used here; set {name} to one above 1023."
        ) from None
    except OSError:
        bound.close()
        raise DemoError(f"Port {port} is already in use; set {name} to a free one.") from None
    return bound
