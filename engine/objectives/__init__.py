"""What the music should have, as losses on x_0: one file per control of the paper.

painting    reproduce the audio that stays: outpaint, inpaint, loop
"""
