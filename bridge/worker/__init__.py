"""The process that makes music; in bridge, the only importer of engine and torch.

Read in this order::

    channel       work in, reports out, over stdin and stdout
    serve         one job after the other, each in the same eight steps
    convert       wire values <-> engine values
    checkpoints   where a job goes on after a crash
    reports       progress: not too often, with an estimate of the time left
"""
