"""Noise from a blob is noise of a take, or it is refused with a sentence."""

import pytest
import torch
from safetensors.torch import save

from bridge.worker.noise import InvalidNoiseError, noise_blob, noise_from
from plugin_protocol.values import NOISE_BYTES

X_T = torch.randn(1, 4, 16)


def test_many_windows_come_back_in_their_order() -> None:
    noise = tuple(torch.full((1, 2, 3), float(window)) for window in range(12))
    data = noise_blob(noise)
    assert data is not None
    assert [x.mean().item() for x in noise_from(data)] == list(range(12))


def test_equal_noise_makes_equal_blobs() -> None:
    assert noise_blob((X_T, X_T)) == noise_blob((X_T.clone(), X_T.clone()))


def test_noise_that_no_blob_holds_is_left_out() -> None:
    assert noise_blob((torch.zeros(1, 4, NOISE_BYTES // 16),)) is None


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is no safetensors file"),
        (b"PK not a checkpoint", "is no safetensors file"),
        (save({"x_T.0": X_T})[:-1], "is no safetensors file"),
        (b"\xff" * 8 + save({"x_T.0": X_T}), "is no safetensors file"),
        (save({}), "got nothing"),
        (save({"x_T.1": X_T}), "must hold x_T.0, x_T.1 and so on, and nothing else; got x_T.1"),
        (save({"x_T.0": X_T, "weights": X_T.clone()}), "got weights, x_T.0"),
        (save({"x_T.00": X_T}), "got x_T.00"),
        (save({"x_T.0": X_T.double()}), "must hold float32; x_T.0 is float64"),
        (save({"x_T.0": X_T.to(torch.bfloat16)}), "x_T.0 is bfloat16"),
        (save({"x_T.0": X_T[0].clone()}), "x_T.0 is 4 x 16"),
        (save({"x_T.0": torch.zeros(2, 4, 16)}), "x_T.0 is 2 x 4 x 16"),
        (save({"x_T.0": torch.zeros(1, 0, 16)}), "x_T.0 is 1 x 0 x 16"),
        (save({"x_T.0": torch.tensor(1.0)}), "x_T.0 is a single number"),
        (save({"x_T.0": X_T, "x_T.1": X_T / 0}), "x_T.1 that are infinite or not a number"),
        (bytes(NOISE_BYTES + 1), f"{NOISE_BYTES} is the limit"),
    ],
    ids=[
        "empty", "text", "cut off", "header too long", "nothing", "gap", "more", "leading zero",
        "double", "bfloat16", "2-D", "batch", "no channels", "scalar", "infinite", "too large",
    ],
)  # fmt: skip
def test_anything_else_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(InvalidNoiseError, match=said) as refused:
        noise_from(data)
    assert str(refused.value).endswith("Send the blob that a result names as its noise.")
