"""`ditto serve`, `status` and `stop`."""

import sys
import time

import click


@click.command()
def serve() -> None:
    """Run the daemon here until Ctrl-C or `ditto stop`."""
    from bridge.guard import check_platform
    from bridge.paths import locate
    from bridge.supervisor import DAEMON, Supervisor

    check_platform()
    click.echo(f"the daemon runs here and logs to {locate().logs}", err=True)
    click.echo("Ctrl-C stops it and keeps its jobs; a second Ctrl-C stops it at once", err=True)
    sys.exit(Supervisor(DAEMON).run())


@click.command()
def status() -> None:
    """Tell whether the daemon runs, and its last jobs. Exit status 1 if none runs."""
    from bridge.cli.connection import connect_running, version_note

    client = connect_running()
    if client is None:
        click.echo("no daemon runs; every command that makes music starts one")
        sys.exit(1)
    with client:
        pong = client.ping()
        jobs = client.jobs()
    busy = f" with job {pong.job}" if pong.job else ""
    click.echo(f"the daemon runs: worker {pong.worker}{busy}, {pong.queued} queued")
    for job in jobs:
        click.echo(f"  {_day_and_time(job.created_ms)}  {job.kind:9} {job.state:9} {job.job}")
    if note := version_note(client):
        click.echo(note)


@click.command()
def stop() -> None:
    """Stop the daemon. An unfinished job goes on when the daemon is started again."""
    from bridge.cli.connection import connect_running, wait_until_left

    client = connect_running()
    if client is None:
        click.echo("no daemon runs")
        return
    with client:
        client.stop_daemon()
    wait_until_left()
    click.echo("the daemon has stopped")


def _day_and_time(milliseconds: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(milliseconds / 1000))
