"""Savitzky-Golay smoothing: each value becomes that of the parabola fitted to its neighbours.

Slow movement stays as it is, fast movement goes; a moving average would flatten peaks as well.
Equals `scipy.signal.savgol_filter(..., mode="nearest")`: the end values are repeated beyond the
ends.

Source: Savitzky and Golay 1964. Chosen: order 2, which for a centred window is also order 3.
"""

import torch
from jaxtyping import Float
from scipy.signal import savgol_coeffs
from torch import Tensor

from engine.shapes import Similarity

Curves = Float[Tensor, "*rows frames"]
"""One curve or many, time last."""
ORDER = 2


def odd_frames(seconds: float, *, frame_seconds: float) -> int:
    """Return the odd number of frames closest to `seconds`; at least the order allows."""
    return max(2 * round((seconds / frame_seconds - 1) / 2) + 1, ORDER + 1)


def smooth(curves: Curves, *, window: int, order: int = ORDER) -> Curves:
    """Return `curves` smoothed over `window` frames, an odd number greater than `order`."""
    weights = torch.from_numpy(savgol_coeffs(window, order)).to(curves)
    rows = curves.reshape(-1, 1, curves.shape[-1])
    padded = torch.nn.functional.pad(rows, (window // 2, window // 2), mode="replicate")
    return torch.nn.functional.conv1d(padded, weights[None, None]).reshape(curves.shape)


def smooth_matrix(matrix: Similarity, *, window: int, order: int = ORDER) -> Similarity:
    """Return `matrix` smoothed along both of its axes over `window` frames."""
    return smooth(smooth(matrix, window=window, order=order).mT, window=window, order=order).mT
