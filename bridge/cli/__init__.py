"""`ditto`, the command line: a client of the daemon like any other. Imports no torch, no engine.

Read in this order::

    app              the commands, and the one place where errors become lines
    music_commands   outpaint, inpaint, loop, vary, generate, run: parse, one call
    folder_commands  job
    automation_commands  batch, watch-folder
    daemon_commands  serve, status, stop
    job_commands     jobs, show, watch, cancel, finish
    log_command, doctor_command
    key_commands     pair, keys
    hosts_commands   hosts list, install, remove, check
    models_commands  models list, add, info, remove, prewarm, verify, guide
      models_shown   what a person reads about them
      prewarming     the daemon loads one, and we wait
    osc_command      osc: the door for programs that speak OSC
    as_json          the same answers for programs
    bench_commands   bench core, painting, bridge
    options          what the music commands share, under the headings of `sections`
    parameters       words -> numbers, texts and stretches, with sentences
    targets          the words of the control options -> controls
    request          a command line or a document -> a complete, checked request
    tasks            its task, and the protocol's rules in its own words
    inputs           the audio files it names, read once
    checks           what can be refused before the daemon is asked
    order            one order from request to files
    connection       the daemon that runs, or one that it starts
    job              one job on the daemon, through lost daemons and Ctrl-C
    progress         what a person sees meanwhile
    manifest         what a program reads afterwards, and what makes the result again
    failures         exceptions -> lines and an exit status
"""

from bridge.cli.app import main

__all__ = ["main"]
