"""Database, sums and journal: what a hand or a flipped bit changes in one of them is said."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from fetchers.storage.record import journal
from fetchers.storage.record.manifest import Manifest
from tests.storage.record import arrival, event, held, on_disk, terms

if TYPE_CHECKING:
    from pathlib import Path

_ADDED = (
    "INSERT INTO arrivals (dataset, part, path, url, size, sha256, files, arrived_at)"
    " VALUES ('lungs', '', '9.zip', '', 1, '', 1, '')"
)


@pytest.fixture(name="store")
def _store(tmp_path: Path) -> Path:
    store = tmp_path / "cache"
    files = [held(number) for number in range(20)]
    on_disk(store, *files)
    with Manifest.open(store, write=True) as manifest:
        manifest.record([arrival(0), arrival(1)], files)
        manifest.record([], [held(3, licence="MIT")])
        manifest.forget("lungs", None, [held(4).path])
        manifest.record([arrival(0, dataset="heart", part="1")], [held(1, dataset="heart", part="1")])
        manifest.forget("heart", "1")
        manifest.saw_terms(terms())
        manifest.append([event("applied")])
    return store


def _faults(store: Path) -> list[str]:
    with Manifest.open(store, write=False) as manifest:
        return manifest.faults()


def test_a_sound_record_has_no_fault(store: Path) -> None:
    """Also after files were recorded twice, and forgotten."""
    assert not _faults(store)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE files SET size = 99 WHERE path = 'series/0003.dcm'", "lungs/series/0003.dcm is not as it was written"),
        ("UPDATE files SET sha256 = 'f' WHERE path = 'series/0003.dcm'", "0003.dcm is not as"),
        ("UPDATE files SET licence = 'CC0-1.0' WHERE path = 'series/0003.dcm'", "0003.dcm is not as"),
        ("UPDATE files SET modality = 'MR' WHERE path = 'series/0003.dcm'", "0003.dcm is not as"),
        ("UPDATE files SET origin = CAST(origin AS BLOB) WHERE path = 'series/0003.dcm'", "0003.dcm is not as"),
        ("UPDATE files SET origin = 'adopted'", "files: 14 more rows are not as they were written"),
        ("DELETE FROM files WHERE path = 'series/0003.dcm'", "files: 1 rows are missing"),
        (_ADDED, "lungs/9.zip is not as it was written"),
        ("UPDATE arrivals SET checksum = NULL WHERE path = '1.zip'", "arrivals: lungs/1.zip is not as it was written"),
        ("DELETE FROM arrivals WHERE path = '1.zip'", "arrivals: 1 rows are missing"),
        ("UPDATE terms SET licence = 'MIT'", "terms: 1 rows are not as they were written"),
        ("UPDATE sums SET files = files + 1", "the sums say of lungs under CC-BY-4.0: 19 files"),
        ("UPDATE sums SET dataset = 'lunge'", "the sums say of lunge"),
        ("UPDATE sums SET acquired_at = '2036-11-25T08:00:00Z'", "was acquired at 2036"),
        ("UPDATE sums SET acquired_at = '2016-11-25T08:00:00Z'", "was acquired at 2016"),
        ("DROP TRIGGER files_in", "trigger files_in is not as this program makes it"),
        ("DROP INDEX files_by_hash", "index files_by_hash is not as this program makes it"),
        ("PRAGMA application_id = 7", "does not say that it is ours"),
    ],
)  # fmt: skip
def test_what_was_changed_in_the_database_is_said(store: Path, statement: str, said: str) -> None:
    """Each value, each row, each trigger; SQLite's own check sees none of these."""
    with closing(sqlite3.connect(store / "manifest.sqlite")) as connection, connection:
        connection.execute(statement)
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert any(said in fault for fault in _faults(store)), _faults(store)


def test_what_was_changed_in_the_journal_is_said(store: Path) -> None:
    """A damaged line, and a whole line of somebody else's."""
    path = store / journal.NAME
    body = path.read_bytes()
    path.write_bytes(body.replace(b"CC-BY", b"CC-BX", 1))
    assert any("manifest.journal is damaged" in fault for fault in _faults(store))
    *lines, last = body.splitlines(keepends=True)
    path.write_bytes(b"".join((*lines, journal.line("forget", ["lungs", ""]), last)))
    assert any("files: " in fault for fault in _faults(store))


def test_it_is_said_how_many(store: Path) -> None:
    """A few are named, the others counted: a broken page must not fill the screen."""
    with closing(sqlite3.connect(store / "manifest.sqlite")) as connection, connection:
        connection.execute("UPDATE files SET kind = 'png'")
    assert len(_faults(store)) == 6
