"""The plugin under a playhead that jumps: what it captures, plays, keeps and leaves alone."""

import numpy as np
import pytest

from bridge.audio_files import Recording
from bridge.gains import levels

from .mirror import DONE, OTHER_RATE, Mirror, Stage
from .mirror_worker import BRIDGE

GO = f"knob capture 0\nknob go 1\nidle 64\nawait status {DONE} 20\n"


def test_a_continuation_is_heard_where_it_belongs(mirror: Mirror, stage: Stage) -> None:
    x = stage.track(200_000)
    said = stage.play(
        mirror.home,
        "input track\nknob bars 1\nknob capture 1\nplay 1000 30000 0\nlamp captured\n"
        + GO
        + "play 0 150000 0 out\nlamp takes",
    )
    assert said == ["0.625", "1"]
    y = stage.heard("out")
    # At 120 beats per minute a bar has 96000 samples; the clip's samples come round in them.
    clip = x[:, 1000:31000]
    new = np.stack([np.resize(row, 96_000) for row in -clip])
    np.testing.assert_array_equal(y[:, :31_000], x[:, :31_000])
    np.testing.assert_array_equal(y[:, 31_000:127_000], new)
    np.testing.assert_array_equal(y[:, 127_000:], x[:, 127_000:150_000])


@pytest.mark.parametrize("block", [32, 441, 4096])
def test_wherever_the_playhead_jumps_the_place_decides(
    mirror: Mirror, stage: Stage, block: int
) -> None:
    x = stage.track(120_000)
    stage.play(
        mirror.home,
        "input track\nknob task 4\nknob capture 1\nplay 0 100000 512\n"
        + GO
        + f"play 70000 20000 {block} late\nplay 5 333 {block} early\nplay 99000 5000 {block} end",
    )
    np.testing.assert_array_equal(stage.heard("late"), -x[:, 70_000:90_000])
    np.testing.assert_array_equal(stage.heard("early"), -x[:, 5:338])
    expected = np.hstack([-x[:, 99_000:100_000], x[:, 100_000:104_000]])
    np.testing.assert_array_equal(stage.heard("end"), expected)


def test_a_loop_that_begins_in_its_middle_is_captured_whole(mirror: Mirror, stage: Stage) -> None:
    x = stage.track(60_000)
    said = stage.play(
        mirror.home,
        "input track\nknob task 4\nknob capture 1\nplay 30000 20000 0\nplay 10000 40000 0\n"
        "play 10000 7000 0\nlamp captured\n" + GO + "play 0 60000 0 out",
    )
    assert float(said[0]) == pytest.approx(40_000 / 48_000)
    expected = x.copy()
    expected[:, 10_000:50_000] *= -1
    np.testing.assert_array_equal(stage.heard("out"), expected)


def test_only_marked_stretches_are_filled(mirror: Mirror, stage: Stage) -> None:
    x = stage.track(100_000)
    stage.play(
        mirror.home,
        "input track\nknob task 0\nknob capture 1\nplay 0 20000 0\nknob mark 1\n"
        "play 20000 5000 0\nknob mark 0\nplay 25000 30000 0\nknob mark 1\nplay 55000 11111 0\n"
        "knob mark 0\nplay 66111 20000 0\n" + GO + "play 0 100000 0 out",
    )
    expected = x.copy()
    for start, end in ((20_000, 25_000), (55_000, 66_111)):
        expected[:, start:end] *= -1
    np.testing.assert_array_equal(stage.heard("out"), expected)


def test_a_lead_in_ends_where_the_clip_begins(mirror: Mirror, stage: Stage) -> None:
    x = stage.track(200_000)
    script = "input track\nknob task 2\nknob bars 1\nknob capture 1\nplay 100000 96000 0\n"
    stage.play(mirror.home, script + GO + "play 0 200000 0 out")
    expected = x.copy()
    expected[:, 4_000:100_000] = -x[:, 100_000:196_000]
    np.testing.assert_array_equal(stage.heard("out"), expected)


def test_a_loop_comes_round(mirror: Mirror, stage: Stage) -> None:
    x = stage.track(100_000)
    script = "input track\nknob task 3\nknob capture 1\nplay 2000 20000 0\n"
    stage.play(mirror.home, script + GO + "play 0 100000 0 out\nplay 50 70 9 before")
    loop = np.hstack([x[:, 2000:22_000], -x[:, 2000 : 2000 + BRIDGE]])
    expected = np.hstack([x[:, :2000], *[loop] * 5])[:, :100_000]
    np.testing.assert_array_equal(stage.heard("out"), expected)
    np.testing.assert_array_equal(stage.heard("before"), x[:, 50:120])


def test_the_same_again_is_another_take_with_the_next_seed(mirror: Mirror, stage: Stage) -> None:
    x = stage.track(50_000)
    again = f"knob go 1\nidle 64\nawait takes 2 20\nawait status {DONE} 20\n"
    stage.play(
        mirror.home,
        "input track\nknob task 4\nknob seed 1\nknob capture 1\nplay 0 50000 0\n"
        + GO
        + again
        + "play 0 50000 0 first\nknob take 2\nplay 0 50000 0 second\nknob take 8\n"
        "play 0 50000 0 last\nknob mix 0\nplay 0 50000 0 dry\nknob mix 0.5\nplay 0 50000 0 half",
    )
    assert [task["seed"] for task in mirror.asked()[-2:]] == [1, 2]
    np.testing.assert_array_equal(stage.heard("first"), x * np.float32(-1 / 2))
    np.testing.assert_array_equal(stage.heard("second"), x * np.float32(-1 / 3))
    np.testing.assert_array_equal(stage.heard("last"), x * np.float32(-1 / 3))
    np.testing.assert_array_equal(stage.heard("dry"), x)
    np.testing.assert_allclose(stage.heard("half"), x / 3, atol=1e-7)


