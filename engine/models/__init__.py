"""Base models behind one contract: prompt -> conditioning, audio <-> latents, x_t -> x_0.

Read in this order::

    music_model             the contract
    toy                     chords in closed form, for tests
    embedded                the model that ships, of these parts:
    tags, vocabulary, grid  what it is told: words as they are read and known, and the beat
    denoiser                its network
    mel_codec, mel_bank     audio <-> latents
    vocoder, phase_sweep    features -> magnitudes, and phases to begin from
    griffin_lim             the phases of mid
    stereo_image            side beside mid
    saved_network           what all of these are in memory and on disk
    network                 the network of a model in half the bits, or compiled
    families                public models, from a folder in diffusers' layout
    clap, clap_mel          not a music model: it says how well audio and words agree
"""

from importlib import import_module

import torch

from engine.errors import UnknownModelError
from engine.models.music_model import MusicModel

# name: "module:function that loads it". A new model is one line here and one file.
_LOADERS = {
    "embedded": "engine.models.embedded:load",
    "embedded-base": "engine.models.embedded:load_base",
}
_FOR_TESTS = {"toy": "engine.models.toy:load"}


def available() -> tuple[str, ...]:
    """Return the names of the models that make music; `load` knows those for tests as well."""
    return tuple(_LOADERS)


def load(name: str, *, device: torch.device | str = "cpu") -> MusicModel:
    """Return the model of that name, ready to use on `device`."""
    loader = _LOADERS.get(name) or _FOR_TESTS.get(name)
    if loader is None:
        raise UnknownModelError(
            f"There is no model named {name!r}. Choose one of: {', '.join(_LOADERS)}."
        )
    module, function = loader.split(":")
    model: MusicModel = getattr(import_module(module), function)(device=device)
    return model
