"""`ditto serve`, `status` and `stop`."""

import sys

import click


@click.command()
def serve() -> None:
    """Run the daemon here until Ctrl-C or `ditto stop`."""
    from bridge.daemon import run
    from bridge.guard import check_packages, check_platform
    from bridge.settings import Settings

    check_platform()
    check_packages()
    click.echo("starting the daemon here; Ctrl-C stops it", err=True)
    run(Settings())


@click.command()
def status() -> None:
    """Tell whether a daemon runs and what it does. Exit status 1 if none runs."""
    from bridge.cli.connection import connect_running

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
        click.echo(f"  {job.job}  {job.kind:9} {job.state}")


@click.command()
def stop() -> None:
    """Stop the daemon. What it was working on goes on when it is started again."""
    from bridge.cli.connection import connect_running

    client = connect_running()
    if client is None:
        click.echo("no daemon runs")
        return
    with client:
        client.stop_daemon()
    click.echo("the daemon has stopped")
