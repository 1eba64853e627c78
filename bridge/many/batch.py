"""`ditto batch`: a file of requests, made one after another, each told as it is done."""

import sys
from collections import Counter
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from bridge.cli.as_json import print_json
from bridge.cli.failures import RefusedError, StoppedError
from bridge.errors import BridgeError
from bridge.many.lines import read_lines
from bridge.many.made_before import is_made_of_the_same
from bridge.many.window import Outcome, make_all
from plugin_protocol.errors import ClientError

AGAIN = "The same command goes on from there."


def carry_out_all(document: Path, folder: Path | None, *, as_json: bool) -> None:
    """Make what the file asks for and print what became of each. Exit status 1 if any failed."""
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    lines = read_lines(document, folder)
    if not lines:
        raise RefusedError(f"{document} holds no request.")
    total = len(lines)
    asked = [
        replace(wanted, title=f"{number}/{total} {wanted.title}")
        for number, (_, wanted) in enumerate(lines, start=1)
    ]
    done: Counter[str] = Counter()
    try:
        with closing(make_all(asked, is_there=is_made_of_the_same)) as outcomes:
            for (line, _), outcome in zip(lines, outcomes, strict=True):
                done[outcome.state] += 1
                if as_json:
                    print_json({"line": line, **_plain(outcome)})
                else:
                    click.echo(told(outcome))
    except KeyboardInterrupt:
        raise StoppedError(f"Stopped; {_sum(done, total)}. {AGAIN}") from None
    except (ClientError, BridgeError) as error:
        raise RefusedError(f"{error} So far {_sum(done, total)}. {AGAIN}") from error
    click.echo(_sum(done, total), err=True)
    if done["failed"]:
        sys.exit(1)


def told(outcome: Outcome) -> str:
    """Return the outcome as a line."""
    title, out = outcome.wanted.title, outcome.wanted.out
    if outcome.told is None:
        return f"{title}: " + (
            "was there" if outcome.state == "there" else " ".join(outcome.message.split())
        )
    seeds = ", ".join(str(output["seed"]) for output in outcome.told["outputs"])
    seconds = outcome.told["outputs"][0]["seconds"]
    took = outcome.told["seconds"]["compute"]
    return f"{title}: {out}  {seconds:.3f} s, seed {seeds}, made in {took:.1f} s"


def _plain(outcome: Outcome) -> dict[str, Any]:
    made = outcome.told
    return {
        "state": outcome.state,
        "out": str(outcome.wanted.out),
        "message": " ".join(outcome.message.split()),
        "outputs": made["outputs"] if made else [],
        "new": made["new"] if made else [],
        "seconds": made["seconds"] if made else None,
    }


def _sum(done: "Counter[str]", total: int) -> str:
    there = f", {done['there']} were there" if done["there"] else ""
    failed = f", {done['failed']} failed" if done["failed"] else ""
    return f"{done['made']} of {total} made{there}{failed}"
