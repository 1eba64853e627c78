"""Whose turn it is: classes weighted 8 : 4 : 1, and fair between owners and their clients.

Deficit round robin (Shreedhar and Varghese 1995) on three levels: the priority of a job, who owns
it, which of the owner's programs asked. Each level goes round its members and gives them credit in
seconds of work; a member whose next job costs no more than its credit is served. Over time each
gets its share of the work, not of the number of jobs. Where several can be served after the same
rounds it is the most urgent class's turn, and within a class the turn of who waits longest for one.
A job that has waited for ten minutes counts as one class higher, so that nothing waits for ever.
"""

import math
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import get_args

from plugin_protocol.values import Priority

Path = tuple[str, ...]
"""Of a level: () for the classes, (class,) for its owners, (class, owner) for their clients."""

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

    def path_at(self, now: float) -> Path:
        """Return the class that it counts as, its owner and its client."""
        return (self.priority_at(now), self.owner, self.client)


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
        """Return who can be served after the fewest rounds of credit.

        Of several it is the one of the greatest weight, else the first in the order of turns.
        """
        return min(self.order, key=lambda name: (self._rounds(name, costs), -self._weight(name)))

    def serve(self, name: str, costs: Mapping[str, float]) -> None:
        """Give everybody the credit of those rounds, and take the cost from who is served."""
        rounds, place = self._rounds(name, costs), self.order.index(name)
        for member in self.order:
            self.credit[member] += rounds * self._weight(member)
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
        tree = _tree(waiting, now)
        if not tree.members:
            return None
        served, is_last = self._serve(tree, ())
        if is_last:
            self._rings.clear()
        return served

    def serve_before_its_turn(self, job: Waiting, waiting: Iterable[Waiting], now: float) -> None:
        """Take note that one of those that wait is served; its credit pays for it all the same."""
        level = _tree(waiting, now)
        path: Path = ()
        for name in job.path_at(now):
            ring = self._ring(level, path)
            ring.credit[name] -= job.cost
            level, path = level.members[name], (*path, name)

    def order(self, waiting: Iterable[Waiting], now: float) -> list[Waiting]:
        """Return all that wait in the order of their turns, were nobody else to come."""
        ahead = Turns({path: ring.copy() for path, ring in self._rings.items()})
        tree = _tree(waiting, now)
        order = []
        while tree.members:
            order.append(ahead._serve(tree, ())[0])
        return order

    def _serve(self, level: "Level", path: Path) -> tuple[Waiting, bool]:
        """Take out whose turn it is on a level; return it and whether nobody is left there."""
        if level.lane:
            return level.lane.popleft(), not level.lane
        ring = self._ring(level, path)
        costs = {name: self._next_cost(each, (*path, name)) for name, each in level.members.items()}
        name = ring.turn(costs)
        ring.serve(name, costs)
        served, is_empty = self._serve(level.members[name], (*path, name))
        level.next_cost = None
        if is_empty:
            del level.members[name]
        return served, not level.members

    def _next_cost(self, level: "Level", path: Path) -> float:
        """Return what the job costs whose turn would be next on a level."""
        if level.lane:
            return level.lane[0].cost
        if level.next_cost is None:
            costs = {
                name: self._next_cost(each, (*path, name)) for name, each in level.members.items()
            }
            level.next_cost = costs[self._ring(level, path).turn(costs)]
        return level.next_cost

    def _ring(self, level: "Level", path: Path) -> Ring:
        ring = self._rings.setdefault(path, Ring({} if path else WEIGHTS))
        if ring.credit.keys() != level.members.keys():
            for name in ring.credit.keys() - level.members.keys():
                # With a member goes all that is below it.
                self._rings = {
                    p: r for p, r in self._rings.items() if p[: len(path) + 1] != (*path, name)
                }
            ring.keep(level.members)
        return ring


@dataclass
class Level:
    """A class, an owner or a client: its members, or the jobs that wait there, oldest first."""

    members: dict[str, "Level"] = field(default_factory=dict)
    lane: deque[Waiting] = field(default_factory=deque)
    next_cost: float | None = None
    """Of the job whose turn is next, as long as that is known."""


def _tree(waiting: Iterable[Waiting], now: float) -> Level:
    tree = Level()
    for entry in sorted(waiting, key=lambda entry: entry.number):
        level = tree
        for name in entry.path_at(now):
            level = level.members.setdefault(name, Level())
        level.lane.append(entry)
    return tree
