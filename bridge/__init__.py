"""The daemon around the engine: sockets, jobs, store, worker process and the command line.

Read in this order::

    paths, settings   where things live, what may be changed
    store, jobs       what was accepted, in SQLite; audio as content-addressed files
    front             the process that answers clients; never imports torch
    worker            the process that makes music; the only one that imports engine
    audio_files       files <-> exact samples; `splice` puts new material in, `plot` draws it
    cli               `ditto`, a client like any other
"""
