"""What the music should have, as losses on x_0: one file per control of the paper.

Read in this order::

    objective   the contract, and the mean over what is asked
    painting    reproduce the audio that stays: outpaint, inpaint, loop
    intensity   follow a curve of loudness, or its shape
    melody      follow notes or a harmony
    structure   follow a form, or another recording's
    repetition  come round again: a loop without a clip
    texture     beside all these, stay as dense and lively as without them
    inversion   be the clip itself, to vary it
    text        sound like a description, to an audio-text model
    weights     how much each counts when they are combined
"""
