"""`ditto log`: what daemon and workers have written down, as a person reads it."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import click

FILES = ("daemon.log", "worker.log")
OF_MORE_WORKERS = "worker-*.log"
HIDDEN = ("time", "level", "event", "trace")
LOOK_SECONDS = 0.25


@click.command()
@click.option(
    "-n", "count", default=50, show_default=True, type=click.IntRange(0), help="So many lines."
)
@click.option("--job", help="Only of this job: its id, or the end of it.")
@click.option("--follow", is_flag=True, help="Go on with what is written from now on.")
@click.option("--json", "as_json", is_flag=True, help="Print the lines of JSON as they are.")
def log(count: int, job: str | None, follow: bool, as_json: bool) -> None:
    """Print the end of the daemon's log, times in UTC."""
    from bridge.paths import locate

    folder = locate().logs
    ends = {name: _size(folder / name) for name in _names(folder)}
    lines = sorted(
        ((record, name) for name, end in ends.items() for record in _records(folder / name, end)),
        key=lambda pair: str(pair[0].get("time", "")),
    )
    chosen = [pair for pair in lines if _is_about(pair[0], job)]
    for record, name in chosen[max(0, len(chosen) - count) :]:
        _print(record, name, as_json=as_json)
    if not chosen and not follow:
        click.echo(f"nothing is written in {folder} about that", err=True)
    if follow:
        for record, name in _new(folder, ends):
            if _is_about(record, job):
                _print(record, name, as_json=as_json)


def _records(file: Path, end: int) -> list[dict[str, object]]:
    """Return what the first `end` bytes of the file say; what comes later is `_new`'s.

    And what the file said that was put away last: a log is begun anew while one looks for its end.
    """
    before = file.with_name(f"{file.name}.1")
    data = before.read_bytes() if before.exists() else b""
    if end:
        with file.open("rb") as opened:
            data += opened.read(end)
    return [_parsed(line) for line in data.decode(errors="replace").splitlines()]


def _parsed(line: str) -> dict[str, object]:
    try:
        record = json.loads(line)
    except ValueError:
        record = None
    return record if isinstance(record, dict) else {"event": line}


def _new(folder: Path, ends: dict[str, int]) -> Iterator[tuple[dict[str, object], str]]:
    """Yield what is added to the files, for ever; a file that shrinks has been begun anew."""
    while True:
        for name in _names(folder):
            file, size = folder / name, _size(folder / name)
            end = ends.get(name, 0)
            ends[name] = end if size >= end else 0
            if size > ends[name]:
                with file.open("rb") as opened:
                    opened.seek(ends[name])
                    whole, found, _rest = opened.read().rpartition(b"\n")
                ends[name] += len(whole) + len(found)
                for line in whole.decode(errors="replace").splitlines():
                    yield _parsed(line), name
        time.sleep(LOOK_SECONDS)


def _names(folder: Path) -> list[str]:
    return [*FILES, *sorted(file.name for file in folder.glob(OF_MORE_WORKERS))]


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def _is_about(record: dict[str, object], job: str | None) -> bool:
    return job is None or str(record.get("job", "")).endswith(job)


def _print(record: dict[str, object], name: str, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(record))
        return
    moment = str(record.get("time", "")).replace("T", " ").rstrip("Z")
    more = " ".join(f"{key}={value}" for key, value in record.items() if key not in HIDDEN)
    process = name.removesuffix(".log")
    click.echo(f"{moment} {process:6} {record.get('level', ''):7} {record.get('event')}  {more}")
    if trace := record.get("trace"):
        click.echo(str(trace))
