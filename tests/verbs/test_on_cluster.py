"""With --on the workers of a real Dask cluster do the same work, with the same result."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from fetchers.checks.dicom.samples import CT, scanner_file
from fetchers.errors import CatalogueError, TransferError
from fetchers.verbs import adopt, audit, overlap, verify
from tests.dask_cluster import cluster
from tests.faultd import Faultd
from tests.verbs.contexts import context
from tests.verbs.holdings import hold

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fetchers.context import Context
    from tests.dask_cluster import Cluster

CATALOGUE = """
[datasets.lungs]
title = "Lungs"
access = "open"
source = "listed"
container = "dicom"
modalities = ["CT"]
licence = "CC-BY-4.0"
"""
PICTURES = """
[datasets.one]
title = "One"
access = "open"
container = "png"
[datasets.two]
title = "Two"
access = "open"
container = "png"
"""
FILES = {f"{number:04}.dcm": scanner_file(CT) for number in range(1200)}


@pytest.fixture(scope="module")
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Run a scheduler and two workers."""
    with cluster(tmp_path_factory.mktemp("dask"), 2) as made:
        yield made


@pytest.fixture
def here(tmp_path: Path) -> Context:
    """Hold a dataset of three spans, with one changed file, one that is gone and one that nobody knows."""
    made = context(tmp_path / "home", catalogue=CATALOGUE)._replace(timeout=20.0)
    root = hold(made, "lungs", FILES)
    (root / "0003.dcm").write_bytes(b"x" * len(FILES["0003.dcm"]))
    (root / "0700.dcm").unlink()
    (root / "stranger.dcm").write_bytes(b"?")
    return made


def test_the_same_is_found(here: Context, dask: Cluster) -> None:
    """Counts, findings, their order and the exit status are those of this machine alone."""
    alone = verify.run(here, ["lungs"])
    assert alone.exit == 4
    assert verify.run(here, ["lungs"], on=dask.address) == alone
    assert not [path for path in (here.store / ".partial").iterdir() if "probe" in path.name]


def test_a_killed_worker_costs_a_second_try(here: Context, tmp_path: Path) -> None:
    """One of two workers is killed in the middle: the result is whole."""
    alone = verify.run(here, ["lungs"])
    folder = tmp_path / "dask"
    folder.mkdir()
    with cluster(folder, 2) as made:
        program = f"import os, time; time.sleep(1.5); os.kill({made.workers[0].pid}, 9)"
        with subprocess.Popen([sys.executable, "-P", "-c", program]):
            assert verify.run(here, ["lungs"], on=made.address) == alone


def test_no_worker(here: Context, tmp_path: Path) -> None:
    """A scheduler without workers is left after --timeout: 5, with what to start."""
    with cluster(tmp_path, 0) as made, pytest.raises(TransferError, match="no worker") as caught:
        verify.run(here._replace(timeout=1.0), ["lungs"], on=made.address)
    assert "dask worker" in (caught.value.hint or "")


def test_no_scheduler(here: Context) -> None:
    """Nobody answers: 5."""
    with pytest.raises(TransferError, match="no scheduler answers"):
        verify.run(here._replace(timeout=1.0), ["lungs"], on="tcp://127.0.0.1:9")


def test_what_listens_is_no_scheduler(here: Context) -> None:
    """A web server says nothing that Dask knows: the command ends after the timeout, it does not wait for ever."""
    with Faultd() as other:
        address = other.url("/").replace("http:", "tcp:").rstrip("/")
        with pytest.raises(TransferError, match="no scheduler answers"):
            verify.run(here._replace(timeout=2.0), ["lungs"], on=address)


def test_a_scheduler_that_dies(here: Context, tmp_path: Path) -> None:
    """The scheduler is killed in the middle: 5, in a sentence."""
    with cluster(tmp_path, 1) as made:
        os.kill(made.workers[0].pid, signal.SIGSTOP)
        program = f"import os, time; time.sleep(4); os.kill({made._scheduler.pid}, 9)"
        with subprocess.Popen([sys.executable, "-P", "-c", program]), pytest.raises(TransferError):
            verify.run(here._replace(timeout=3.0), ["lungs"], on=made.address)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1", "http://127.0.0.1:80", "dask:0", "dask:x", "x"])
def test_no_address(here: Context, address: str) -> None:
    """What cannot be an address is refused with one that can."""
    with pytest.raises(CatalogueError, match="expected"):
        verify.run(here, ["lungs"], on=address)


def test_offline_goes_nowhere(here: Context) -> None:
    """Another machine with --offline: 2, before anything is asked; this one is allowed."""
    with pytest.raises(CatalogueError, match="another machine"):
        verify.run(here._replace(offline=True), ["lungs"], on="tcp://192.0.2.1:8786")


def test_workers_here_for_one_command(here: Context) -> None:
    """dask:2 starts two workers and ends them."""
    found = verify.run(here, ["lungs"], on="dask:2")
    assert (found.exit, found.checked_files) == (4, len(FILES))


def test_a_scan_finds_the_same(here: Context, dask: Cluster, tmp_path: Path) -> None:
    """Copies in many folders, by their bytes and by their UID; the same findings, the same number of files."""
    for number in range(60):
        folder = tmp_path / "elsewhere" / f"{number // 10}" / f"{number}"
        folder.mkdir(parents=True)
        (folder / "note.txt").write_text("nothing of ours")
        (folder / "copy").write_bytes(FILES["0000.dcm"] + (b"changed" if number % 7 == 0 else b""))
    where = [tmp_path / "elsewhere"]
    alone = audit.run(here, ["lungs"], scan=where)
    spread = audit.run(here, ["lungs"], scan=where, on=dask.address)
    assert alone.scanned_files == 120
    assert {one.rule for one in alone.findings} >= {"copy-elsewhere", "copy-modified"}
    assert sorted(map(str, spread.findings)) == sorted(map(str, alone.findings))
    assert (spread.scanned_files, spread.exit) == (alone.scanned_files, alone.exit)


def test_pixels_are_compared_alike(tmp_path: Path, dask: Cluster) -> None:
    """Two sets that share pictures, and not one byte of a file: the workers decode what one machine would."""
    pairs = []
    for home, on in (("alone", None), ("spread", dask.address)):
        made = context(tmp_path / home, catalogue=PICTURES)._replace(timeout=20.0)
        for name, shades, packing in (("one", range(30), 1), ("two", range(20, 40), 9)):
            folder = tmp_path / home / f"{name}-brought"
            folder.mkdir()
            for shade in shades:
                Image.linear_gradient("L").point(lambda grey, shade=shade: grey ^ shade).save(
                    folder / f"{shade}.png", compress_level=packing
                )
            assert adopt.run(made, name, [folder]).exit == 0
        (pair,) = overlap.run(made, on=on).pairs
        pairs.append((pair.files, pair.pixels))
    assert pairs == [(0, 10), (0, 10)]
