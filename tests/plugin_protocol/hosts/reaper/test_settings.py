"""The settings: kept in the project, shown as they are, refused where they make no sense."""

import pytest
from pretend_reaper.studio import Studio

FIELDS = ("prompt", "model", "quality", "takes", "seed", "context", "bars", "strength", "tempo",
          "reading")  # fmt: skip
USUAL = ["", "embedded", "normal", "1", "0", "4", "2", "0.5", "project", "lead"]


def entered(**changed: str) -> str:
    return "\n".join(changed.get(name, usual) for name, usual in zip(FIELDS, USUAL, strict=True))


def test_a_new_project_has_the_usual_ones(studio: Studio) -> None:
    studio.reaper.run("Settings")
    ((_, shown),) = studio.reaper.asked
    assert shown == entered()
    assert studio.project.ext == {}


def test_what_is_entered_is_kept_in_the_project(studio: Studio) -> None:
    prompt = "dark techno, 130 bpm, A minor, drums"
    studio.reaper.answers = [entered(prompt=prompt, takes="3", strength="0.25")]
    studio.reaper.run("Settings")
    studio.reaper.run("Settings")
    assert studio.reaper.asked[1][1] == entered(prompt=prompt, takes="3", strength="0.25")
    studio.reaper.run("Make loop")
    assert studio.asked()["prompt"] == prompt
    assert studio.asked()["takes"] == 3


def test_a_prompt_can_be_taken_back(studio: Studio) -> None:
    studio.set("prompt", "techno")
    studio.reaper.answers = [entered()]
    studio.reaper.run("Settings")
    studio.reaper.run("Make loop")
    assert studio.asked()["prompt"] == ""


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"takes": "9"}, 'Takes (1 to 8): "9" is not a number from 1 to 8.'),
        ({"strength": "much"}, '"much" is not a number from 0 to 1.'),
        ({"quality": "fast"}, 'Quality: draft normal best: "fast" is none of these words.'),
    ],
)
def test_what_makes_no_sense_is_refused(
    studio: Studio, changed: dict[str, str], sentence: str
) -> None:
    studio.reaper.answers = [entered(**changed)]
    studio.reaper.run("Settings")
    (box,) = studio.reaper.boxes
    assert box.endswith(sentence)
    assert studio.project.ext == {}
