"""The process that makes music; in bridge, the only importer of engine and torch.

Read in this order::

    channel       work in, reports out, over stdin and stdout
    serve         one job after the other, each in the same eight steps
    perform       what is expected of the engine
    tasks         wire -> engine: requests, clips, references
    installed     models by name: those that ship and those that the user has added
    models        what is in memory between jobs
    noise         the noise of a take as a blob, and back
    results       engine -> wire: audio, noise, curves and matrices
    checkpoints   where a job goes on after a crash
    examination   what this machine can do, for `ditto doctor`
    judge         whether a folder is a model for the engine, for `ditto models add`
    gpu           whether music can be made on a GPU, for `ditto serve --device cuda`
    reports       progress: not too often, with an estimate of the time left
"""
