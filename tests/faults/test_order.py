"""The order in which a file becomes held, as the kernel saw it: its bytes, its name, its folder, its row."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.faults import bench

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(not shutil.which("strace"), reason="strace is not installed")
_SYNC = re.compile(r"f(?:data)?sync\(\d+<([^>]*)>")
_ALL = re.compile(r"syncfs\(")
_CLOSED = re.compile(r"close\(\d+<(/[^>]*)>")
_RENAME = re.compile(r'renameat2\(\w+<([^>]*)>, "([^"]*)", \w+<([^>]*)>, "([^"]*)".*= 0$')


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[bench.World]:
    """Serve plain files, one that lies on the disk while it comes, and a zip."""
    yield from bench.world(tmp_path_factory.mktemp("world"), small=30, large=3 << 20, members=30)


def test_bytes_then_name_then_folder_then_row(world: bench.World, tmp_path: Path) -> None:
    """Each file is synced before its rename, its folder after it, and both before the journal's line.

    By an fsync of its own or, for a crowd, by a syncfs that comes after its last byte: after it was closed.
    """
    home, log = tmp_path / "home", tmp_path / "calls"
    world.prepare(home)
    calls = "trace=fsync,fdatasync,syncfs,renameat2,close"
    tracer = ["strace", "-f", "-y", "-s", "4096", "-qq", "-o", str(log), "-e", calls]
    assert bench.run(world, home, ["get", "world"], tracer) == 0
    synced: set[str] = set()
    written: set[str] = set()
    owing: set[str] = set()
    named = 0
    for line in log.read_text("utf-8", "replace").splitlines():
        if found := _RENAME.search(line):
            # Both names are relative to the descriptors of their folders.
            source, target = f"{found[1]}/{found[2]}", f"{found[3]}/{found[4]}"
            assert source in synced, f"renamed before its bytes were durable: {target}"
            owing.add(target.rpartition("/")[0])
            named += 1
        elif found := _CLOSED.search(line):
            written.add(found[1])
        elif _ALL.search(line):
            synced |= written
        elif found := _SYNC.search(line):
            synced.add(found[1])
            owing.discard(found[1])
            if found[1].endswith("manifest.journal"):
                assert not owing, f"recorded before their folders were durable: {owing}"
    assert named >= len(world.truth)
    assert not owing
