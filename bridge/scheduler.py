"""Whose turn it is: classes weighted 8 : 4 : 1, and fair between owners and their clients.

Deficit round robin (Shreedhar and Varghese 1995) on three levels: the priority of a job, who owns
it, which of the owner's programs asked. Each level goes round its members and gives them credit in
seconds of work; a member whose next job costs no more than its credit is served. Over time each
gets its share of the work, not of the number of jobs. A job that has waited for ten minutes counts
as one class higher, so that nothing waits for ever.
"""

import math
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import get_args

from plugin_protocol.values import Priority

Path = tuple[str, ...]
Lanes = dict[Path, deque["Waiting"]]
"""By class, owner and client: what waits there, oldest first."""

CLASSES: tuple[Priority, ...] = get_args(Priority)
"""The most urgent first."""
WEIGHTS: Mapping[str, float] = dict(zip(CLASSES, (8.0, 4.0, 1.0), strict=True))
AGING_SECONDS = 600.0


@dataclass(frozen=True)
class Waiting:
    """A job that waits. `cost` in seconds of work; `since` on the clock that `now` is read from."""

    job: str
    number: int
    priority: Priority
    owner: str
    client: str
    cost: float
    since: float

    def priority_at(self, now: float) -> Priority:
        """Return the class that the job counts as after waiting until `now`."""
        risen = int(max(0.0, now - self.since) // AGING_SECONDS)
        return CLASSES[max(0, CLASSES.index(self.priority) - risen)]


@dataclass
class Ring:
    """The members of one level in the order of their turns, and the credit of each in seconds.

    `weights` is what a member earns in a round; 1 where it says nothing.
    """

    weights: Mapping[str, float]
    order: list[str] = field(default_factory=list)
    credit: dict[str, float] = field(default_factory=dict)

    def keep(self, members: Iterable[str]) -> None:
        """Forget who has nothing waiting, credit included; newcomers stand at the end."""
        present = list(members)
        self.order = [name for name in self.order if name in present]
        self.order += [name for name in present if name not in self.order]
        self.credit = {name: self.credit.get(name, 0.0) for name in self.order}

    def turn(self, costs: Mapping[str, float]) -> str:
        """Return who can be served after the fewest rounds of credit, in the order of turns."""
        return min(self.order, key=lambda name: self._rounds(name, costs))

    def serve(self, name: str, costs: Mapping[str, float]) -> None:
        """Give the credit of those rounds, and take the cost from the one that is served."""
        rounds, place = self._rounds(name, costs), self.order.index(name)
        for i, member in enumerate(self.order if rounds else ()):
            self.credit[member] += (rounds - (i > place)) * self._weight(member)
        self.credit[name] -= costs[name]
        self.order = self.order[place + 1 :] + self.order[: place + 1]

    def copy(self) -> "Ring":
        """Return one that can be turned without this one."""
        return Ring(self.weights, list(self.order), dict(self.credit))

    def _rounds(self, name: str, costs: Mapping[str, float]) -> int:
        return max(0, math.ceil((costs[name] - self.credit[name]) / self._weight(name)))

    def _weight(self, name: str) -> float:
        return self.weights.get(name, 1.0)


class Turns:
    """The credit of every class, owner and client, which makes the order fair over time."""

    def __init__(self, rings: dict[Path, Ring] | None = None) -> None:
        self._rings = rings or {}

    def next(self, waiting: Iterable[Waiting], now: float) -> Waiting | None:
        """Return whose turn it is, and take note that it is served; None if nobody waits."""
        lanes = _lanes(waiting, now)
        return self._take(lanes) if lanes else None

    def order(self, waiting: Iterable[Waiting], now: float) -> list[Waiting]:
        """Return all that wait in the order of their turns, were nobody else to come."""
        ahead = Turns({path: ring.copy() for path, ring in self._rings.items()})
        lanes = _lanes(waiting, now)
        order = []
        while lanes:
            order.append(ahead._take(lanes))
        return order

    def _take(self, lanes: Lanes) -> Waiting:
        places = {path[:depth] for path in lanes for depth in range(len(path))}
        self._rings = {path: ring for path, ring in self._rings.items() if path in places}
        turn: Path = ()
        while turn not in lanes:
            costs = self._costs(turn, lanes)
            ring = self._ring(turn, costs)
            name = ring.turn(costs)
            ring.serve(name, costs)
            turn = (*turn, name)
        served = lanes[turn].popleft()
        if not lanes[turn]:
            del lanes[turn]
        return served

    def _costs(self, place: Path, lanes: Lanes) -> dict[str, float]:
        """Return the members of the level at `place`, and what the next job of each costs."""
        members = dict.fromkeys(path[len(place)] for path in lanes if path[: len(place)] == place)
        return {name: self._next_cost((*place, name), lanes) for name in members}

    def _next_cost(self, place: Path, lanes: Lanes) -> float:
        if place in lanes:
            return lanes[place][0].cost
        costs = self._costs(place, lanes)
        return costs[self._ring(place, costs).turn(costs)]

    def _ring(self, place: Path, members: Iterable[str]) -> Ring:
        ring = self._rings.setdefault(place, Ring({} if place else WEIGHTS))
        ring.keep(members)
        return ring


def _lanes(waiting: Iterable[Waiting], now: float) -> Lanes:
    lanes: Lanes = {}
    for entry in sorted(waiting, key=lambda entry: entry.number):
        path = (entry.priority_at(now), entry.owner, entry.client)
        lanes.setdefault(path, deque()).append(entry)
    return lanes
