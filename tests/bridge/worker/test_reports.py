"""Progress: not too often, never too late."""

from bridge.worker.reports import Progress
from engine.tasks import Update


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def progress_at(times: list[float], **fields: float) -> list[float | None]:
    """Return the estimates said at those times, one iteration each; None where nothing is said."""
    clock = Clock()
    progress = Progress("job", clock)
    said: list[float | None] = []
    for i, clock.now in enumerate(times):
        message = progress.message(Update("optimizing", i, 10, **fields))  # type: ignore[arg-type]
        said.append(message.eta_seconds if message else -1)
    return said


def test_the_time_left_is_the_pace_so_far_times_what_is_left() -> None:
    assert progress_at([0, 2, 4]) == [None, 18, 16]


def test_iterations_faster_than_ten_a_second_are_not_all_reported() -> None:
    assert [eta == -1 for eta in progress_at([0, 0.05, 0.09, 0.11])] == [False, True, True, False]


def test_a_new_phase_or_a_note_is_reported_at_once() -> None:
    progress = Progress("job", Clock())
    updates = [Update("analyzing", 0, 1), Update("decoding", 0, 1), Update("decoding", 0, 1)]
    assert [progress.message(u) is not None for u in updates] == [True, True, False]
    assert progress.message(Update("decoding", 0, 1, note="120 bpm")) is not None


def test_a_loss_that_is_no_number_is_left_out() -> None:
    nan = float("nan")
    message = Progress("job", Clock()).message(
        Update("optimizing", 0, 1, loss=nan, losses={"overlap": nan, "drift": 1.0})
    )
    assert message is not None
    assert (message.loss, message.losses) == (None, {"drift": 1.0})
