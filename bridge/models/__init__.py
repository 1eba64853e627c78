"""The user's own models: folders in diffusers' layout, put beside the one that ships.

Read in this order::

    names       what a model may be called
    layout      which files of a folder are the model, and what is refused
    weights     how much there is to load, read from the heads of its files
    licence     what the folder says about who may use it
    manifest    what is remembered of each file: size and SHA-256
    shelf       models/NAME in the state folder: added, listed, verified, removed
      taking    its files copied or linked in, all or none
      judgement whether the engine could use it
    memory      what a job with it takes, by task and length
    hub_cache   models that Hugging Face's programs have left on this disk
    guide       public models: licence, size, and where their makers publish them

Nothing here downloads, and nothing here loads weights.
"""
