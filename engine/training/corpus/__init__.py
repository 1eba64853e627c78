"""The music the embedded model learns from: composed and rendered by our own code.

Read in this order::

    styles       eighteen styles as tables: tempo, harmony, instruments, habits
    composition  seed -> Composition (what it is) and its events (what is played)
    sections     one letter of a form: its chords and rhythms, alike whenever it returns
    arrangement  who enters and leaves, stereo places, dynamics
    drums, bass, harmony, lead    the parts, bar by bar
    captions     Composition -> the prompt a person might write
    synthesis    808, saws and pulses: our own layers
    rendering    events -> stereo audio, through a soundfont and `synthesis`
"""
