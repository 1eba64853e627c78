"""What the plugin lives through: no daemon, a killed one, a closed project, a host that ends."""

import shutil
import subprocess
import time
from pathlib import Path

import numpy as np
import soundfile

from .mirror import DONE, MAKING, STOPPED, WAITING, Mirror, Stage

CAPTURE = "input track\nknob task 4\nknob capture 1\nplay 0 50000 0\nknob capture 0\n"
GO = "knob go 1\nidle 64\n"
LONG = "50"
"""Iterations: a second of work."""


def tell(host: "subprocess.Popen[str]", script: str) -> None:
    assert host.stdin is not None
    host.stdin.write(script)
    host.stdin.flush()


def ask(host: "subprocess.Popen[str]", script: str) -> str:
    """Run a script that prints one line, and return it."""
    assert host.stdout is not None
    tell(host, script)
    return host.stdout.readline().strip()


def test_a_daemon_that_comes_late_makes_the_music(mortal_mirror: Mirror, stage: Stage) -> None:
    x = stage.track(50_000)
    with stage.begin(mortal_mirror.home) as host:
        waits = CAPTURE + GO + f"await status {WAITING} 5\nplay 0 50000 0 dry\nlamp status\n"
        assert ask(host, waits) == str(WAITING)
        mortal_mirror.start()
        assert ask(host, f"await status {DONE} 20\nplay 0 50000 0 out\nlamp takes\n") == "1"
        host.communicate(timeout=10)
    np.testing.assert_array_equal(stage.heard("dry"), x)
    np.testing.assert_array_equal(stage.heard("out"), -x)


def test_a_killed_daemon_goes_on_with_the_job(mortal_mirror: Mirror, stage: Stage) -> None:
    x = stage.track(50_000)
    mortal_mirror.wish(prompt=LONG)
    mortal_mirror.start()
    with stage.begin(mortal_mirror.home) as host:
        ask(host, CAPTURE + GO + f"await status {MAKING} 10\nlamp status\n")
        mortal_mirror.kill()
        ask(host, f"await status {WAITING} 10\nlamp status\n")
        mortal_mirror.start()
        ask(host, f"await status {DONE} 30\nplay 0 50000 0 out\nlamp status\n")
        host.communicate(timeout=10)
    np.testing.assert_array_equal(stage.heard("out"), -x)


def test_a_closed_project_finds_its_music_again(mirror: Mirror, stage: Stage) -> None:
    x = stage.track(50_000, seed=1)
    prompt = f"{LONG} {stage.folder.name}"
    mirror.wish(prompt=prompt)
    # The host ends while the job is under way: nothing but the project's file is left of it.
    said = stage.play(mirror.home, CAPTURE + GO + f"await status {MAKING} 10\nsave project\n")
    assert said == []
    script = f"input track\nrestore project\nawait status {DONE} 20\n"
    stage.play(mirror.home, script + "play 0 50000 0 first\nsave project\n")
    stage.play(mirror.home, script + "play 0 50000 0 second\n")
    np.testing.assert_array_equal(stage.heard("first"), -x)
    np.testing.assert_array_equal(stage.heard("second"), -x)
    assert len([task for task in mirror.asked() if task.get("prompt") == prompt]) == 1


def test_a_project_outlives_the_daemon_s_memory(mortal_mirror: Mirror, stage: Stage) -> None:
    x = stage.track(50_000)
    mortal_mirror.wish(takes=2)
    mortal_mirror.start()
    stage.play(mortal_mirror.home, CAPTURE + GO + f"await status {DONE} 20\nsave project\n")
    mortal_mirror.kill()
    shutil.rmtree(mortal_mirror.home / "state")
    restore = f"input track\nrestore project\nawait status {DONE} 5\n"
    script = restore + "play 0 50000 0 first\nknob take 2\nplay 0 50000 0 second\n"
    stage.play(mortal_mirror.home, script)
    np.testing.assert_array_equal(stage.heard("first"), -x)
    np.testing.assert_array_equal(stage.heard("second"), x * np.float32(-1 / 2))
    (file,) = mortal_mirror.home.glob("plugin/*/result.wav")
    samples, rate = soundfile.read(file, dtype="float32")
    assert rate == 48_000
    np.testing.assert_array_equal(samples.T, -x)
    # Whoever changes the file has other plans for it.
    soundfile.write(file, samples[:1000], rate, subtype="PCM_16")
    stage.play(mortal_mirror.home, f"input track\nrestore project\nawait status {WAITING} 5\n")


def test_cancel_keeps_what_was_there_and_finish_keeps_the_best(
    mirror: Mirror, stage: Stage
) -> None:
    x = stage.track(50_000, seed=2)
    mirror.wish(prompt="1000 iterations")
    under_way = f"await status {MAKING} 10\n"
    began = time.monotonic()
    stage.play(
        mirror.home,
        CAPTURE
        + GO
        + under_way
        + f"knob cancel 1\nidle 64\nawait status {STOPPED} 5\nplay 0 50000 0 cancelled\n"
        + GO
        + under_way
        + f"knob finish 1\nidle 64\nawait status {DONE} 5\nplay 0 50000 0 finished\n",
    )
    assert time.monotonic() - began < 15, "a job of twenty seconds was not ended"
    np.testing.assert_array_equal(stage.heard("cancelled"), x)
    np.testing.assert_array_equal(stage.heard("finished"), -x)


def test_an_instance_that_is_removed_waits_for_nothing(mortal_mirror: Mirror, stage: Stage) -> None:
    stage.track(50_000)
    mortal_mirror.wish(prompt="1000 iterations")
    mortal_mirror.start()
    with stage.begin(mortal_mirror.home) as host:
        ask(host, CAPTURE + GO + f"await status {MAKING} 10\nlamp status\n")
        began = time.monotonic()
        ask(host, "renew\nlamp status\n")
        assert time.monotonic() - began < 1
        host.communicate(timeout=10)


def test_nonsense_in_a_project_does_no_harm(mirror: Mirror, lv2_stage: Stage) -> None:
    x = lv2_stage.track(1000)
    for line in ("", "0", "9 9 9 9", "1 -5 44100 " + "x" * 36, "4 0 48000 " + "é" * 18, "\\0 \t"):
        (lv2_stage.folder / "project").write_text(
            f"urn:distrho:heard\t{line}\nurn:distrho:asked\t{line}\nurn:distrho:instance\t{line}\n",
            encoding="utf-8",
        )
        lv2_stage.play(mirror.home, "input track\nrestore project\nidle 4096\nplay 0 1000 0 out\n")
        np.testing.assert_array_equal(lv2_stage.heard("out"), x)


def test_without_a_home_nothing_is_read(stage: Stage, tmp_path: Path) -> None:
    stage.track(1000)
    assert stage.play(tmp_path / "nowhere", "idle 64\nknob go 1\nidle 64\nawait status 1 5\n") == []
