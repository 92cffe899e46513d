"""A text comes onto the disk whole or not at all; what is no file's place is written to, and never replaced."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from fetchers.errors import StoreError
from fetchers.storage.publish.atomic_text import write_text

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("there", [True, False], ids=["held", "dangling"])
def test_a_link_is_refused_and_stays_and_so_does_its_target(tmp_path: Path, *, there: bool) -> None:
    """Somebody may have put it there so that something of the person's is written over."""
    target, link = tmp_path / "kept" / "page.html", tmp_path / "page.html"
    target.parent.mkdir()
    if there:
        target.write_text("old", encoding="utf-8")
    link.symlink_to(target)
    with pytest.raises(StoreError, match="is a symbolic link"):
        write_text(link, "new")
    assert (link.is_symlink(), target.exists() and target.read_text(encoding="utf-8")) == (True, there and "old")


@pytest.mark.parametrize("mask", [0o002, 0o022, 0o077])
def test_the_mode_is_what_the_umask_leaves(tmp_path: Path, mask: int) -> None:
    """The file is the person's, and so is the umask."""
    before = os.umask(mask)
    try:
        write_text(tmp_path / "page.html", "new")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "page.html").stat().st_mode) == 0o666 & ~mask


def test_a_link_that_leads_in_a_circle_is_left_alone(tmp_path: Path) -> None:
    """It leads to no place; the disk says so."""
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(StoreError):
        write_text(tmp_path / "a", "new")
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_symlink()) == ["a", "b"]


def test_a_fifo_is_written_through(tmp_path: Path) -> None:
    """Whoever reads at its other end gets the text, and it is a FIFO still."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    read: list[str] = []
    reader = Thread(target=lambda: read.append(fifo.read_text(encoding="utf-8")), daemon=True)
    reader.start()
    write_text(fifo, "new")
    reader.join(30)
    assert (read, stat.S_ISFIFO(fifo.stat().st_mode)) == (["new"], True)


@pytest.mark.parametrize("piped", [True, False], ids=["pipe", "file"])
def test_standard_output_is_written_through(tmp_path: Path, *, piped: bool) -> None:
    """It is what the shell made it, and what is printed afterwards follows the text.

    By a link of our own, as `/dev/stdout` is one: what goes wrong here must not cost the machine its device.
    """
    (tmp_path / "stdout").symlink_to("/proc/self/fd/1")
    program = (
        "import sys\nfrom pathlib import Path\nfrom fetchers.storage.publish.atomic_text import write_text\n"
        "write_text(Path(sys.argv[1]), 'new\\n')\nprint('said')"
    )
    file = tmp_path / "out"
    with file.open("wb") as out:
        done = subprocess.run(
            [sys.executable, "-c", program, str(tmp_path / "stdout")],
            stdout=subprocess.PIPE if piped else out,
            check=True,
        )
    assert (done.stdout if piped else file.read_bytes()) == b"new\nsaid\n"
