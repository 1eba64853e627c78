"""Job folders: music for hosts that have files and processes but no sockets.

The contract is written down in plugin_protocol/JOB_FOLDERS.md. Read in this order::

    folder    the files of a folder, its state, and who works on it
    request   job.json -> a request
    work      one folder from job.json to done.json or failed.json
    report    progress.json
    wishes    the files `cancel` and `finish`
    detached  the same in a process of its own
"""