def test_another_take_fades_in_within_64_samples(mirror: Mirror, stage: Stage) -> None:
    mirror.wish(takes=2)
    x = stage.track(50_000)
    script = "input track\nknob task 4\nknob capture 1\nplay 0 50000 0\n"
    stage.play(mirror.home, script + GO + "play 0 5000 50 a\nknob take 2\nplay 5000 5000 50 b")
    y, old, new = stage.heard("b"), -x[:, 5000:10_000], x[:, 5000:10_000] * np.float32(-1 / 2)
    np.testing.assert_array_equal(y[:, 0], old[:, 0])
    np.testing.assert_array_equal(y[:, 64:], new[:, 64:])
    share = (y[:, :64] - new[:, :64]) / (old[:, :64] - new[:, :64])
    np.testing.assert_allclose(share, np.tile(1 - np.arange(64) / 64, (2, 1)), atol=1e-4)


def test_bypassed_or_standing_still_the_track_passes(mirror: Mirror, stage: Stage) -> None:
    x = stage.track(50_000)
    script = "input track\nknob task 4\nknob capture 1\nplay 0 50000 0\n"
    stage.play(
        mirror.home,
        script + GO + "idle 2048 still\nknob lv2_enabled 0\nplay 0 50000 0 bypassed",
    )
    np.testing.assert_array_equal(stage.heard("still"), np.tile(x[:, :512], (1, 4)))
    np.testing.assert_array_equal(stage.heard("bypassed"), x)


def test_the_host_s_tempo_and_bar_travel_with_the_clip(mirror: Mirror, stage: Stage) -> None:
    stage.track(200_000)
    script = "input track\ntempo 90\nknob bars 2\nknob capture 1\nplay 40000 100000 0\n"
    mirror.wish(prompt="3 dry drums", quality="draft")
    stage.play(mirror.home, script + GO)
    task = mirror.asked()[-1]
    assert task["objectives"][0]["seconds"] == pytest.approx(2 * 4 * 60 / 90)
    assert (task["prompt"], task["quality"]) == ("3 dry drums", "draft")
    assert task["music"]["bpm"] == 90
    bars = (40_000 / 48_000 + task["music"]["beat_offset"]) / (4 * 60 / 90)
    assert bars == pytest.approx(round(bars), abs=1e-4)


def test_automated_intensity_counts_from_the_clip_s_own_level(mirror: Mirror, stage: Stage) -> None:
    """The levels that `"match": "gain"` of a job folder counts from, and the fader's automation."""
    x = stage.track(200_000)
    x[:, 20_000:60_000] *= 0.1
    x.astype("<f4").tofile(stage.folder / "track")
    stage.play(
        mirror.home,
        "input track\nknob task 4\nknob follow 1\nknob capture 1\nknob intensity -20\n"
        "play 0 48000 0\nknob intensity 12\nplay 48000 48000 0\n" + GO,
    )
    vary, intensity = mirror.asked()[-1]["objectives"]
    assert (vary["kind"], intensity["kind"]) == ("vary", "intensity")
    assert intensity.get("match", "level") == "level"
    at, level = np.array(intensity["points"]).T
    clip = Recording(samples=x[:, :96_000].T.copy(), sample_rate=48_000, sample_type="FLOAT")
    own = np.interp(at, *levels(clip))
    assert at[0] == 0
    assert at[-1] == 2
    np.testing.assert_allclose(level, np.minimum(0, own + np.where(at < 1, -20, 12)), atol=1e-4)


def test_music_of_another_sample_rate_is_not_played(mirror: Mirror, stage: Stage) -> None:
    x = stage.track(50_000)
    script = "input track\nknob task 4\nknob capture 1\nplay 0 50000 0\n"
    stage.play(
        mirror.home,
        script
        + GO
        + "save project\nrate 44100\nrestore project\n"
        + f"await status {OTHER_RATE} 20\nplay 0 50000 0 other\n"
        + f"rate 48000\nrestore project\nawait status {DONE} 20\nplay 0 50000 0 same",
    )
    np.testing.assert_array_equal(stage.heard("other"), x)
    np.testing.assert_array_equal(stage.heard("same"), -x)


def test_knobs_beyond_their_ends_are_at_their_ends(mirror: Mirror, stage: Stage) -> None:
    x = stage.track(20_000)
    stage.play(
        mirror.home,
        "input track\nknob task 99\nknob take -3\nknob mix 7\nknob bars -1\nknob capture 5\n"
        "play 0 20000 0\n" + GO + "play 0 20000 0 out\nknob mix -1\nplay 0 20000 0 dry",
    )
    np.testing.assert_array_equal(stage.heard("out"), -x)
    np.testing.assert_array_equal(stage.heard("dry"), x)


def test_two_instances_go_their_own_ways(mirror: Mirror, stage: Stage) -> None:
    x = stage.track(60_000)
    mirror.wish(prompt="10")
    stage.play(
        mirror.home,
        "input track\nknob task 4\nknob capture 1\nplay 0 20000 0\nknob capture 0\nknob go 1\n"
        "idle 64\nbeside\nknob task 1\nknob bars 1\nknob capture 1\nplay 30000 20000 0\n"
        + GO
        + f"play 0 60000 0 second\nswap\nawait status {DONE} 20\nplay 0 60000 0 first",
    )
    np.testing.assert_array_equal(stage.heard("first"), np.hstack([-x[:, :20_000], x[:, 20_000:]]))
    np.testing.assert_array_equal(
        stage.heard("second"), np.hstack([x[:, :50_000], -x[:, 30_000:40_000]])
    )
