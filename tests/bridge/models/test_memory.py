"""Memory that jobs take, said beforehand."""

import json
from itertools import pairwise
from pathlib import Path

import pytest

from bridge.models.guide import PUBLIC_MODELS
from bridge.models.memory import FAMILIES, GIB, is_base, needs, weight_bytes
from engine.models.families import families
from engine.sampler import checkpointing

SMALL, MEDIUM = {"transformer": 459_000_000}, {"transformer": 1_453_000_000}


def test_weights_take_four_bytes_each() -> None:
    assert weight_bytes({"transformer": 1000, "vae": 24}) == 4096


@pytest.mark.parametrize("pipeline", FAMILIES)
@pytest.mark.parametrize("base", [False, True])
def test_more_music_takes_no_less_and_a_search_more_than_none(pipeline: str, base: bool) -> None:
    weights = {FAMILIES[pipeline].network: 10**9, "vae": 10**8}
    found = needs(pipeline, weights, base=base, lengths=(1, 5, 20, 47, 90, 500))
    for need in found:
        assert weight_bytes(weights) < need.generate < need.least <= need.most
    for shorter, longer in pairwise(found):
        assert shorter.generate <= longer.generate
        assert shorter.least <= longer.least
        assert shorter.most <= longer.most
    # Several windows are made one after the other.
    assert found[-1].most == found[-2].most


def test_weights_that_are_not_distilled_take_more() -> None:
    (distilled,) = needs("StableAudio3Pipeline", SMALL, lengths=(30,))
    (base,) = needs("StableAudio3Pipeline", SMALL, base=True, lengths=(30,))
    assert base.generate > distilled.generate
    assert base.most > 2 * distilled.most


@pytest.mark.parametrize(("seconds", "kept"), [(30, 1.3), (47.6, 1.9)])
def test_one_size_foretells_what_was_counted_of_another(seconds: float, kept: float) -> None:
    """GiB in 16 bits of one call of the medium network, counted on torch's meta device."""
    (need,) = needs("StableAudio3Pipeline", MEDIUM, lengths=(seconds,))
    family = FAMILIES["StableAudio3Pipeline"]
    growth = (1453 / 459) ** 0.8
    decoding = 2 * GIB * growth * family.decoding
    one_call = (need.most - weight_bytes(MEDIUM) - decoding) / family.steps / (2 * GIB)
    assert one_call == pytest.approx(kept, rel=0.25)


def test_the_shares_are_those_that_the_engine_goes_by() -> None:
    from bridge.models import memory

    assert memory.LATENT == checkpointing._ONE_LATENT
    assert memory.BLOCK_INPUTS == checkpointing._BLOCK_INPUTS
    assert memory.ONE_BLOCK == checkpointing._ONE_BLOCK


def test_every_family_that_can_be_loaded_has_an_estimate() -> None:
    assert set(FAMILIES) == set(families())
    assert {each.pipeline for each in PUBLIC_MODELS} <= set(families())


def test_of_a_family_that_is_not_known_nothing_is_foretold() -> None:
    assert needs("FluxPipeline", SMALL) == ()


@pytest.mark.parametrize(
    ("pipeline", "file", "word"),
    [
        ("StableAudio3Pipeline", "scheduler/scheduler_config.json", "stochastic_sampling"),
        ("AceStepPipeline", "transformer/config.json", "is_turbo"),
    ],
)
def test_the_folder_says_whether_it_is_distilled(
    pipeline: str, file: str, word: str, tmp_path: Path
) -> None:
    settings = tmp_path / "settings.json"
    for value in (True, False):
        settings.write_text(json.dumps({word: value}))
        assert is_base(pipeline, {file: settings}) is not value
    assert is_base(pipeline, {})
    assert not is_base("StableAudioPipeline", {file: settings})
