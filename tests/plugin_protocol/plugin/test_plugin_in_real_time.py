"""What the plugin costs its host: nothing that waits in run(), and nothing left when it is gone."""

import subprocess
from pathlib import Path

import pytest
from hosts import host_program

from .mirror import DONE, HERE, SOURCE, Mirror, Stage


def test_run_neither_allocates_nor_locks_nor_calls_the_system(mirror: Mirror, stage: Stage) -> None:
    """100 000 blocks with jumps and knobs at random, before, while and after music comes."""
    mirror.wish(takes=3)
    stage.track(100_000)
    said = stage.play(
        mirror.home,
        "input track\nstorm 20000 1\nknob lv2_enabled 1\nknob capture 0\nidle 64\n"
        "knob task 4\nknob capture 1\nplay 0 90000 0\nknob capture 0\nknob go 1\nstorm 30000 2\n"
        f"knob lv2_enabled 1\nawait status {DONE} 20\nlamp takes\nstorm 50000 3\n",
    )
    first, second, takes, third = (said[:4], said[4:8], said[8], said[9:])
    assert takes == "3"
    for allocations, locks, system_calls, share in (first, second, third):
        assert (allocations, locks, system_calls) == ("0", "0", "0")
        print(f"run() takes {float(share):.3f} % of real time at 48 kHz")


def test_the_counters_see_what_they_count(stage_programs: dict[str, Path], tmp_path: Path) -> None:
    """A plugin that does what it must not is caught: the counts of others mean something."""
    source = tmp_path / "bad.cpp"
    source.write_text(
        """
        #include <lv2/core/lv2.h>
        #include <mutex>
        #include <unistd.h>
        static std::mutex mutex;
        static int* volatile kept;
        static LV2_Handle make(const LV2_Descriptor*, double, const char*,
                               const LV2_Feature* const*) { return const_cast<int**>(&kept); }
        static void connect(LV2_Handle, uint32_t, void*) {}
        static void nothing(LV2_Handle) {}
        static void run(LV2_Handle, uint32_t) {
            kept = new int(1); delete kept; mutex.lock(); mutex.unlock(); (void)!write(-1, "", 0);
        }
        static const LV2_Descriptor bad = {"urn:bad", make, connect, nothing, run, nothing, nothing,
                                           nullptr};
        extern "C" const LV2_Descriptor* lv2_descriptor(uint32_t) { return &bad; }
        """
    )
    library = tmp_path / "bad.so"
    compiler = host_program("g++")
    subprocess.run([compiler, "-shared", "-fPIC", "-pthread", source, "-o", library], check=True)
    stage = Stage(stage_programs["lv2"], library, tmp_path)
    stage.track(1000)
    said = stage.play(tmp_path, "input track\nstorm 100 1\n")
    assert said[:3] == ["200", "100", "100"]


def test_a_hundred_instances_leave_nothing_behind(mirror: Mirror, stage: Stage) -> None:
    """Threads, open files and memory; with a clip in each, and music in every fifth."""
    stage.track(20_000)
    clip = "renew\nknob task 4\nknob capture 1\nplay 0 20000 0\nknob capture 0\nplay 0 4096 0\n"
    music = "knob go 1\nidle 64\nawait takes 1 10\nplay 0 4096 0\n"
    five = clip * 4 + clip + music
    said = stage.play(
        mirror.home, "input track\n" + five + "renew\nweigh\n" + five * 20 + "renew\nweigh\n"
    )
    threads, files, kilobytes = map(int, said[:3])
    assert list(map(int, said[3:5])) == [threads, files]
    assert int(said[5]) - kilobytes < 1500


@pytest.mark.parametrize("what", ["thread", "address,undefined"])
def test_tape_player_and_handover_under_a_sanitizer(what: str, tmp_path: Path) -> None:
    """One thread runs as an audio thread, another copies the tape and changes the music."""
    program = tmp_path / "threads"
    sources = [HERE / "threads.cpp", SOURCE / "capture.cpp", SOURCE / "player.cpp"]
    flags = ["-std=c++17", "-O1", "-g", f"-fsanitize={what}", "-pthread", "-I", SOURCE]
    subprocess.run([host_program("g++"), *sources, *flags, "-o", program], check=True, timeout=200)
    ran = subprocess.run([program], capture_output=True, text=True, timeout=100)
    assert (ran.returncode, ran.stderr) == (0, "")
