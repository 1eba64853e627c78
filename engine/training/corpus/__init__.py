"""The music the embedded model learns from: composed and rendered by our own code.

Read in this order::

    styles       ten styles as tables: tempo, harmony, instruments, habits
    composition  seed -> Composition (what it is) and its events (what is played)
    drums, harmony, lead    the parts, bar by bar
    captions     Composition -> the prompt a person might write
    rendering    events -> stereo audio, through a soundfont
"""
