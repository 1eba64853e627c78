"""`ditto jobs`, `show`, `watch`, `cancel`, `finish`: what becomes of jobs, whoever began them."""

import sys
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from bridge.cli.as_json import as_json_option, plain, print_json

if TYPE_CHECKING:
    from plugin_protocol.client import Client
    from plugin_protocol.messages import JobSummary

LISTED = 100


@click.command()
@click.option("-n", "count", default=20, show_default=True, type=click.IntRange(1, LISTED))
@click.option(
    "--state",
    type=click.Choice(["queued", "loading", "running", "done", "failed", "cancelled"]),
    help="Only jobs in this state.",
)
@as_json_option
def jobs(count: int, state: Any, as_json: bool) -> None:
    """List the newest jobs of the daemon."""
    with _daemon() as client:
        found = client.jobs(count, state=state)
    if as_json:
        print_json([plain(summary) for summary in found])
        return
    if not found:
        click.echo("there are no such jobs")
    for line in lines_of(found):
        click.echo(line)


@click.command()
@click.argument("job")
@as_json_option
def show(job: str, as_json: bool) -> None:
    """Tell all about JOB: an id, its end, or `last`."""
    with _daemon() as client:
        job = _named(client, job)
        details, state = client.details(job), client.attach(job)
    if as_json:
        told = plain(details) | {"result": plain(state.result), "failure": plain(state.failure)}
        print_json(told)
        return
    click.echo(f"{job}: {state.state}")
    click.echo(f"  asked     {day_and_time(details.created_ms)} by {details.client or 'unknown'}")
    if details.began_ms is not None:
        click.echo(f"  began     {day_and_time(details.began_ms)}, attempt {details.attempt}")
    if details.ended_ms is not None:
        after = f" after {details.run_seconds:.1f} s" if details.run_seconds else ""
        click.echo(f"  ended     {day_and_time(details.ended_ms)}{after}")
    task = details.task
    click.echo(f"  task      {', '.join(_kind(each) for each in task.objectives)}")
    click.echo(f"  music     {task.prompt or 'no words'}, seed {task.seed}, {task.quality}")
    if state.state == "queued":
        click.echo(f"  waits for {state.ahead} others")
    if state.failure is not None:
        click.echo(f"  {state.failure.message} {state.failure.hint}".rstrip())
    if state.result is not None:
        takes = state.result.takes
        click.echo(f"  made      {len(takes)} take{'s' if len(takes) > 1 else ''}")


@click.command()
@click.argument("job")
@as_json_option
def watch(job: str, as_json: bool) -> None:
    """Follow JOB until it is over. Exit status 1 if it ends without a result."""
    from plugin_protocol.errors import DaemonStoppedError

    with _daemon() as client:
        job = _named(client, job)
        try:
            state = _print_events(client, job) if as_json else _show_progress(client, job)
        except DaemonStoppedError as error:
            from bridge.cli.job import stopped

            raise stopped(job) from error
    if state != "done":
        sys.exit(1)


@click.command()
@click.argument("job")
def cancel(job: str) -> None:
    """End JOB without a result."""
    _end(job, "stop", "is cancelled")


@click.command()
@click.argument("job")
def finish(job: str) -> None:
    """End the search of JOB now and keep the best so far."""
    _end(job, "finish", "ends with the best so far")


def _print_events(client: "Client", job: str) -> str:
    """Print a line for each event of the job, and return its last state."""
    from plugin_protocol.messages import JobState

    state = ""
    for event in client.follow(job):
        print_json({"event": type(event).__name__, **plain(event)})
        state = event.state if isinstance(event, JobState) else state
    return state


def _show_progress(client: "Client", job: str) -> str:
    """Draw the job's progress and return its last state."""
    from bridge.cli.progress import Progress
    from plugin_protocol.messages import JobProgress, JobState

    state = ""
    with Progress(client.details(job).task.takes) as progress:
        for event in client.follow(job):
            if isinstance(event, JobProgress):
                progress.iteration(event)
            elif isinstance(event, JobState):
                progress.state(event)
                state = event.state
    click.echo(f"{job}: {state}")
    return state


def lines_of(summaries: "Iterable[JobSummary]") -> list[str]:
    """Return a line for each job, as in `ditto jobs` and `ditto status`."""
    return [
        f"  {day_and_time(each.created_ms)}  {each.kind:9} {each.state:9} {each.job}"
        for each in summaries
    ]


def day_and_time(milliseconds: int) -> str:
    """Return a moment as this machine's clock shows it."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(milliseconds / 1000))


def _end(word: str, mode: Any, outcome: str) -> None:
    with _daemon() as client:
        job = _named(client, word)
        changed = client.cancel(job, mode)
    click.echo(f"{job} {outcome}" if changed else f"{job} was over, or ending, already")


def _named(client: "Client", word: str) -> str:
    """Return the one job that `word` means: an id, the end of one, or the newest."""
    from bridge.cli.failures import RefusedError

    if len(word) == 36:
        return word
    known = [summary.job for summary in client.jobs(LISTED)]
    found = known[:1] if word == "last" else [job for job in known if job.endswith(word)]
    if len(found) != 1:
        raise RefusedError(
            f"{'No job' if not found else 'More than one job'} among the newest {LISTED} is meant "
            f"by {word!r}; `ditto jobs` lists them."
        )
    return found[0]


def _daemon() -> "Client":
    from bridge.cli import connection
    from bridge.cli.failures import RefusedError

    client = connection.connect_running()
    if client is None:
        raise RefusedError("No daemon runs; `ditto serve` starts one, and its jobs go on.")
    return client


def _kind(objective: object) -> str:
    from plugin_protocol.rules import tag_of

    return tag_of(objective)  # type: ignore[arg-type]
