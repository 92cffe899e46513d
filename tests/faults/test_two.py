"""Several processes and one dataset: right results, no deadlock, with locks that work and with locks that lie.

On Lustre, GPFS and some NFS mounts `flock` succeeds for every caller; a small preloaded library plays such a disk.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.faults import bench

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LYING_LOCKS = """
#include <sys/types.h>
int flock(int fd, int operation) { return 0; }
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[bench.World]:
    """Serve plain files, a larger one and a zip."""
    yield from bench.world(tmp_path_factory.mktemp("world"), small=60, large=6 << 20, members=20)


@pytest.fixture(scope="module")
def lying_locks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a library under which every `flock` succeeds."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler: the lying lock cannot be built")
    folder = tmp_path_factory.mktemp("locks")
    (folder / "locks.c").write_text(_LYING_LOCKS, encoding="ascii")
    library = folder / "locks.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, folder / "locks.c"], check=True)
    return library


@pytest.mark.slow
@pytest.mark.parametrize("locks", ["working", "lying"])
@pytest.mark.parametrize("count", [2, 8] if bench.FULL else [2, 4])
def test_processes_that_want_the_same(
    world: bench.World, tmp_path: Path, count: int, locks: str, request: pytest.FixtureRequest
) -> None:
    """Each ends well, and what is held is whole, whoever came first."""
    more = {} if locks == "working" else {"LD_PRELOAD": str(request.getfixturevalue("lying_locks"))}
    for turn in range(10 if bench.FULL else 1):
        home = tmp_path / str(turn)
        world.prepare(home)
        running = [
            subprocess.Popen(
                [sys.executable, "-m", "fetchers", "get", "world"],
                env=world.environment(home, **more),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
            for _ in range(count)
        ]
        said = [process.communicate(timeout=90)[1].decode() for process in running]
        assert [process.returncode for process in running] == [0] * count, said
        assert not any("locked" in words for words in said)
        assert bench.faults(home, world.truth, whole=True) == []
