"""The table of files is complete, streamed, and the same in each format."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest
from pyarrow import parquet

from fetchers.errors import CatalogueError, NothingMatched, StoreError
from fetchers.records import FileRow
from fetchers.storage.record.manifest import Manifest
from fetchers.verbs import files
from tests.commands import fetch
from tests.storage import record
from tests.verbs.contexts import context

if TYPE_CHECKING:
    from pathlib import Path

    from fetchers.context import Context

CATALOGUE = '[datasets.lungs]\ntitle = "Lungs"\naccess = "open"\nsource = "byhand"\n'


@pytest.fixture
def place(tmp_path: Path) -> Context:
    """Make a workspace with the rows of twelve files, in a dataset and in a part of another one."""
    here = context(tmp_path / "home", catalogue=CATALOGUE)
    with Manifest.open(here.store, write=True) as manifest:
        held = [record.held(number) for number in range(10)]
        other = [record.held(number, dataset="tcia", part="X") for number in (1, 2)]
        header = held[0].header
        assert header is not None
        spaced = header._replace(row_spacing=0.7, column_spacing=0.5, thickness=2.5)
        held[0] = held[0]._replace(header=spaced, patient="ab" * 16)
        manifest.record([record.arrival(0)], [*held, *other])
    return here


def test_a_row_says_all_that_training_asks(place: Context) -> None:
    """Where it lies, what it is, whose it is, where it came from."""
    first, *_ = files.run(place, ["lungs"])
    assert first.absolute == str(place.store / "lungs" / first.path)
    assert (first.rows, first.frames, first.modality, first.kind) == (8, 1, "CT", "dicom")
    assert (first.patient, first.row_spacing, first.thickness) == ("ab" * 16, 0.7, 2.5)
    assert (first.url, first.came_in) == ("https://data.example.org/0.zip", "0.zip")
    assert first.came_in_sha256 == record.arrival(0).sha256


def test_each_form_says_the_same(place: Context, tmp_path: Path) -> None:
    """CSV, JSON lines, Parquet, pandas, polars: the same rows in the same order."""
    table = files.run(place)
    plain = [row._asdict() for row in table]
    assert [row["path"] for row in plain if row["part"] == "X"] == ["series/0001.dcm", "series/0002.dcm"]
    assert len(plain) == len(table) == 12
    assert table.write(tmp_path / "t.jsonl", "jsonl").files == 12
    assert [json.loads(line) for line in (tmp_path / "t.jsonl").read_text().splitlines()] == plain
    table.write(tmp_path / "t.csv", "csv")
    read = list(csv.DictReader(io.StringIO((tmp_path / "t.csv").read_text())))
    assert [row["sha256"] for row in read] == [row["sha256"] for row in plain]
    table.write(tmp_path / "t.parquet", "parquet")
    assert parquet.read_table(tmp_path / "t.parquet").to_pylist() == plain
    assert list(table.to_pandas().columns) == list(FileRow._fields)
    assert table.to_polars().height == 12
    assert table.to_dict() == {"files": plain, "exit": 0}


def test_a_formula_stays_a_text(place: Context, tmp_path: Path) -> None:
    """A file called `=cmd` runs nothing in a spreadsheet."""
    with Manifest.open(place.store, write=True) as manifest:
        manifest.record([], [record.held(11)._replace(path="=cmd|' /C calc'!A0")])
    files.run(place, ["lungs"]).write(tmp_path / "t.csv", "csv")
    assert "'=cmd" in (tmp_path / "t.csv").read_text()


def test_what_is_in_the_way_stays(place: Context, tmp_path: Path) -> None:
    """A link is refused, the store is not written into, nothing half-written is left."""
    target = tmp_path / "target"
    target.write_text("mine")
    (tmp_path / "link.csv").symlink_to(target)
    with pytest.raises(StoreError):
        files.run(place).write(tmp_path / "link.csv", "csv")
    assert target.read_text() == "mine"
    with pytest.raises(CatalogueError):
        files.run(place).write(place.store / "lungs" / "t.csv", "csv")
    with pytest.raises(StoreError):
        files.run(place).write(tmp_path / "target" / "t.csv", "csv")
    assert not list(tmp_path.glob(".*.tmp"))


def test_nothing_held_is_told(tmp_path: Path) -> None:
    """No table of nothing."""
    with pytest.raises(NothingMatched):
        files.run(context(tmp_path / "home"))


def test_the_command_writes_each_format(place: Context, tmp_path: Path) -> None:
    """CSV on stdout by default; a flag takes a file or none; --json is one document."""
    home = place.workspace.home
    assert fetch(home, "files", "lungs").out.splitlines()[0].startswith("dataset,part,path,absolute")
    assert len(fetch(home, "files", "--jsonl", "lungs").out.splitlines()) == 10  # lungs is a dataset, no file
    assert len(fetch(home, "files", "--json").document["files"]) == 12
    told = fetch(home, "files", "lungs", "--parquet", str(tmp_path / "t.parquet"), "--json")
    assert told.document == {"path": str(tmp_path / "t.parquet"), "format": "parquet", "files": 10, "exit": 0}
    assert fetch(home, "files", "--csv", "--jsonl").status == 2
    assert fetch(home, "files", "--parquet").status == 2
    assert fetch(home, "files", "drive", "--json").status == 3
