"""AudioLDM2 and its kin: latents of a mel spectrogram, and a vocoder; the paper's kind of model.

    latents --autoencoder--> log-mel --vocoder--> audio        16 kHz, mono

The spectrogram is the model's feature domain: painting compares it in decibels, with no waveform in
the graph. The network predicts eps at a thousand levels, t = level / 1000.

Sources: Liu et al. 2023, AudioLDM 2, arXiv:2308.05734; diffusers' AudioLDM2Pipeline. The
spectrogram is that of the authors' code: windows of 1024 samples, Slaney's filters, magnitudes.
"""

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from diffusers import AudioLDM2Pipeline
from librosa.filters import mel as mel_filters
from torch import Tensor
from transformers import GPT2LMHeadModel

from engine.models.families.guided import Told, guided
from engine.models.families.loading import load_part, load_parts
from engine.models.families.words import in_words
from engine.models.music_model import Conditioning, MusicalContext
from engine.noise_schedule import NoiseSchedule
from engine.shapes import Audio, Features, Latents, PerItem

GUIDANCE = 3.5
STEPS = 20
"""As in Novack et al. 2024, DITTO, on a model of this kind."""
N_FFT = 1024
SOFTEST = 1e-5
"""Magnitude of a mel band that counts as silence."""
_GENERATED = 8
"""Vectors that the language model adds to what the text encoders say."""
_WHOLE = 8
"""Latent frames: the network halves the time three times."""
_DB_PER_NEPER = 20 / math.log(10)


@dataclass(frozen=True)
class TableOfLevels(NoiseSchedule):
    """The levels a network was trained on: `alpha_bar`, alpha squared, from music to noise.

    `steps` of them are walked in equal strides from `offset`, the last to level 0.
    """

    alpha_bar: tuple[float, ...] = field(default=(), repr=False)
    offset: int = 1

    def alpha(self, t: Tensor) -> Tensor:
        """Return the share of music at the nearest level."""
        return self._squared(t).sqrt().to(t)

    def sigma(self, t: Tensor) -> Tensor:
        """Return the share of noise at the nearest level."""
        return (1 - self._squared(t)).sqrt().to(t)

    def timesteps(self, steps: int) -> Tensor:
        """Return `steps` + 1 times down to 0."""
        stride = len(self.alpha_bar) // steps
        walked = torch.arange(steps - 1, -1, -1) * stride + self.offset
        return torch.cat([walked, walked.new_zeros(1)]) / len(self.alpha_bar)

    def level(self, t: Tensor) -> Tensor:
        """Return the number of the nearest level, as the network counts them."""
        count = len(self.alpha_bar)
        return (t * count).round().long().clamp(0, count - 1)

    def _squared(self, t: Tensor) -> Tensor:
        table = torch.tensor(self.alpha_bar, dtype=torch.float64)
        return table[self.level(t).cpu()].to(t.device)


