"""Where nobody watches, a long command says in lines how far it is."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING

import pytest

from fetchers.context import Progress
from fetchers.errors import StoreError
from fetchers.progress import LogLines, log_file

if TYPE_CHECKING:
    from pathlib import Path

MIB = 1 << 20


class _Clock:
    """Stands still until it is told to go on."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_line_says_files_bytes_rate_and_rest() -> None:
    """Each 30 seconds one line, however often something moves."""
    clock, stream = _Clock(), StringIO()
    log = LogLines(Progress(), stream, 30, clock)
    log.begin("lungs", files=40, total=100 * MIB)
    for _ in range(4):
        clock.now += 10
        log.advance(10 * MIB, files=4)
    assert stream.getvalue() == "lungs: 12 of 40 files, 30.0 MiB of 100.0 MiB, 1.0 MiB/s, 0:01:10 left\n"


def test_what_is_not_known_is_not_said() -> None:
    """Without a total there is no rest; where no bytes move, files are counted."""
    clock, stream = _Clock(), StringIO()
    log = LogLines(Progress(), stream, 1, clock)
    log.begin("a scan")
    clock.now += 2
    log.advance(files=7)
    log.begin("comparing", files=10)
    clock.now += 2
    log.advance(files=5)
    assert stream.getvalue() == "a scan: 7 files\ncomparing: 5 of 10 files, 0:00:02 left\n"


def test_a_log_is_appended_to(tmp_path: Path) -> None:
    """The next run goes on behind the last one; a link in the file's place is not followed."""
    path = tmp_path / "log"
    for text in ("one\n", "two\n"):
        with log_file(path) as file:
            file.write(text)
    assert path.read_text() == "one\ntwo\n"
    (tmp_path / "link").symlink_to(path)
    with pytest.raises(StoreError, match="symbolic link"):
        log_file(tmp_path / "link")
