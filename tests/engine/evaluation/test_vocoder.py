"""The decoders' table, on noise through an unfitted codec."""

from functools import partial

import torch

from engine.evaluation.vocoder import griffin_lim_apart, measure, table
from engine.models.mel_codec import MelCodec


def clips() -> torch.Tensor:
    return torch.randn(1, 2, 65536, generator=torch.Generator().manual_seed(0)) * 0.1


def test_a_decoder_that_returns_the_clip_is_perfect() -> None:
    for report in measure(MelCodec(), lambda *_: clips(), clips()):
        assert (report.mel_error, report.convergence, report.log_distance) == (0, 0, 0)


def test_every_decoder_has_its_line() -> None:
    codec = MelCodec(griffin_lim_iterations=1)
    decoders = {"apart": partial(griffin_lim_apart, codec, 1), "ours": codec.decode}
    heading, rule, *rows = table(codec, clips(), decoders)
    assert [row.split("|")[1].strip() for row in rows] == ["apart", "ours"]
    assert {line.count("|") for line in (heading, rule, *rows)} == {heading.count("|")}
