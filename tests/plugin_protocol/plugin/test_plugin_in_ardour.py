"""The plugin in Ardour itself, without its window: captured, made new, exported, opened again."""

import os
import re
import subprocess
from pathlib import Path

import numpy as np
import soundfile
from hosts import host_program

from .mirror import HERE, Mirror, Track

EXPORTS = Path("/usr/share/ardour7/export")
FLOAT_WAV = "5e1f0a52-9d1c-4c55-8b70-2d1770000001"


def allow_float_exports(home: Path) -> None:
    """Give Ardour a preset that keeps every bit; it has the format, but no preset for it."""
    form = re.search(
        r'Specification.* id="(.*?)"', (EXPORTS / "BWAV 32float Export.format").read_text()
    )
    assert form is not None
    preset = (EXPORTS / "CD only.preset").read_text()
    preset = re.sub(r'(<ExportPreset id=").*?"', rf'\g<1>{FLOAT_WAV}"', preset)
    preset = re.sub(r'(<ExportFormat id=").*?"', rf'\g<1>{form[1]}"', preset)
    folder = home / ".config" / "ardour7" / "export"
    folder.mkdir(parents=True)
    (folder / "float.preset").write_text(preset)


def test_what_it_heard_is_exported_anew_and_again(
    plugins: Path, mortal_mirror: Mirror, tmp_path: Path
) -> None:
    lua = host_program("ardour7-lua")
    mortal_mirror.start()
    allow_float_exports(tmp_path)
    (tmp_path / ".lv2").mkdir()
    (tmp_path / ".lv2" / "ditto.lv2").symlink_to(plugins / "ditto.lv2")
    environment = {
        **os.environ,
        "HOME": str(tmp_path),
        "LV2_PATH": str(tmp_path / ".lv2"),
        "DITTO_HOME": str(mortal_mirror.home),
    }
    environment.pop("XDG_CONFIG_HOME", None)

    def play(part: str, patience: int) -> None:
        ran = subprocess.run(
            [lua, HERE / "ardour.lua"],
            cwd=tmp_path,
            env={**environment, "PART": part, "PATIENCE": str(patience)},
            capture_output=True,
            text=True,
            timeout=200,
        )
        assert "Error" not in ran.stdout + ran.stderr, ran.stdout + ran.stderr

    def exported(name: str) -> Track:
        samples, rate = soundfile.read(tmp_path / f"{name}.wav", dtype="float32")
        assert rate == 48_000
        return samples.T

    play("make", 2)
    dry, wet = exported("dry"), exported("wet")
    assert np.abs(dry).max() > 0.05
    np.testing.assert_array_equal(wet[:, : dry.shape[1]], -dry)
    # Behind what was captured the track is heard, whose noise never repeats.
    assert np.abs(wet[:, -10_000:]).max() > 0.05

    mortal_mirror.kill()
    # The second time on a busy machine only.
    for patience in (1, 30):
        play("again", patience)
        if np.array_equal(exported("again"), -dry):
            break
    np.testing.assert_array_equal(exported("again"), -dry)
