"""Scripted trouble on the API, armed under /control/faults.

| fault | what happens |
|---|---|
| `status:500` | that answer, nothing done |
| `timeout` | the request is held, nothing done, no answer |
| `cut` | the socket closes, nothing done |
| `slow:2.5` | done, 2.5 real seconds late |
| `processed_then_cut` | done, then the socket closes without an answer |
| `list_lag:30` | what is newly made is missing from lists for 30 seconds of the simulator's clock |
"""

import random
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from .api import OPERATIONS
from .world import World, new_id

_FORM = re.compile(
    r"(?P<kind>status|slow|list_lag):(?P<amount>\d+(?:\.\d+)?)|timeout|cut|processed_then_cut"
)
CREATES = frozenset({"create-company", "create-connection", "create-partner-expense-connection"})
# By each of its names, the name under which an operation is counted.
KNOWN = {name: one.id for one in OPERATIONS for name in (one.id, *one.aliases)}
# Trouble of the line, which also befalls a replayed answer.
OF_THE_LINE = frozenset({"timeout", "cut", "slow", "processed_then_cut"})


@dataclass(frozen=True)
class Fault:
    kind: str
    amount: float = 0.0
    retry_after: float | None = None


def arm(world: World, request: dict[str, Any]) -> dict[str, Any]:
    """Stores a fault; ValueError says what is wrong with it.

    `times` left out means once, or without end when a `probability` below 1 is given; null means
    without end.
    """
    form = _FORM.fullmatch(str(request.get("fault", "")))
    if not form:
        raise ValueError(f"unknown fault {request.get('fault')!r}")
    match = request.get("match") or {}
    unknown = set(match) - {"operation", "company", "connection"}
    if unknown:
        raise ValueError(f"cannot match by {', '.join(sorted(unknown))}")
    named = match.get("operation") or []
    for operation in [named] if isinstance(named, str) else named:
        if operation not in KNOWN:
            raise ValueError(f"no operation is called {operation!r}")
    probability = float(request.get("probability", 1.0))
    fault = {
        "id": new_id(),
        "match": match,
        "kind": form["kind"] or form[0],
        "amount": float(form["amount"] or 0),
        "times": request.get("times", 1 if probability >= 1 else None),
        "probability": probability,
        "retry_after": request.get("retry_after"),
    }
    world.remember("faults", [*world.misc.get("faults", []), fault])
    return fault


def disarm_all(world: World) -> None:
    world.remember("faults", [])


def strike(world: World, operation: str, ids: dict[str, str], *, replayed: bool) -> Fault | None:
    """The fault that befalls this call, if any; the first armed one that matches."""
    kinds = OF_THE_LINE if replayed else OF_THE_LINE | {"status"}
    return _first(world, operation, ids, kinds)


def list_lag(world: World, operation: str, ids: dict[str, str]) -> float:
    """Seconds for which lists are silent about what this call makes, whatever else befalls it."""
    lag = _first(world, operation, ids, {"list_lag"})
    return lag.amount if lag else 0.0


def _first(
    world: World, operation: str, ids: dict[str, str], kinds: Collection[str]
) -> Fault | None:
    armed = world.misc.get("faults", [])
    for fault in armed:
        if fault["kind"] not in kinds:
            continue
        if not _matches(fault, operation, ids) or _roll(world, operation) >= fault["probability"]:
            continue
        if fault["times"] is not None:
            fault["times"] -= 1
            world.remember("faults", [f for f in armed if f["times"] is None or f["times"] > 0])
        return Fault(fault["kind"], fault["amount"], fault["retry_after"])
    return None


def _roll(world: World, operation: str) -> float:
    """By the seed, if there is one: the dice of each operation do not know what others did."""
    seed = world.settings["fault_seed"]
    if seed is None:
        return random.random()
    world.rolls[operation] += 1
    return random.Random(f"{seed}:{operation}:{world.rolls[operation]}").random()


def _matches(fault: dict[str, Any], operation: str, ids: dict[str, str]) -> bool:
    match = fault["match"]
    wanted = match.get("operation")
    if wanted is not None:
        names = [wanted] if isinstance(wanted, str) else wanted
        if operation not in {KNOWN[name] for name in names}:
            return False
    if fault["kind"] == "list_lag" and not (
        operation in CREATES or operation in {"list-companies", "list-connections"}
    ):
        return False
    return all(
        match.get(name) in (None, ids.get(f"{name}_id")) for name in ("company", "connection")
    )
