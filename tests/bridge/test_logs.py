"""What is logged: one line of JSON each, in files that do not grow for ever."""

import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest

from bridge.guard import OUR_FOLDER
from bridge.logs import FILE_BYTES, FILES_KEPT, JsonLines, keep_short


def test_a_record_is_a_line_of_json_with_what_was_added() -> None:
    record = logging.makeLogRecord(
        {"msg": "%s ended", "args": ("it",), "levelname": "INFO", "job": "a\nb"}
    )
    record.created, record.msecs = 1.5, 500.0
    line = JsonLines().format(record)
    assert "\n" not in line
    assert json.loads(line) == {
        "time": "1970-01-01T00:00:01.500Z",
        "level": "INFO",
        "event": "it ended",
        "job": "a\nb",
    }


def test_old_lines_go_and_the_newest_stay(tmp_path: Path) -> None:
    script = f"""
import logging
from bridge import logs
logs.FILE_BYTES = 2000
logs.log_to(logs.Path({str(tmp_path)!r}) / "a.log")
for number in range(1000):
    logging.info("line", extra={{"number": number}})
"""
    subprocess.run([sys.executable, "-c", script], cwd=OUR_FOLDER, check=True, timeout=60)
    files = [tmp_path / "a.log", *(tmp_path / f"a.log.{n + 1}" for n in range(FILES_KEPT))]
    assert sorted(tmp_path.iterdir()) == files
    assert all(file.stat().st_size <= 2000 for file in files)
    lines = [line for file in reversed(files) for line in file.read_text().splitlines()]
    numbers = [json.loads(line)["number"] for line in lines]
    assert numbers == list(range(1000))[-len(numbers) :]


@pytest.mark.parametrize(("size", "is_put_away"), [(FILE_BYTES, False), (FILE_BYTES + 1, True)])
def test_what_libraries_print_is_put_away_when_it_is_long(
    tmp_path: Path, size: int, is_put_away: bool
) -> None:
    file = tmp_path / "worker.out"
    with file.open("wb") as opened:
        opened.truncate(size)
    keep_short(file)
    assert (tmp_path / "worker.out.1").exists() == is_put_away
    assert file.exists() != is_put_away
