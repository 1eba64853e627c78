"""What a container or a shell allows, and that the device's free memory is never more."""

import subprocess
import sys
from pathlib import Path

import pytest

from engine.memory_limits import MemoryLimit, memory_limits, of_cgroups

GIB = 2**30


@pytest.fixture
def cgroups(tmp_path: Path) -> Path:
    """A group `studio` with 4 GiB, of which 3 are used, 1 of them by files; `ditto` in it."""
    (tmp_path / "studio" / "ditto").mkdir(parents=True)
    for path, limit in (("studio", str(4 * GIB)), ("studio/ditto", "max")):
        (tmp_path / path / "memory.max").write_text(f"{limit}\n")
        (tmp_path / path / "memory.current").write_text(f"{3 * GIB}\n")
        (tmp_path / path / "memory.stat").write_text(f"anon 1\ninactive_file {GIB}\n")
    return tmp_path


@pytest.mark.parametrize("own", ["/studio", "/studio/ditto"])
def test_a_group_is_bound_by_those_that_it_is_in(cgroups: Path, own: str) -> None:
    assert [*of_cgroups(cgroups, f"1:name=systemd:/\n0::{own}\n")] == [
        MemoryLimit(total=4 * GIB, free=2 * GIB)
    ]


@pytest.mark.parametrize("own", ["0::/elsewhere\n", "0::/\n", "4:memory:/studio\n", ""])
def test_where_nothing_is_told_there_is_no_limit(cgroups: Path, own: str) -> None:
    assert [*of_cgroups(cgroups, own)] == []


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the system tells of no limits")
def test_a_shells_limit_is_the_devices() -> None:
    script = (
        "import resource, torch; from engine.device import free_bytes, total_bytes;"
        "resource.setrlimit(resource.RLIMIT_AS, (10 * 2**30, resource.RLIM_INFINITY));"
        "print(total_bytes(torch.device('cpu')), free_bytes(torch.device('cpu')))"
    )
    done = subprocess.check_output([sys.executable, "-c", script], text=True, timeout=120)
    total, free = map(int, done.split())
    assert total <= 10 * GIB
    assert free < total


def test_no_limit_allows_more_than_there_is_of_it() -> None:
    assert all(0 <= limit.free <= limit.total for limit in memory_limits())
