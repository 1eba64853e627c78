"""What a model understands: names it was trained with, and nothing else."""

from engine.models.tags import NOTES, Tags
from engine.models.vocabulary import MAX_WORDS, UNSAID, Vocabulary

SMALL = Vocabulary(styles=("jazz", "rock"), instruments=("drums", "piano"), words=("dark", "warm"))


def test_tags_that_a_model_does_not_know_count_as_unsaid() -> None:
    told = SMALL.tag_tensors(Tags(style="dubstep", root="A", instruments=("choir", "piano")))
    assert told["style"].item() == UNSAID
    assert told["root"].item() == NOTES.index("A")
    assert told["instruments"].tolist() == [[0.0, 1.0]]
    assert SMALL.known(Tags(style="dubstep")) == Tags()


def test_known_tags_are_their_place_in_the_list() -> None:
    told = SMALL.tag_tensors(Tags(style="rock", mode="minor"))
    assert (told["style"].item(), told["mode"].item()) == (1, SMALL.modes.index("minor"))
    assert told["dynamics"].item() == UNSAID


def test_words_count_from_one_and_unknown_ones_are_left_out() -> None:
    ids = SMALL.word_ids("Warm, dubstep-like, DARK")
    assert ids[:3] == [2, 1, 0]
    assert len(ids) == len(SMALL.word_ids("dark " * 40)) == MAX_WORDS
