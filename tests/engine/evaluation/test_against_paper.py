"""The paper's recipe beside DITTO-2, in small."""

from engine.evaluation import against_paper
from engine.evaluation.against_paper import RECIPES, HeardAsAudio, Row, rows, table
from engine.listening import Listening
from engine.models.music_model import HasFeatureDomain, HasPower, MusicModel
from tests.engine.models.test_embedded import small


def row(recipe: str, seconds: float) -> Row:
    return Row("intensity", "ramp", recipe, 9.0, 2.0, 30, seconds)


def test_the_papers_controls_are_heard_in_the_waveform() -> None:
    model = small()
    heard = HeardAsAudio(model)
    assert isinstance(heard, MusicModel)
    assert isinstance(heard, HasFeatureDomain)
    assert not isinstance(heard, HasPower)
    assert Listening(heard).through_audio
    assert not Listening(model).through_audio


def test_every_recipe_meets_every_target() -> None:
    models: dict[str, MusicModel] = {"embedded": small(), "embedded-base": small(stride=False)}
    done = [Row("outpaint", "band, seed 0", name, 9.0, 2.0, 1, 1.0) for name in list(RECIPES)[:3]]
    found = list(rows(models, ["outpaint"], targets=1, iterations=1, done=done))
    assert [each.recipe for each in found] == list(RECIPES)
    assert found[:3] == done
    # One with the surrogate, one with all steps, by which it is judged.
    assert [each.iterations for each in found] == [1, 1, 1, 2]
    assert all(each.after <= each.before for each in found)


def test_the_table_compares_with_the_papers_seconds() -> None:
    found = [row(name, 100 / (1 + number)) for number, name in enumerate(RECIPES)]
    lines = table(found).splitlines()
    assert [line.split("|")[-2].strip() for line in lines[2:]] == ["1.0x", "2.0x", "3.0x", "4.0x"]


def test_a_search_is_ended_after_so_many_iterations() -> None:
    asked = against_paper._after(2)
    assert [asked(), asked()] == [False, True]
    assert not against_paper._after(None)()
