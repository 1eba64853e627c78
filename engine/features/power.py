"""Power spectrogram: how much energy each frequency has at each moment.

    audio (batch, channels, samples) -> |STFT|^2 (batch, 1 + n_fft / 2, samples // hop)

Equals `abs(librosa.stft(..., window="hann", center=True, pad_mode="reflect")) ** 2`, averaged over
channels, without its last frame, which begins the music that follows.

Chosen: the ends are mirrored, as in the mel codec. With zeros beyond them the first frame would
read 3 dB low, and smoothing over a second repeats the first frame half a second long.
"""

import torch

from engine.errors import InvalidRequestError
from engine.shapes import Audio, Power


def power_spectrogram(audio: Audio, *, n_fft: int, hop: int) -> Power:
    """Return the power of each frequency, averaged over channels; frame k is at sample k * hop.

    `n_fft` (window, periodic Hann) and `hop` are in samples.
    """
    require_samples(audio, n_fft)
    window = torch.hann_window(n_fft, dtype=audio.dtype, device=audio.device)
    batch, channels, samples = audio.shape
    spectrum = torch.stft(
        audio.reshape(batch * channels, samples), n_fft, hop, window=window, return_complex=True
    )
    # Not .abs(): its gradient at exact silence is NaN.
    power = torch.view_as_real(spectrum[..., : samples // hop]).square().sum(-1)
    return power.unflatten(0, (batch, channels)).mean(dim=1)


def full_scale(n_fft: int) -> float:
    """Return the power at which a sine of amplitude 1 peaks: (n_fft / 4)^2 for a Hann window."""
    return (n_fft / 4) ** 2


def window_size(power: Power) -> int:
    """Return the `n_fft` that `power` was made with."""
    return 2 * (power.shape[1] - 1)


def require_samples(audio: Audio, window: int) -> None:
    """Refuse audio too short to be mirrored at its ends by half a `window`."""
    samples = audio.shape[-1]
    if samples <= window // 2:
        raise InvalidRequestError(
            f"Measuring needs more than half a window of audio: got {samples} samples, the window "
            f"is {window}. Use a longer selection."
        )
