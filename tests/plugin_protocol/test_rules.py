"""What is wrong with a task is said in sentences, all of it at once."""

import pytest

from plugin_protocol.client import Client, RequestRefusedError, new_job_id
from plugin_protocol.framing import pack
from plugin_protocol.messages import JobSubmit
from plugin_protocol.rules import as_message, audio_of, blobs_of, breaches
from plugin_protocol.values import (
    AudioRef,
    Generate,
    Inpaint,
    Intensity,
    Melody,
    Note,
    Objective,
    Outpaint,
    Region,
    Repeat,
    Section,
    Start,
    Structure,
    Task,
    TextMatch,
    Vary,
)

NAN = float("nan")
TEN = Generate(seconds=10)
CURVE = ((0.0, -30.0), (4.0, -12.0))


def audio(name: bytes) -> AudioRef:
    return AudioRef(sha=name * 32, format="f32le", sample_rate=8000, channels=1, frames=9)


CLIP = audio(b"c")


@pytest.mark.parametrize(
    "task",
    [
        Task(objectives=(TEN,)),
        Task(objectives=(Vary(),), clip=CLIP),
        Task(objectives=(Intensity(points=CURVE), TEN, Repeat(period=10))),
        Task(objectives=(Generate(), Repeat(period=10))),
        Task(objectives=(TEN, Intensity(reference=CLIP), Melody(notes=(Note(0, 1, 60),)))),
        Task(objectives=(TEN, Melody(notes=(Note(0, 0.1 + 0.2, 60), Note(0.3, 1, 62))))),
        Task(
            objectives=(TEN, Structure(sections=(Section("A", 1), Section("", 1), Section("B", 1))))
        ),
        Task(
            objectives=(
                Outpaint(seconds=5),
                TextMatch(description="drums", region=Region(start=0, end=1)),
                TextMatch(description="piano", region=Region(start=1, end=2)),
            ),
            clip=CLIP,
        ),
    ],
)
def test_a_task_that_keeps_the_rules_is_not_spoken_of(task: Task) -> None:
    assert breaches(task) == ()


@pytest.mark.parametrize(
    ("objectives", "said"),
    [
        ((TEN, TEN), "objectives: a job is of exactly one kind .* got generate, generate"),
        ((Intensity(points=CURVE),), "got none. Send one job for each kind"),
        ((Vary(),), "clip: there is no clip to work on. Send one"),
        ((Inpaint(regions=(Region(start=2, end=2),)),), "inpaint: region 1 must end after it"),
        ((TEN, Intensity()), "intensity: neither points nor a reference"),
        ((TEN, Intensity(points=CURVE, reference=CLIP)), "intensity: both points and a reference"),
        ((TEN, Intensity(points=CURVE[:1])), "intensity: a single point is no curve"),
        ((TEN, Intensity(points=CURVE[::-1])), "point 2 at 0 s does not come after .* at 4 s"),
        ((TEN, Intensity(points=(*CURVE, CURVE[1]))), "point 3 at 4 s does not come after"),
        ((TEN, Intensity(points=((0, NAN), (1, 0)))), "point 1 is not finite: 0 s, nan dB"),
        ((TEN, Melody()), "melody: neither notes nor a reference"),
        ((TEN, Melody(notes=(Note(1, 1, 60),))), "melody: note 1 must end after it starts"),
        ((TEN, Melody(notes=(Note(0, 2, 60), Note(1, 3, 62)))), "note 2 starts at 1 s, before"),
        ((TEN, Melody(notes=(Note(0, 2, 60),), reading="harmony")), "'harmony' is about a ref"),
        ((TEN, Structure()), "structure: neither sections nor a reference"),
        ((TEN, Structure(sections=(Section("", 1), Section("A", 1)))), "fewer than two sections"),
        ((Vary(), Repeat(period=1)), "repeat: music repeats only where all of it is generated"),
        ((Generate(),), "generate: no length is given"),
        ((TEN, Repeat(period=11)), "repeat: a period of 11 s does not fit into 10 s of music"),
        ((TEN, Repeat(period=1, region=Region(start=0, end=1))), "not a region of it"),
        ((TEN, TextMatch(description=" ")), "text: the description is empty"),
        ((TEN, TextMatch(description="a", region=Region(start=2, end=1))), "got 2 to 1 s. Swap"),
        ((TEN, *2 * (TextMatch(description="a"),)), "text 2: it asks about the same time as text"),
    ],
)
def test_a_breach_says_where_and_what_to_do(objectives: tuple[Objective, ...], said: str) -> None:
    with pytest.raises(AssertionError, match=said):
        assert "\n".join(breaches(Task(objectives=objectives))) == ""


def test_the_last_seed_is_bounded() -> None:
    assert "Lower the seed" in breaches(Task(objectives=(TEN,), seed=2**53, takes=2))[0]
    assert breaches(Task(objectives=(TEN,), seed=2**53)) == ()


def test_everything_is_said_at_once_and_nothing_is_sent() -> None:
    objectives = (TEN, Vary(), Intensity(), Melody(), Melody(notes=(Note(2, 1, 60),)))
    task = Task(objectives=objectives, seed=2**53, takes=2)
    client = Client.__new__(Client)  # not connected: it would fail if it sent anything
    with pytest.raises(RequestRefusedError) as refused:
        client.submit(new_job_id(), task)
    assert refused.value.code == "INVALID_SPEC"
    lines = str(refused.value).split("\n")
    assert [line.split(":")[0] for line in lines] == [
        "objectives", "seed", "intensity", "melody", "melody 2", "melody 2",
    ]  # fmt: skip


def test_a_message_ends_where_a_failure_must() -> None:
    text = as_message(tuple("x" * 99 for _ in range(500)))
    assert len(text) <= 2000
    assert text.split("\n")[-1] == f"And {500 - text.count(chr(10))} more."


def test_all_blobs_of_a_task_are_known_by_name() -> None:
    task = Task(
        objectives=(
            Vary(),
            Intensity(reference=audio(b"i"), region=Region(start=0, end=1)),
            Intensity(reference=audio(b"j"), region=Region(start=1, end=2)),
            Melody(reference=audio(b"m")),
            Structure(reference=audio(b"s")),
        ),
        clip=CLIP,
        start=Start(noise=b"n" * 32),
    )
    assert {name: ref.sha[:1] for name, ref in audio_of(task).items()} == {
        "clip": b"c",
        "intensity reference": b"i",
        "intensity 2 reference": b"j",
        "melody reference": b"m",
        "structure reference": b"s",
    }
    assert blobs_of(task) == {letter.encode() * 32 for letter in "cijmsn"}


def test_tags_share_the_room_of_the_task() -> None:
    points = tuple((float(second), 0.5) for second in range(512))
    big = Task(objectives=(TEN, *(Intensity(points=points),) * 6))
    tags = {f"{number:040}": "é" * 200 for number in range(16)}
    sizes = {line for line in breaches(big, tags) if line.startswith("task:")}
    assert not sizes & set(breaches(big))
    (said,) = sizes
    packed = len(pack(JobSubmit(job="", task=big, tags=tags)))
    assert int(said.split()[3]) == pytest.approx(packed, abs=40)
