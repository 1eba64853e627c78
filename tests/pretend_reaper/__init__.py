"""A pretend REAPER for ReaScripts in real Lua: strict about its functions, honest about audio.

Read in this order::

    api.txt      the functions that the scripts may use, in the notation of REAPER's own list
    signatures   api.txt -> names, types of arguments and results
    strict       (Lua) what a script sees: wrong names, arguments and results are errors
    model        projects, tracks, items, takes, envelopes, and their undo steps
    sound        the audio that a take plays
    functions    what each function does to the model (project_functions)
    machine      scripts started as actions, their deferred functions, boxes and processes
    stub_ditto   a program that obeys JOB_FOLDERS.md and makes no music
"""
