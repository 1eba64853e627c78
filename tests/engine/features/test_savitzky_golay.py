"""Savitzky-Golay smoothing is scipy's."""

import numpy as np
import pytest
import torch
from scipy.signal import savgol_filter

from engine.features.savitzky_golay import odd_frames, smooth, smooth_matrix


def noise(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


@pytest.mark.parametrize(("window", "order"), [(87, 2), (87, 3), (5, 2), (31, 0), (401, 2)])
def test_it_is_scipys(window: int, order: int) -> None:
    curve = noise(2, 200)
    expected = savgol_filter(curve.numpy(), window, order, mode="nearest")
    np.testing.assert_allclose(
        smooth(curve, window=window, order=order).numpy(), expected, rtol=1e-5, atol=1e-9
    )


def test_a_matrix_is_smoothed_along_both_axes() -> None:
    matrix = noise(1, 60, 60)
    rows = savgol_filter(matrix.numpy(), 9, 2, axis=-1, mode="nearest")
    both = savgol_filter(rows, 9, 2, axis=-2, mode="nearest")
    np.testing.assert_allclose(smooth_matrix(matrix, window=9).numpy(), both, rtol=1e-5, atol=1e-9)


def test_a_parabola_stays_as_it_is_inside() -> None:
    time = torch.linspace(-1, 1, 300, dtype=torch.float64)
    curve = (3 - 2 * time + 5 * time**2)[None]
    assert smooth(curve, window=41)[:, 20:-20].allclose(curve[:, 20:-20])


def test_a_symmetric_matrix_stays_symmetric() -> None:
    matrix = noise(1, 50, 50)
    smoothed = smooth_matrix(matrix + matrix.mT, window=11)
    assert smoothed.allclose(smoothed.mT)


def test_order_two_is_order_three() -> None:
    curve = noise(1, 100)
    assert smooth(curve, window=21, order=2).allclose(smooth(curve, window=21, order=3))


def test_a_second_of_the_papers_frames_is_87_taps() -> None:
    assert odd_frames(1.0, frame_seconds=256 / 22050) == 87


def test_a_window_is_odd_and_never_shorter_than_the_order_allows() -> None:
    for seconds in (0.0, 0.01, 0.3, 0.5, 1.0):
        window = odd_frames(seconds, frame_seconds=0.02)
        assert window % 2 == 1
        assert window >= 3
