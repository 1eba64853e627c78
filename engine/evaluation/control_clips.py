"""Clips that the controls are tried on where music must be there already.

Eight pieces of the corpus that no model was trained on; without the soundfont the three bundled
clips and five of the model's own.
"""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import soundfile as sf
import torch

from engine.evaluation.control_targets import SECONDS, SETTINGS, Setting
from engine.models.music_model import MusicModel
from engine.requests import Clip, Request
from engine.shapes import Samples
from engine.tasks import perform
from engine.training.corpus.composition import compose
from engine.training.corpus.rendering import FONT, SAMPLE_RATE, Renderer
from engine.training.features import render_piece

EXAMPLES = Path(__file__).parents[2] / "installers" / "examples"
EXAMPLE_SETTINGS = {
    "band": Setting("rock", "drums, electric bass, overdriven guitar, strings", 124, "A major", 0),
    "groove": Setting(
        "house", "drums, electric piano, pad, synth bass, synth lead", 124, "A minor", 0
    ),
    "keys": Setting("hip hop", "drums, piano, synth bass", 84, "F# minor", 0),
}
HELD_OUT_SEEDS = (
    10_000_001, 10_000_003, 10_000_004, 10_000_008,
    10_000_010, 10_000_016, 10_000_024, 10_000_025,
)  # fmt: skip
"""Ambient, folk, funk, chiptune, hip hop, orchestral, house and jazz."""


@dataclass(frozen=True)
class KnownClip:
    """A clip of at most one window and what it is."""

    name: str
    setting: Setting
    clip: Clip


def bundled_clips() -> tuple[KnownClip, ...]:
    """Return the clips that come with the project."""
    found = []
    for name, setting in EXAMPLE_SETTINGS.items():
        samples, rate = sf.read(EXAMPLES / f"{name}.wav", dtype="float32", always_2d=True)
        found.append(_known(name, setting, torch.from_numpy(samples.T.copy()), rate))
    return tuple(found)


def inversion_clips(model: MusicModel) -> tuple[KnownClip, ...]:
    """Return eight clips in a fixed order."""
    if find_spec("tinysoundfont") and FONT.exists():
        renderer = Renderer()
        return tuple(
            _known(
                f"piece {seed}", _setting(seed), torch.from_numpy(render_piece(renderer, seed)[1])
            )
            for seed in HELD_OUT_SEEDS
        )
    own = (KnownClip(s.style, s, _music(s, model)) for s in SETTINGS)
    return (*bundled_clips(), *own)[: len(HELD_OUT_SEEDS)]


def _setting(seed: int) -> Setting:
    piece, _ = compose(seed)
    return Setting(
        piece.style, ", ".join(piece.instruments), piece.bpm, f"{piece.root} {piece.mode}", 0.0
    )


def _known(
    name: str, setting: Setting, audio: Samples, sample_rate: int = SAMPLE_RATE
) -> KnownClip:
    return KnownClip(name, setting, Clip(audio[:, : int(SECONDS * sample_rate)], sample_rate))


def _music(setting: Setting, model: MusicModel) -> Clip:
    """Return what the model plays in a setting from a seed that no target uses."""
    request = Request(
        "generate", seconds=SECONDS, prompt=setting.prompt, seed=1000, context=setting.context
    )
    for update in perform(request, None, model):
        if update.result is not None:
            return Clip(update.result.takes[0].audio, update.result.sample_rate)
    raise RuntimeError("the task ended without a result")
