"""The daemon around the engine: sockets, jobs, store, worker process and the command line.

Read in this order::

    paths, settings        where things live, what may be changed
    launch, daemon         find or start a daemon; the process itself (guard, lock, logs)
    store, blobs           what was accepted, in SQLite; audio as content-addressed files
    front                  the loop that answers clients; never imports torch
      sockets, peers       one ROUTER; who is there and what waits for them
      handlers             a message -> what is done about it
      transfers, jobs      blobs in and out; the life of a job (acceptance, refusals)
      worker_link, pipe    the worker process and what is said to it (inbox)
    worker                 the process that makes music; the only one that imports engine
    failures               exceptions -> what the user is told
    audio_files            files <-> exact samples; `splice` puts new material in, `plot` draws it
    cli                    `ditto`, a client like any other
"""
