"""`ditto serve`, `status` and `stop`."""

import sys
from collections.abc import Iterator

import click

from bridge.cli.as_json import as_json_option, plain, print_json
from bridge.cli.job_commands import lines_of
from plugin_protocol.messages import Pong


@click.command()
@click.option("--tcp", is_flag=True, help="Listen on 127.0.0.1, too, for paired clients.")
@click.option(
    "--listen",
    metavar="ADDRESS:PORT",
    help="Listen on this one network address, too, for paired clients.",
)
@click.option(
    "--metrics",
    type=click.IntRange(0, 65535),
    metavar="PORT",
    help="Serve numbers for Prometheus at http://127.0.0.1:PORT/metrics; 0: any port.",
)
@click.option(
    "--device",
    type=click.Choice(["cpu", "cuda"]),
    help="Where to make music; without it on every GPU that there is, else on the CPU.",
)
def serve(tcp: bool, listen: str | None, metrics: int | None, device: str | None) -> None:
    """Run the daemon here until Ctrl-C or `ditto stop`.

    Without options it can be reached by programs of this user on this machine only. Who may
    connect over a network says `ditto pair`; everything there is encrypted. Where it listens is
    printed, and `ditto status` repeats it.
    """
    from bridge.addresses import LOOPBACK, endpoint_of
    from bridge.devices import require_gpu
    from bridge.guard import check_platform
    from bridge.paths import locate
    from bridge.supervisor import DAEMON, Supervisor

    check_platform()
    if tcp and listen:
        raise click.UsageError("--tcp and --listen exclude each other.")
    network = LOOPBACK if tcp else listen
    options = ["--network", network] if network and endpoint_of(network) else []
    if metrics is not None:
        options += ["--metrics", str(metrics)]
    if device == "cuda":
        require_gpu()
    if device:
        options += ["--device", device]
    click.echo(f"the daemon starts here and logs to {locate().logs}", err=True)
    click.echo("Ctrl-C stops it and keeps its jobs; a second Ctrl-C stops it at once", err=True)
    sys.exit(Supervisor((*DAEMON, *options)).run())


@click.command()
@as_json_option
def status(as_json: bool) -> None:
    """Tell whether the daemon runs, and its last jobs. Exit status 1 if none runs."""
    from bridge.cli.connection import addresses, connect_running, version_note

    client = connect_running()
    if client is None:
        if as_json:
            print_json({"runs": False})
        else:
            click.echo("no daemon runs; every command that makes music starts one")
        sys.exit(1)
    with client:
        pong = client.ping()
        jobs = client.jobs()
    if as_json:
        told = {"runs": True, "server": client.welcome.server, **addresses(), **plain(pong)}
        print_json(told | {"jobs": plain(jobs)})
        return
    for line in _told_of(pong):
        click.echo(line)
    for line in lines_of(jobs):
        click.echo(line)
    for what, address in addresses().items():
        if address:
            click.echo(f"{what} at {address}")
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


def _told_of(pong: Pong) -> Iterator[str]:
    """Yield how the daemon is; a line for each worker where there are several."""
    if len(pong.workers) < 2:
        where = "".join(f" on {worker.device}" for worker in pong.workers if worker.device)
        busy = f" with job {pong.job}" if pong.job else ""
        yield f"the daemon runs: worker {pong.worker}{where}{busy}, {pong.queued} queued"
        return
    yield f"the daemon runs: {len(pong.workers)} workers, {pong.queued} queued"
    for number, worker in enumerate(pong.workers, start=1):
        where = f" on {worker.device}" if worker.device else ""
        busy = f" with job {worker.job}" if worker.job else ""
        yield f"  worker {number}{where}: {worker.state}{busy}"
