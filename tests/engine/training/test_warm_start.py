"""Beginning from weights: what they know by name is kept, wherever it stands now."""

from pathlib import Path

import pytest
import torch

from engine.models.denoiser import Denoiser
from engine.models.grid import CHANNELS
from engine.models.tags import Tags
from engine.training.warm_start import warm_start

OLD = {
    "styles": ("jazz", "rock"),
    "instruments": ("drums", "piano"),
    "vocabulary": ("dark", "warm"),
}
NEW = {
    "styles": ("house", "rock", "techno", "jazz"),
    "instruments": ("piano", "choir", "drums"),
    "vocabulary": ("bright", "warm", "dark"),
}


def network(width: int = 16, **more: object) -> Denoiser:
    made = Denoiser(
        latent_channels=4, latent_frames=8, width=width, depth=2, heads=2, tag_width=8, **more
    )
    for parameter in made.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    return made.requires_grad_(False)


def velocity(net: Denoiser, prompt: str, tags: Tags) -> torch.Tensor:
    draw = torch.Generator().manual_seed(0)
    given = {
        **net.understands.tag_tensors(tags),
        "words": torch.tensor([net.understands.word_ids(prompt)]),
        "grid": torch.randn(1, CHANNELS, 8, generator=draw),
        "context": torch.randn(1, 5, 8, generator=draw),
        "stride": torch.ones(1),
    }
    return net(torch.randn(1, 4, 8, generator=draw), torch.tensor([0.5]), given)


def test_a_new_network_says_what_the_old_one_said(tmp_path: Path) -> None:
    old = network(context=False, **OLD)
    old.save_pretrained(tmp_path)
    new = Denoiser(
        latent_channels=4, latent_frames=16, width=16, depth=2, heads=2, tag_width=8,
        stride=True, **NEW,
    )  # fmt: skip
    warm_start(new, tmp_path)
    for tags in (
        Tags(),
        Tags(style="jazz", root="A", mode="minor", instruments=("drums", "piano")),
        Tags(style="rock", dynamics="swell", instruments=("piano",)),
    ):
        for prompt in ("", "dark", "warm and dark"):
            assert velocity(new, prompt, tags).allclose(velocity(old, prompt, tags), atol=1e-5)


def test_weights_of_another_width_are_refused_with_a_reason(tmp_path: Path) -> None:
    network(width=32, **OLD).save_pretrained(tmp_path)
    with pytest.raises(ValueError, match="same width and depth"):
        warm_start(network(**NEW), tmp_path)
