"""A model without weights whose every answer is known in closed form: chords of drifting tones.

Latents are the strengths of 16 tones in the middle and 16 at the sides, one number per tone and
latent frame. The prior is Gaussian, with slow changes stronger than fast ones::

    x_0 = D^T diag(sqrt(variance)) D w,   w white,   D the cosine transform over time

so the best denoiser is linear, and the noise x_T becomes exactly D^T diag(sqrt(variance)) D x_T
when the sampler takes small steps. Audio is an orthonormal map of the latents, frame by frame:
encoding undoes decoding. Tests and demonstrations use it; it listens to no prompt.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from engine.errors import InvalidRequestError
from engine.models.music_model import Conditioning, MusicalContext
from engine.noise_schedule import NoiseSchedule
from engine.shapes import Audio, Features, Latents, PerItem

_TONES = 16
# Below this a tone counts as silent: it keeps the decibels of a zero finite, with a gradient.
_FLOOR = 0.01
# Changes slower than this many cosine cycles per window are equally strong.
_CORNER = 4.0


class ToyModel:
    """See the module. `digest` names this version of it, as a checksum names weights."""

    name = "toy"
    digest = "toy-1"
    sample_rate = 44100
    channels = 2
    hop_length = 2048
    halo = 0
    max_latent_frames = 64
    noise_schedule = NoiseSchedule()
    steps = 4
    frames_per_latent = 1

    def latents_shape(self, seconds: float) -> tuple[int, int, int]:
        """Return (1, 32, latent_frames) of the shortest window of `seconds`."""
        # A window of a whole number of frames must not gain one by rounding.
        frames = max(1, math.ceil(seconds * self.sample_rate / self.hop_length - 1e-6))
        if frames > self.max_latent_frames:
            longest = self.max_latent_frames * self.hop_length / self.sample_rate
            raise InvalidRequestError(
                f"{longest:.1f} s is the longest this model can make; you asked for "
                f"{seconds:.1f} s. Shorten the selection or work in two parts."
            )
        return 1, 2 * _TONES, frames

    def encode_text(self, prompt: str, *, seconds: float, context: MusicalContext) -> Conditioning:
        """Return an empty conditioning: this model plays what it plays."""
        del prompt, seconds, context
        return Conditioning(given={})

    @torch.no_grad()
    def encode_audio(self, audio: Audio) -> Latents:
        """Return the tones in `audio`, silence appended up to a whole latent frame."""
        padded = torch.nn.functional.pad(audio, (0, -audio.shape[-1] % self.hop_length))
        left, right = padded.unflatten(-1, (-1, self.hop_length)).unbind(1)
        middle_and_sides = torch.stack([left + right, left - right], dim=1) / math.sqrt(2)
        strengths = middle_and_sides @ _tones(self.hop_length, audio).T
        return strengths.transpose(2, 3).flatten(1, 2)

    def denoise(self, x_t: Latents, t: PerItem, conditioning: Conditioning) -> Latents:
        """Return E[x_0 | x_t], exactly: the Wiener filter of the prior."""
        del conditioning
        alpha = self.noise_schedule.alpha(t).view(-1, 1, 1)
        sigma = self.noise_schedule.sigma(t).view(-1, 1, 1)
        frames = x_t.shape[-1]
        variance, cosines = prior_variance(frames).to(x_t), cosine_transform(frames).to(x_t)
        gain = alpha * variance / (alpha.square() * variance + sigma.square())
        return (x_t @ cosines.T * gain) @ cosines

    def decode(self, latents: Latents) -> Audio:
        """Return the sound of the tones, about -21 dBFS."""
        strengths = latents.unflatten(1, (2, _TONES)).transpose(2, 3)
        middle, sides = (strengths @ _tones(self.hop_length, latents)).unbind(1)
        stereo = torch.stack([middle + sides, middle - sides], dim=1) / math.sqrt(2)
        return stereo.flatten(2, 3)

    def decode_features(self, latents: Latents) -> Features:
        """Return the level of each tone in dB, one frame per latent frame; -20 is silence."""
        return 10 * torch.log10(latents.square() + _FLOOR)

    def encode_features(self, audio: Audio) -> Features:
        """Return the level of each tone in `audio` in dB."""
        return self.decode_features(self.encode_audio(audio))


def prior_variance(frames: int) -> Tensor:
    """Return the variance of each cosine over time, slowest first; their mean is 1."""
    cycles = torch.arange(frames, dtype=torch.float64)
    variance = 1 / (1 + (cycles / _CORNER).square())
    return variance / variance.mean()


def cosine_transform(size: int, rows: Sequence[int] | None = None) -> Tensor:
    """Return the orthonormal cosine transform (DCT-II): one cosine per row, slowest first."""
    row = torch.tensor(range(size) if rows is None else rows, dtype=torch.float64).unsqueeze(1)
    column = torch.arange(size, dtype=torch.float64)
    cosines = torch.cos(math.pi / size * (column + 0.5) * row) * math.sqrt(2 / size)
    return torch.where(row == 0, cosines / math.sqrt(2), cosines)


def _tones(hop_length: int, like: Tensor) -> Tensor:
    """Return one tone per row, in whole tones from A2 to E flat 5, orthonormal."""
    # Row k of the transform sounds at k * 44100 / (2 * 2048) = k * 10.77 Hz.
    rows = [round(10.2 * 2 ** (step / 6)) for step in range(_TONES)]
    return cosine_transform(hop_length, rows).to(like)


def load(*, device: torch.device | str = "cpu") -> ToyModel:
    """Return the toy model, which has no weights to be anywhere: jobs make its music on the CPU."""
    del device
    return ToyModel()
