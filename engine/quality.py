"""How long to search, by the words a producer chooses from. The only place with these numbers.

The paper searches 70 iterations at a learning rate of 0.005. With the drift penalty ten times the
rate is stable and 40 iterations reach a lower loss and a smoother seam (0.05, 40: 3.6 dB on the
overlap; 0.005, 60: 5.6 dB).
"""

from engine.models.music_model import HasFeatureDomain, MusicModel
from engine.optimizer import Settings

ITERATIONS = {"draft": 12, "normal": 40, "best": 80}
LEARNING_RATE = 0.05
THRESHOLD_DB2 = 4.0
"""2 dB root mean square: closer than that nobody hears the difference (the paper's tau)."""


def sampler_steps(quality: str, model: MusicModel) -> int:
    """Return the steps."""
    return model.steps


def search_settings(
    quality: str, model: MusicModel, kinds: frozenset[str] = frozenset()
) -> Settings:
    """Return how to search at `quality` (draft, normal or best) with the losses of `model`."""
    # Losses in dB^2 begin near 100, losses between latents of variance 1 near 1.
    decibels = isinstance(model, HasFeatureDomain)
    return Settings(
        iterations=ITERATIONS[quality],
        learning_rate=LEARNING_RATE,
        drift_penalty=100.0 if decibels else 1.0,
        threshold=THRESHOLD_DB2 if decibels and kinds <= {"overlap"} else None,
        patience=10,
        min_improvement=0.01,
    )