@dataclass(frozen=True)
class AudioLDM2:
    """See the module. `encoders` is the pipeline, for its way with prompts."""

    name: str
    digest: str
    encoders: Any
    network: Any
    vae: Any
    vocoder: Any
    noise_schedule: TableOfLevels
    guidance: float = GUIDANCE
    steps: int = STEPS
    channels: int = 1

    @property
    def sample_rate(self) -> int:
        """Samples per second."""
        return int(self.vocoder.config.sampling_rate)

    @property
    def frames_per_latent(self) -> int:
        """Mel frames per latent frame."""
        return int(2 ** (len(self.vae.config.block_out_channels) - 1))

    @property
    def mel_hop(self) -> int:
        """Samples per mel frame."""
        return math.prod(self.vocoder.config.upsample_rates)

    @property
    def hop_length(self) -> int:
        """Samples per latent frame."""
        return self.mel_hop * self.frames_per_latent

    @property
    def max_latent_frames(self) -> int:
        """The length that the network was trained on."""
        return int(self.network.config.sample_size)

    @property
    def halo(self) -> int:
        """The autoencoder attends to, and is normalized over, all of the music."""
        return self.max_latent_frames

    @property
    def device(self) -> torch.device:
        """Where the network runs."""
        return torch.device(self.network.device)

    def latents_shape(self, seconds: float) -> tuple[int, int, int]:
        """Return the shape of the shortest window that holds `seconds`, else of the longest.

        Latent channels times mel bands are one axis, so that time can be the last.
        """
        frames = math.ceil(seconds * self.sample_rate / self.hop_length - 1e-6)
        frames = min(self.max_latent_frames, max(1, -(-frames // _WHOLE)) * _WHOLE)
        return 1, int(self.network.config.in_channels) * self._bands, frames

    @torch.no_grad()
    def encode_text(self, prompt: str, *, seconds: float, context: MusicalContext) -> Conditioning:
        """Return what text encoders and language model make of the prompt, tempo and key."""
        del seconds  # it makes what it is given room for
        said = in_words(prompt, context)
        both = self.encoders.encode_prompt(said, self.device, 1, True, max_new_tokens=_GENERATED)
        names = ("words", "mask", "generated")
        without, given = (
            dict(zip(names, branch, strict=True))
            for branch in zip(*(each.chunk(2) for each in both), strict=True)
        )
        return Conditioning(given, without, self.guidance, {"prompt": said} if said else {})

    def encode_audio(self, audio: Audio) -> Latents:
        """Return the latents of `audio`, silence appended up to a whole frame."""
        padded = torch.nn.functional.pad(audio, (0, -audio.shape[-1] % self.hop_length))
        with torch.no_grad():
            mel = self._log_mel(padded).transpose(1, 2)[:, None]
            # The mean: a draw would make the same music other latents each time.
            latents = self.vae.encode(mel).latent_dist.mode() * self.vae.config.scaling_factor
        return latents.transpose(2, 3).flatten(1, 2)

    def encode_features(self, audio: Audio) -> Features:
        """Return the level of each mel band, dB."""
        return _DB_PER_NEPER * self._log_mel(audio)

    def decode_features(self, latents: Latents) -> Features:
        """Return the level of each mel band, dB, without playing it."""
        return _DB_PER_NEPER * self._decoded(latents).squeeze(1).transpose(1, 2)

    def denoise(self, x_t: Latents, t: PerItem, conditioning: Conditioning) -> Latents:
        """Return x_0 = (x_t - sigma eps) / alpha, guided."""
        eps = guided(self._noise, x_t, t, conditioning)
        alpha, sigma = self.noise_schedule.alpha(t), self.noise_schedule.sigma(t)
        return (x_t - sigma.view(-1, 1, 1) * eps) / alpha.view(-1, 1, 1)

    def decode(self, latents: Latents) -> Audio:
        """Return the waveform; differentiable."""
        audio = self.vocoder(self._decoded(latents).squeeze(1))[:, None]
        # Some vocoders play a sample or two more.
        return audio[..., : latents.shape[-1] * self.hop_length]

    @property
    def _bands(self) -> int:
        """Mel bands of the latents."""
        return int(self.vocoder.config.model_in_dim) // self.frames_per_latent

    def _decoded(self, latents: Latents) -> Tensor:
        """Return log-mel, (batch, 1, frames, bins)."""
        return self.vae.decode(self._grid(latents) / self.vae.config.scaling_factor).sample

    def _grid(self, latents: Latents) -> Tensor:
        """Return latents as the networks have them: (batch, channels, frames, bands)."""
        return latents.unflatten(1, (-1, self._bands)).transpose(2, 3)

    def _noise(self, x_t: Tensor, t: Tensor, told: Told) -> Tensor:
        eps = self.network(
            self._grid(x_t),
            self.noise_schedule.level(t),
            encoder_hidden_states=told["generated"],
            encoder_hidden_states_1=told["words"],
            encoder_attention_mask_1=told["mask"],
            return_dict=False,
        )[0]
        return eps.transpose(2, 3).flatten(1, 2)

    def _log_mel(self, audio: Audio) -> Tensor:
        """Return (batch, bins, frames): the log of mel magnitudes, a frame per `mel_hop`."""
        window = torch.hann_window(N_FFT, device=audio.device)
        spectrum = torch.stft(
            audio[:, 0], N_FFT, self.mel_hop, window=window, pad_mode="reflect", return_complex=True
        )
        bank = mel_filters(
            sr=self.sample_rate, n_fft=N_FFT, n_mels=self.vocoder.config.model_in_dim, fmin=0
        )
        mel = torch.from_numpy(bank).to(audio) @ spectrum.abs()
        return mel.clamp_min(SOFTEST).log()[..., : audio.shape[-1] // self.mel_hop]


def load(folder: Path, *, name: str, digest: str, device: torch.device) -> AudioLDM2:
    """Return the model in `folder`."""
    # Published as a model that cannot generate in newer versions of its library.
    language_model = load_part(GPT2LMHeadModel, folder / "language_model")
    parts = load_parts(AudioLDM2Pipeline, folder, device, language_model=language_model)
    scheduler = parts.scheduler
    schedule = TableOfLevels(
        alpha_bar=tuple(scheduler.alphas_cumprod.double().tolist()),
        offset=int(scheduler.config.steps_offset),
    )
    return AudioLDM2(name, digest, parts, parts.unet, parts.vae, parts.vocoder, schedule)
