"""The daemon around the engine: sockets, jobs, store, worker process and the command line.

Read in this order::

    paths, settings        where things live, what may be changed (version, errors)
    launch, supervisor     find or start a daemon; keep it alive (lifeline, crash_points)
    daemon                 the process itself (guard, lock, logs)
    store, blobs           what was accepted, in SQLite; audio as content-addressed files
    front                  the loop that answers clients; never imports torch (inbox)
      sockets, peers       one ROUTER; who is there and what waits for them
      handlers             a message -> what is done about it, or a refusal (refusals)
      transfers, upload    blobs in and out, chunk by chunk
      jobs, acceptance     the life of a job, and what may become one
      worker_link, pipe    the worker process and what is said to it (watchdog)
    worker                 the process that makes music; the only one that imports engine
    failures               exceptions -> what the user is told
    audio_files            files <-> exact samples (sample_types, damage)
    formats                curves, melodies and forms as people write them -> numbers
    spec, documents        a request as one JSON document; reading such files
    fitting                what of it does not fit the music (timeline)
    splice, plot           new material into the clip; the picture of it
    bench                  what all of this costs
    cli                    `ditto`, a client like any other
"""
