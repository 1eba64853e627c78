"""`ditto`, the command line: a client of the daemon like any other. Imports no torch, no engine.

Read in this order::

    app              the commands, and the one place where errors become lines
    music_commands   outpaint, inpaint, loop, generate: parse, one call
    daemon_commands  serve, status, stop
    bench_commands   bench core, painting, bridge
    options          what the music commands share, and words -> numbers with sentences
    checks           what can be refused before the daemon is asked
    order            one order from clip to files
    connection       the daemon that runs, or one that it starts
    job              one job on the daemon, through lost daemons and Ctrl-C
    progress         what a person sees meanwhile
    manifest         what a program reads afterwards
    failures         exceptions -> one line and an exit status
"""

from bridge.cli.app import main

__all__ = ["main"]
