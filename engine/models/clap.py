"""CLAP: an audio-text model that says how well audio and words agree.

    audio -> mono -> its rate -> its log-mel -> embedding of length 1      differentiable
    words ->                                     embedding of length 1

Any checkpoint that transformers' `ClapModel` loads, from a folder of this computer; nothing is ever
downloaded. Source: Wu et al. 2023, arXiv:2211.06687.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Float
from safetensors import SafetensorError
from torch import Tensor
from transformers import AutoTokenizer, ClapFeatureExtractor, ClapModel, PreTrainedTokenizerBase
from transformers.utils import ModelOutput

from engine.errors import UnknownModelError
from engine.features.resampling import resample_differentiable
from engine.models.clap_mel import clap_mel
from engine.shapes import Audio

Embedding = Float[Tensor, "batch embedding"]
_HOW_TO_ADD = (
    "Download a CLAP checkpoint in safetensors format, such as laion/larger_clap_music from "
    "huggingface.co, with its config, tokenizer and preprocessor files, into that folder."
)


@dataclass(frozen=True)
class Clap:
    """A loaded, frozen audio-text model."""

    model: ClapModel
    tokenizer: PreTrainedTokenizerBase
    extractor: ClapFeatureExtractor

    def embed_audio(self, audio: Audio, *, sample_rate: int) -> Embedding:
        """Return the direction of `audio`; differentiable."""
        mono = audio.mean(dim=1, keepdim=True)
        heard = resample_differentiable(mono, sample_rate, int(self.extractor.sampling_rate))
        mel, is_longer = clap_mel(heard[:, 0], self.extractor)
        return _direction(self.model.get_audio_features(input_features=mel, is_longer=is_longer))

    @torch.no_grad()
    def embed_text(self, description: str) -> Embedding:
        """Return the direction of `description` (1, embedding)."""
        tokens = self.tokenizer(
            [description], padding=True, truncation=True, return_tensors="pt"
        ).to(self.model.device)
        return _direction(
            self.model.get_text_features(
                input_ids=tokens["input_ids"], attention_mask=tokens["attention_mask"]
            )
        )


def load_clap(folder: Path, *, device: torch.device | str = "cpu") -> Clap:
    """Load the audio-text model in `folder`: safetensors only, no network, no code of its own."""
    config = folder / "config.json"
    if not config.is_file() or not any(folder.glob("*.safetensors")):
        raise UnknownModelError(
            f"There is no audio-text model in {folder}: matching a description needs one. "
            + _HOW_TO_ADD
        )
    kind = json.loads(config.read_text()).get("model_type")
    if kind != "clap":
        raise UnknownModelError(
            f"The model in {folder} is of type {kind!r}; matching a description needs type 'clap'. "
            + _HOW_TO_ADD
        )
    try:
        model = ClapModel.from_pretrained(folder, local_files_only=True, use_safetensors=True)
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        extractor = ClapFeatureExtractor.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError, SafetensorError) as error:
        raise UnknownModelError(
            f"The audio-text model in {folder} cannot be read: a file is missing or damaged. "
            + _HOW_TO_ADD
        ) from error
    return Clap(model.float().to(device).eval().requires_grad_(False), tokenizer, extractor)


def _direction(features: Tensor | ModelOutput) -> Embedding:
    # Before transformers 5 the features themselves, since then an output that holds them.
    direction = features if isinstance(features, Tensor) else features["pooler_output"]
    return torch.nn.functional.normalize(direction, dim=-1)
