"""Two writers and a reader on one record, for as long as there is time: no lost row, no lock in anybody's face."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from fetchers.storage.record.manifest import Manifest
from tests.faults import bench

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = 120 if bench.FULL else 3
_WRITER = """
import itertools, pathlib, sys, time
from dataclasses import replace
from fetchers.storage.record.manifest import Manifest
from tests.storage.record import arrival, event, held, wanted
store, name, until = pathlib.Path(sys.argv[1]), sys.argv[2], time.monotonic() + float(sys.argv[3])
with Manifest.open(store, write=True) as manifest:
    for number in itertools.count():
        manifest.want([wanted(number, dataset=name)])
        manifest.record([arrival(number, dataset=name)], [held(number, dataset=name)])
        if number % 10 == 0:
            manifest.append([event("done", dataset=name, number=number)])
        if time.monotonic() > until:
            break
print(number + 1)
"""


@pytest.mark.slow
def test_two_writers_and_a_reader(tmp_path: Path) -> None:
    """What each writer was told is recorded is there; a reader sees the counts only grow."""
    store = tmp_path / "cache"
    names = ("one", "two")
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(store), name, str(SECONDS)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in names
    ]
    seen = dict.fromkeys(names, 0)
    looks = 0
    while any(writer.poll() is None for writer in writers):
        with Manifest.open(store, write=False) as manifest:
            for row in manifest.holdings():
                assert row.files >= seen[row.dataset], "a row that was seen is gone"
                seen[row.dataset] = row.files
        looks += 1
        time.sleep(0.01)
    said = [writer.communicate() for writer in writers]
    assert [words for _, words in said] == ["", ""]
    told = [int(count) for count, _ in said]
    assert max(told) > 10  # on a busy machine one may wait while the other writes
    assert looks > 10
    with Manifest.open(store, write=True) as manifest:
        assert [row.files for row in manifest.holdings()] == told
        assert len(manifest.events()) == sum((count + 9) // 10 for count in told)
        assert not manifest.wanted()
        assert not manifest.faults()
        assert not manifest.chain_faults()
