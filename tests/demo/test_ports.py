import socket

import pytest

from onboarding.demo.ports import read_ports
from onboarding.demo.supervisor import DemoError


def free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [server.getsockname()[1] for server in sockets]
    for server in sockets:
        server.close()
    return ports


def environment(ports: list[int]) -> dict[str, str]:
    names = ("PORT", "SIMULATOR_PORT", "PLATFORM_PORT", "REDIS_PORT")
    return {name: str(port) for name, port in zip(names, ports, strict=False)}


def test_given_ports_are_taken_and_redis_gets_a_free_one() -> None:
    portal, simulator, platform = wanted = free_ports(3)
    ports = read_ports(environment(wanted))
    assert (ports.portal, ports.simulator, ports.platform) == (portal, simulator, platform)
    assert ports.redis not in (0, *wanted)
    assert ports.portal_url == f"http://127.0.0.1:{portal}"


@pytest.mark.parametrize(
    ("position", "name"),
    [(0, "PORT"), (1, "SIMULATOR_PORT"), (2, "PLATFORM_PORT"), (3, "REDIS_PORT")],
)
def test_a_port_in_use_is_named_with_its_variable(position: int, name: str) -> None:
    wanted = free_ports(4)
    taken = socket.create_server(("127.0.0.1", wanted[position]))
    with taken, pytest.raises(DemoError) as said:
        read_ports(environment(wanted))
    expected = f"Port {wanted[position]} is already in use; set {name} to a free one."
    assert str(said.value) == expected


def test_two_parts_on_one_port_are_refused() -> None:
    (port,) = free_ports(1)
    with pytest.raises(DemoError, match=f"SIMULATOR_PORT is {port}, which another"):
        read_ports({"PORT": str(port), "SIMULATOR_PORT": str(port)})


@pytest.mark.parametrize("nonsense", ["eighty", "0", "65536", "-1", "80.5", "８０００"])
def test_nonsense_is_refused(nonsense: str) -> None:
    with pytest.raises(DemoError, match="PORT must be a port number from 1 to 65535"):
        read_ports({"PORT": nonsense})
