"""The record: what is written is read, summed, refused, migrated and built again."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from fetchers.errors import StoreError
from fetchers.records import Holding
from fetchers.storage.record import journal, schema
from fetchers.storage.record.manifest import Manifest, Waiting, rebuild
from tests.storage.record import DAY, arrival, event, held, on_disk, sizes, terms, wanted

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(name="store")
def _store(tmp_path: Path) -> Path:
    """Two datasets, one of them in parts, under two licences, with everything else that a record holds."""
    store = tmp_path / "cache"
    files = [held(number) for number in range(20)]
    parts = [held(number, dataset="heart", part="1", licence=None) for number in range(5)]
    with Manifest.open(store, write=True) as manifest:
        manifest.want(wanted(number) for number in range(4))
        manifest.record([arrival(0), arrival(1)], files)
        manifest.record([arrival(0, dataset="heart", part="1")], parts)
        manifest.want([wanted(3, message="503")])
        manifest.saw_terms(terms())
        manifest.append([event("applied"), event("granted")])
    on_disk(store, *files, *parts)
    return store


def _everything(store: Path) -> list[object]:
    """All that the record says, bar what is only planned."""
    with Manifest.open(store, write=False) as manifest:
        return [
            list(manifest.files()),
            manifest.arrivals("lungs", None),
            manifest.arrivals("heart", "1"),
            manifest.holdings(),
            manifest.terms(),
            manifest.events(),
        ]


def test_what_is_recorded_is_read(store: Path) -> None:
    """Rows come back as they went in, header and all, in order."""
    with Manifest.open(store, write=False) as manifest:
        assert list(manifest.files("lungs")) == [held(number) for number in range(20)]
        assert list(manifest.files("heart", "1")) == [
            held(number, dataset="heart", part="1", licence=None) for number in range(5)
        ]
        assert not list(manifest.files("heart", None))
        assert len(list(manifest.files())) == 25
        assert manifest.arrivals("lungs", None) == {"0.zip": arrival(0), "1.zip": arrival(1)}
        assert ("1.zip", arrival(1).checksum, arrival(1).sha256) in list(manifest.checksums("lungs", None))
        assert sizes(manifest, "lungs")["series/0003.dcm"] == (4, held(3).mtime_ns)
        assert manifest.file("lungs", None, "series/0003.dcm") == held(3)
        assert manifest.file("lungs", "1", "series/0003.dcm") is None
        assert manifest.all_sizes() == set(range(1, 21))
        assert [one.dataset for one in manifest.by_hash(held(3).sha256)] == ["heart", "lungs"]
        assert len(manifest.by_instance("2.25.3")) == 2
        assert manifest.smallest_instance() == 1
        assert manifest.terms() == [terms()]
        assert not manifest.terms("heart")


def test_what_arrived_is_no_longer_wanted(store: Path) -> None:
    """Recording takes the wanted rows away; a failure keeps its words."""
    with Manifest.open(store, write=False) as manifest:
        assert manifest.wanted() == [wanted(2), wanted(3, message="503")]
        assert manifest.waiting() == [
            Waiting(dataset="lungs", part=None, queued=1, failed=1, bytes=1002 + 1003, message="503")
        ]


def test_a_size_that_nobody_promised_leaves_the_sum_open(store: Path) -> None:
    """A sum of some sizes would be a wrong one."""
    with Manifest.open(store, write=True) as manifest:
        manifest.want([wanted(7)._replace(size=None)])
        assert manifest.waiting()[0].bytes is None
        assert manifest.wanted_paths("lungs", None) == ["2.zip", "3.zip", "7.zip"]


def test_holdings_are_summed_by_licence(store: Path) -> None:
    """Files, bytes and the day, for each dataset, part and licence; recording again counts nothing twice."""
    with Manifest.open(store, write=True) as manifest:
        manifest.record([], [held(0, licence="MIT"), held(1)._replace(size=100)])
        assert manifest.holdings() == [
            Holding(dataset="heart", part="1", files=5, bytes=15, acquired_on=DAY[:10], licence=None),
            Holding(
                dataset="lungs", part=None, files=19, bytes=210 - 1 - 2 + 100, acquired_on=DAY[:10], licence="CC-BY-4.0"
            ),
            Holding(dataset="lungs", part=None, files=1, bytes=1, acquired_on=DAY[:10], licence="MIT"),
        ]
        assert not manifest.faults()


def test_what_is_forgotten_is_gone(store: Path) -> None:
    """Some files, or a whole part; its neighbours stay."""
    with Manifest.open(store, write=True) as manifest:
        manifest.forget("lungs", None, ["series/0003.dcm"])
        assert manifest.file("lungs", None, "series/0003.dcm") is None
        assert len(sizes(manifest, "lungs")) == 19
        manifest.forget("lungs", None)
        assert not sizes(manifest, "lungs")
        assert not manifest.arrivals("lungs", None)
        assert not manifest.wanted()
        assert [(row.dataset, row.files) for row in manifest.holdings()] == [("heart", 5)]
        assert not manifest.faults()


def test_a_page_of_files_is_not_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Streaming over several pages gives each file once, and lets a writer in between."""
    monkeypatch.setattr("fetchers.storage.record.manifest.PAGE", 7)
    with Manifest.open(tmp_path / "cache", write=True) as manifest:
        manifest.record([], [held(number) for number in range(20)])
        stream = manifest.files()
        found = [next(stream)]
        with Manifest.open(tmp_path / "cache", write=True) as other:
            other.record([], [held(99)])
        found += stream
    assert [one.path for one in found] == [held(number).path for number in (*range(20), 99)]


