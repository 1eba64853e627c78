"""Does the new material belong to the clip? What a low overlap loss alone does not tell.

DITTO (arXiv:2401.12179) warns that masking reproduces the overlap exactly and still leaves a seam,
because what follows is other music.
"""

from engine.shapes import Stretch


def timbre_distance(new: Stretch, known: Stretch) -> float:
    """Return the mean distance in dB between the mean spectra of two (bins, frames) in dB."""
    return float((new.mean(1) - known.mean(1)).abs().mean())
