"""What can be measured of music while it is made: curves and matrices, differentiable.

Read in this order::

    power            audio -> the energy of every frequency over time; all others start from it
    savitzky_golay   curves and matrices without their fine detail
    intensity        how loud it is
    chroma           which of the twelve notes sound
    log_mel          the spectrum as an ear divides it
    self_similarity  which moments sound alike
    resampling       audio at another rate, for listeners that only know their own

Every gradient is finite, in digital silence too. Frame k is centred at sample k * hop.
"""