def test_reading_what_is_not_there_makes_nothing(tmp_path: Path) -> None:
    """A fresh workspace reads as empty, and stays as it is."""
    with Manifest.open(tmp_path / "cache", write=False) as manifest:
        assert not manifest.holdings()
        assert not manifest.faults()
        assert not manifest.chain_faults()
    assert not list(tmp_path.iterdir())


def test_only_its_owner_reads_the_record(store: Path) -> None:
    """It holds the names of people who applied."""
    assert {path.stat().st_mode & 0o777 for path in store.glob("manifest.*")} == {0o600}


def test_a_block_that_fails_writes_nothing(store: Path) -> None:
    """All of a transaction or nothing, in the rows and in the journal."""
    before, size = _everything(store), journal.size(store / journal.NAME)
    bad = held(500)._replace(sha256=None)  # type: ignore[arg-type]
    with Manifest.open(store, write=True) as manifest, pytest.raises(StoreError, match="NOT NULL"):
        manifest.record([arrival(9)], [held(400), bad])
    assert _everything(store) == before
    assert journal.size(store / journal.NAME) == size


def test_a_newer_record_is_refused(store: Path) -> None:
    """Both to the writer and to the reader: this program does not know what it would spoil."""
    with closing(sqlite3.connect(store / "manifest.sqlite")) as connection:
        connection.execute(f"PRAGMA user_version = {len(schema.MIGRATIONS) + 1}")
    for write in (True, False):
        with pytest.raises(StoreError, match="a newer one made it") as caught:
            Manifest.open(store, write=write)
        assert "upgrade" in str(caught.value.hint)


def test_an_older_record_is_brought_up_to_date(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The migrations that are missing are run, once, in one transaction; the rows stay."""
    before = _everything(store)
    later = (*schema.MIGRATIONS, "CREATE TABLE extra (one TEXT);\nINSERT INTO extra VALUES ('semi;colon');\n")
    monkeypatch.setattr(schema, "MIGRATIONS", later)
    for _ in range(2):
        with Manifest.open(store, write=True):
            pass
    assert _everything(store) == before
    with closing(sqlite3.connect(store / "manifest.sqlite")) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (len(later),)
        assert connection.execute("SELECT * FROM extra").fetchall() == [("semi;colon",)]


def test_a_migration_that_breaks_off_changes_nothing(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The old record is whole, and the next try begins anew."""
    before = _everything(store)
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, "CREATE TABLE extra (one TEXT);\nNONSENSE;\n"))
        with pytest.raises(StoreError, match="NONSENSE"):
            Manifest.open(store, write=True)
    assert _everything(store) == before


def test_a_person_reads_the_views_with_the_shell(store: Path) -> None:
    """Without this program: what is held, and where each file came from."""
    with closing(sqlite3.connect(f"file:{store}/manifest.sqlite?mode=ro", uri=True)) as connection:
        assert connection.execute("SELECT dataset, part, files FROM holdings ORDER BY 1").fetchall() == [
            ("heart", "1", 5),
            ("lungs", None, 20),
        ]
        rows = connection.execute("SELECT path, url FROM provenance WHERE dataset = 'lungs' ORDER BY path").fetchall()
        assert rows[0] == ("series/0000.dcm", "https://data.example.org/0.zip")
        assert len(rows) == 20


def test_a_folder_that_may_only_be_read_is_read(store: Path) -> None:
    """Another user's record, or one on a read-only mount, as somebody who is not root."""
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody else")
    store.chmod(0o555)
    for path in store.glob("manifest.*"):
        path.chmod(0o444)
    folder = store
    while folder != folder.parent:
        folder.chmod(folder.stat().st_mode | 0o055)
        folder = folder.parent
    program = (
        "import os, pathlib, sys; from fetchers.storage.record.manifest import Manifest;"
        " os.setuid(65534); manifest = Manifest.open(pathlib.Path(sys.argv[1]), write=False);"
        " print(sum(1 for _ in manifest.sizes('lungs', None)), manifest.said, manifest.faults())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(store)], capture_output=True, text=True, check=False, timeout=30
    )
    assert done.stdout == "20 [] []\n", done.stderr


def test_a_record_that_cannot_be_made_is_the_disks_fault(tmp_path: Path) -> None:
    """The folder is named; the status is 7, not an unforeseen one."""
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "manifest.sqlite").symlink_to(tmp_path / "nowhere" / "else")
    with pytest.raises(StoreError, match="cache"):
        Manifest.open(tmp_path / "cache", write=True)


def test_a_rebuilt_record_says_the_same(store: Path) -> None:
    """The journal alone is enough, for all but what was only planned."""
    before = _everything(store)
    assert rebuild(store) == 25
    assert _everything(store) == before
    with Manifest.open(store, write=False) as manifest:
        assert not manifest.faults()
    assert len(list(store.glob("manifest.sqlite.broken-*"))) == 1
