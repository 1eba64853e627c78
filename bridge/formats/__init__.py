"""Targets as people write them, in words or files, as the numbers that a spec holds.

Read in this order::

    problems    all that is wrong at once, each a sentence
    lengths     "2", "2bars"
    tables      rows of a .csv, lists of a .json
    curves      "0:-30 4:-12", .csv, .json           -> (seconds, dB) points
    notes       "C4 1, E4 0.5, rest 1"               -> notes
    midi        .mid                                 -> notes, of several at once the highest
    forms       "A:2 B:2 A:2"                        -> sections
    markers     Audacity labels, .csv, .json         -> sections

What is well written may still not fit the music; that is the matter of `bridge.fitting`.
"""
