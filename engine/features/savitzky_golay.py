"""Savitzky-Golay smoothing: each value becomes that of the parabola fitted to its neighbours.

Slow movement stays as it is, fast movement goes; a moving average would flatten peaks as well.
Equals `scipy.signal.savgol_filter(..., mode="nearest")`: the end values are repeated beyond the
ends.

Source: Savitzky and Golay 1964. Chosen: order 2, which for a centred window is also order 3.
"""

import torch
from scipy.signal import savgol_coeffs
from torch import Tensor

from engine.shapes import Curve, Similarity

ORDER = 2


def odd_frames(seconds: float, *, frame_seconds: float) -> int:
    """Return the odd number of frames closest to `seconds`; at least the order allows."""
    return max(2 * round((seconds / frame_seconds - 1) / 2) + 1, ORDER + 1)


def smooth(curve: Curve, *, window: int, order: int = ORDER) -> Curve:
    """Return `curve` smoothed over `window` frames, an odd number greater than `order`."""
    return _along_time(curve, window, order)


def smooth_matrix(matrix: Similarity, *, window: int, order: int = ORDER) -> Similarity:
    """Return `matrix` smoothed along both of its axes over `window` frames."""
    return _along_time(_along_time(matrix, window, order).mT, window, order).mT


def _along_time(values: Tensor, window: int, order: int) -> Tensor:
    weights = torch.from_numpy(savgol_coeffs(window, order)).to(values)
    rows = values.reshape(-1, 1, values.shape[-1])
    padded = torch.nn.functional.pad(rows, (window // 2, window // 2), mode="replicate")
    return torch.nn.functional.conv1d(padded, weights[None, None]).reshape(values.shape)
