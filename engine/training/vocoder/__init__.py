"""How the vocoder was made: sketches of clips first, then clips that sound like clips.

Read in this order::

    clips           rendered audio on disk, and crops of it with their latents
    sketch_loss     how far magnitudes and turns of phase are from those of a clip
    sketching       the first phase: learn them
    discriminators  networks that tell clips from what is played
    contest         the second phase: play so that they cannot
"""
