"""One picture of one result: the sound, and for each control what was asked beside what came.

Read in this order::

    picture     what is drawn, and where its beats lie
    page        the rows, one above the other, and the file
    sound       waveform and mel spectrogram
    curves      a target and what was measured: overlap, intensity
    pitches     a chromagram with the melody's cells
    matrices    self-similarity, wanted and reached
    measured    the features, by librosa and scipy alone, independent of what steered the music
    marks       titles, legends, shades and beats, the same in every row
"""

from bridge.plot.page import draw
from bridge.plot.picture import Picture, beats

__all__ = ["Picture", "beats", "draw"]
