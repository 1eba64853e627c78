"""The daemon around the engine: sockets, jobs, store, worker processes and the command line.

Read in this order::

    paths, settings        where things live, what may be changed (version, errors)
    launch, supervisor     find or start a daemon; keep it alive (lifeline, crash_points)
    daemon                 the process itself (guard, lock, logs)
    storage                all that is kept on the disk, opened and brought into agreement
      database, migrations the SQLite file and its history; ballast, room: when the disk is full
      store, job_records   the jobs that were accepted, and on what terms
      blobs, blob_ledger   audio as content-addressed files; whose they are, and who needs them
      garbage              what nobody needs any more
    front                  the loop that answers clients; never imports torch (inbox)
      sockets, peers       ROUTERs; who is there and what waits for them
      zap, keys, addresses who may connect over a network (rights)
      handlers             a message -> what is done about it, or a refusal (refusals)
      transfers, upload    blobs in and out, chunk by chunk (upload_gate)
      workshop             all that is done about jobs, put together
      jobs, job_reports    what clients ask about them, and are told; endings, news
      admission            what may become a job: acceptance, quotas, result_cache
      line, scheduler      the jobs that wait, and whose turn it is; costs
      dispatcher, at_work  one job at a time into each worker; listeners: who still wants it
      crew, devices        all workers, one for each GPU
      worker_link, pipe    a worker process and what is said to it (watchdog, catalogue)
      metrics, prometheus  numbers about all this
    worker                 the process that makes music; the only one that imports engine
    models                 the user's own models: added, verified, found, told about
    failures               exceptions -> what the user is told
    audio_files            files <-> exact samples (sample_types, damage)
    formats                curves, melodies and forms as people write them -> numbers
    spec, documents        a request as one JSON document; reading such files
    fitting                what of it does not fit the music (timeline)
    splice, plot           new material into the clip; the picture of it
    benchmarks             what all of this survives, and what it costs
    doctor                 what may be wrong with this machine or installation
    cli                    `ditto`, a client like any other
    osc                    requests by OSC, each as a job folder
    folders                a job as a folder, for hosts with files and processes only
    many                   a file of requests, a folder in which clips appear
    hosts                  our scripts in other programs: put there, looked at, taken away
"""
