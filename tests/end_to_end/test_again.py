"""A manifest makes the same music once more, from nothing but its file."""

from pathlib import Path

from .conftest import Ditto, finished


def test_a_manifest_makes_both_takes_again_bit_by_bit(
    ditto: Ditto, two_takes: tuple[Path, Path], tmp_path: Path
) -> None:
    ditto.forget_results()
    manifest = two_takes[0].with_suffix(".ditto.json")
    finished(ditto.start("run", manifest, "-o", tmp_path / "again.wav", "--json"))
    again = (tmp_path / "again.wav", tmp_path / "again-2.wav")
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in two_takes]
