"""Public models: a folder in diffusers' layout becomes a `MusicModel`, one file per family.

Read in this order::

    folder             what must lie in the folder, and what is refused
    loading            its networks in memory, frozen
    words              tempo and key, said in the prompt of models that are told in words alone
    guided             both branches of guidance in one call; blocks that recompute themselves
    oobleck            the waveform codec that some families share
    stable_audio_open  Stable Audio Open 1.0 and its fine-tunes
    same               the waveform codec of Stable Audio 3, in both of its layouts
    stable_audio_3     Stable Audio 3: small and medium, distilled and base
    projected          guidance that remembers the steps before
    ace_step           ACE-Step 1.5: turbo, base and sft
    audio_ldm2         AudioLDM2: latents of a mel spectrogram, and a vocoder

Each uses diffusers' networks and nothing of its samplers. How to add a family: ADDING.md, beside
this package.
"""

from importlib import import_module
from pathlib import Path

import torch
from safetensors import SafetensorError

from engine.errors import UnknownModelError
from engine.models.families.folder import check, pipeline_class
from engine.models.music_model import MusicModel

# Pipeline class in diffusers: the module here that loads its folders. One line per family.
_FAMILIES = {
    "StableAudioPipeline": "stable_audio_open",
    "StableAudio3Pipeline": "stable_audio_3",
    "AudioLDM2Pipeline": "audio_ldm2",
    "AceStepPipeline": "ace_step",
}


def families() -> tuple[str, ...]:
    """Return the pipeline classes that can be loaded, as model_index.json names them."""
    return tuple(_FAMILIES)


def module_of(pipeline: str) -> str:
    """Return the name of the module here that loads folders for `pipeline`."""
    return _FAMILIES[pipeline]


def require_usable(folder: Path) -> None:
    """Return if the model in `folder` is of a known family and complete, as far as can be seen
    without reading its weights; else raise UnknownModelError."""
    pipeline = pipeline_class(folder)
    if pipeline not in _FAMILIES:
        raise UnknownModelError(
            f"{folder} is made for the pipeline {pipeline}, which cannot be used. Choose a model "
            f"for one of: {', '.join(_FAMILIES)}."
        )
    check(folder)


def load_folder(
    folder: Path, *, name: str, digest: str = "", device: torch.device | str = "cpu"
) -> MusicModel:
    """Return the model in `folder`, ready to use on `device`; nothing is downloaded.

    `digest` is what results shall call these very weights, such as a checksum of all files. Only
    safetensors are read: no other format of weights is safe to read from a stranger. Raises
    UnknownModelError with what is wrong with the folder.
    """
    require_usable(folder)
    family = import_module(f"{__name__}.{module_of(pipeline_class(folder))}")
    try:
        model: MusicModel = family.load(
            folder, name=name, digest=digest, device=torch.device(device)
        )
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        if isinstance(error, RuntimeError) and "size mismatch" not in str(error):
            raise
        reason = str(error).strip().splitlines()[0]
        raise UnknownModelError(
            f"The model in {folder} cannot be read ({reason}). Download or convert it again."
        ) from error
    return model
