"""The targets of the controls' table: eight each, possible, and in the key they are told."""

from itertools import pairwise

import pytest

from engine.controls import Intensity, Melody, Repeat, Structure
from engine.evaluation.control_targets import LOWEST_DB, SECONDS, SETTINGS, TARGETS, Setting, Target
from engine.models.embedded import SHORT_WINDOW, load
from engine.models.tags import NOTES, parse_tags

STEPS = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10)}
STEPS |= {"dorian": (0, 2, 3, 5, 7, 9, 10)}
CURVES = [*TARGETS["intensity"], *TARGETS["shape"]]


def test_every_control_has_a_target_of_its_own_name_in_each_setting() -> None:
    for targets in TARGETS.values():
        assert tuple(target.setting for target in targets) == SETTINGS
        assert len({target.name + target.setting.style for target in targets}) == 8


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.style)
def test_the_model_understands_all_of_a_prompt(setting: Setting) -> None:
    tags = parse_tags(setting.prompt)
    assert tags.style == setting.style
    assert set(tags.instruments) == set(setting.instruments.replace(" and ", ", ").split(", "))
    assert f"{tags.root} {tags.mode}" == setting.key == setting.context.key
    assert tags.bpm == setting.bpm


def test_targets_fit_into_the_shorter_window_of_the_embedded_model() -> None:
    model = load()
    window = SHORT_WINDOW * model.hop_length / model.sample_rate
    assert window - 0.1 < SECONDS <= window
    assert model.latents_shape(SECONDS)[-1] == SHORT_WINDOW < model.max_latent_frames
    for targets in TARGETS.values():
        assert all(1 <= target.seconds <= window for target in targets)


@pytest.mark.parametrize("target", CURVES, ids=lambda target: target.name)
def test_levels_move_by_up_to_15_db_and_stay_below_clipping(target: Target) -> None:
    assert isinstance(target.control, Intensity)
    times, levels = zip(*target.control.points, strict=True)
    assert list(times) == sorted(set(times))
    assert (times[0], times[-1]) == (0, SECONDS)
    assert LOWEST_DB <= min(levels) <= max(levels) <= -15
    assert 9 <= max(levels) - min(levels) <= 15.001


@pytest.mark.parametrize("target", TARGETS["melody"], ids=lambda target: target.name)
def test_melodies_are_above_middle_c_in_their_key_and_fill_the_window(target: Target) -> None:
    assert isinstance(target.control, Melody)
    notes = target.control.notes
    root, mode = target.setting.key.split()
    inside = {(NOTES.index(root) + step) % 12 for step in STEPS[mode]}
    assert {note.pitch % 12 for note in notes} <= inside
    assert all(60 <= note.pitch <= 84 for note in notes)
    assert all(a.end <= b.start for a, b in pairwise(notes))
    assert SECONDS - 1 < notes[-1].end <= SECONDS


def test_forms_fill_the_window_and_differ() -> None:
    forms = [target.control for target in TARGETS["structure"]]
    assert all(isinstance(form, Structure) for form in forms)
    assert all(sum(part.length for part in form.sections) == pytest.approx(5.94) for form in forms)
    assert len({tuple(part.label for part in form.sections) for form in forms}) == 8


def test_a_period_of_bars_is_as_long_as_its_bars() -> None:
    for target in TARGETS["repeat"]:
        assert isinstance(target.control, Repeat)
        unit = 240 / target.setting.bpm if target.control.unit == "bars" else 1
        assert target.seconds == pytest.approx(target.control.period * unit)


@pytest.mark.parametrize("control", sorted(TARGETS))
def test_every_target_has_a_name_of_its_own(control: str) -> None:
    assert len({target.name for target in TARGETS[control]}) == 8
