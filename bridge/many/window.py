"""Requests -> outcomes, in order: while one is waited for, the next are on the daemon already."""

import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import click

from bridge.cli import connection
from bridge.cli.job import call_off, hand_over, receive
from bridge.cli.options import Delivery
from bridge.cli.order import Order, keeping, order_of, say_what_is_odd
from bridge.cli.progress import Progress
from bridge.cli.request import Request
from bridge.errors import BridgeError, DaemonStartError, UnresponsiveDaemonError
from plugin_protocol.client import Client, new_job_id
from plugin_protocol.errors import ClientError, RequestRefusedError

AHEAD = 2
"""Jobs that wait on the daemon for each that is made: none of its workers shall wait for us."""

WAITS = {"RATE_LIMITED": 0.1, "QUEUE_FULL": 1.0}
"""Seconds after which what was refused so may be accepted."""


@dataclass(frozen=True)
class Wanted:
    """One request: what it is called, where its music goes, and how to have it.

    `ask` reads the audio, so it is not called before its turn. It raises BridgeError.
    """

    title: str
    out: Path
    ask: Callable[[], Request]


@dataclass(frozen=True)
class Outcome:
    """What became of it; `told` is the manifest of what was made, else `message` says why not."""

    wanted: Wanted
    state: Literal["made", "there", "failed"]
    told: dict[str, Any] | None = None
    message: str = ""


@dataclass(frozen=True)
class _Flight:
    """A request on its way."""

    wanted: Wanted
    order: Order
    job: str
    progress: Progress
    started: float


def delivery_to(out: Path) -> Delivery:
    """Return that the music goes to `out`, with the manifest by which it is known later."""
    return Delivery(out=out, as_json=False, plot=None, manifest=True, print_spec=False)


def make_all(
    asked: Iterable[Wanted], *, is_there: Callable[[Order], bool]
) -> Generator[Outcome, None, None]:
    """Yield what became of each request, in order.

    `is_there` says what need not be made, and raises BridgeError for what must not. A request that
    fails does not end the others. A daemon that cannot be had does: raises ClientError or
    BridgeError, and what it has accepted goes on when it is there again. When this is interrupted
    or closed, all that it has accepted is cancelled.
    """
    source = iter(asked)
    flights: deque[_Flight | Outcome] = deque()
    with connection.connect(_say) as client:
        most = max(1, len(client.ping().workers)) * AHEAD + 1
        try:
            while True:
                while len(flights) < most and (wanted := next(source, None)) is not None:
                    flights.append(_prepared(wanted, is_there))
                    flights[-1] = _begun(client, flights[-1])
                if not flights:
                    return
                yield _ended(client, flights[0])
                flights.popleft()
        except (KeyboardInterrupt, GeneratorExit):
            for flight in flights:
                if isinstance(flight, _Flight):
                    call_off(flight.job)
            raise


def _prepared(wanted: Wanted, is_there: Callable[[Order], bool]) -> _Flight | Outcome:
    try:
        order = order_of(wanted.ask(), delivery_to(wanted.out))
        if is_there(order):
            return Outcome(wanted, "there")
    except BridgeError as error:
        return Outcome(wanted, "failed", message=str(error))
    progress = Progress(order.request.spec.takes, wanted.title)
    return _Flight(wanted, order, new_job_id(), progress, time.monotonic())


def _begun(client: Client, flight: _Flight | Outcome) -> _Flight | Outcome:
    if isinstance(flight, Outcome):
        return flight
    request = flight.order.request
    say_what_is_odd(flight.order, flight.progress)
    with _failing(flight) as failed:
        while not failed:
            try:
                hand_over(
                    client,
                    flight.job,
                    request.task(),
                    request.inputs.everything(),
                    flight.progress,
                    # Whoever waits for a single job meanwhile goes first.
                    priority="batch",
                    # Days of this would fill the daemon's disk.
                    retention="ack",
                )
                return flight
            except RequestRefusedError as error:
                if error.code not in WAITS:
                    raise
                time.sleep(WAITS[error.code])
    return failed[0]


def _ended(client: Client, flight: _Flight | Outcome) -> Outcome:
    if isinstance(flight, Outcome):
        return flight
    with _failing(flight) as failed, flight.progress:
        made = receive(client, flight.job, flight.progress)
        _, _, told = keeping(flight.order, flight.progress, flight.started)(made)
    if failed:
        return failed[0]
    # What counts is done; without a receipt the daemon keeps the job longer.
    with suppress(ClientError):
        client.ack(flight.job)
    return Outcome(flight.wanted, "made", told)


@contextmanager
def _failing(flight: _Flight) -> Iterator[list[Outcome]]:
    """Turn what is wrong with one request into its outcome; what is wrong with all passes."""
    failed: list[Outcome] = []
    try:
        yield failed
    except (DaemonStartError, UnresponsiveDaemonError):
        raise
    except (BridgeError, RequestRefusedError) as error:
        failed.append(Outcome(flight.wanted, "failed", message=str(error)))


def _say(sentence: str) -> None:
    click.echo(sentence, err=True)
