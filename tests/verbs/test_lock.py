"""A lock reproduces a corpus elsewhere, and changes at the archive are seen."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING

import pytest

from fetchers.acquire import lock_file
from fetchers.errors import CatalogueError
from fetchers.storage.record.manifest import Manifest
from tests.commands import fetch
from tests.faultd import Answer, Faultd, file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def _zip(members: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


MEMBERS = {"a/1.csv": b"a,b\n1,2\n", "a/2.csv": b"a,b\n2,3\n"}
CATALOGUE = """
[datasets.small]
title = "Small"
access = "open"
licence = "CC-BY-4.0"
[[datasets.small.files]]
url = "{0}"
[[datasets.small.files]]
url = "{1}"

[datasets.gated]
title = "Gated"
access = "application"
[[datasets.gated.files]]
url = "{0}"
[[datasets.gated.steps]]
key = "form"
title = "Form"

[datasets.brought]
title = "Brought"
access = "open"
source = "byhand"
"""


@pytest.fixture
def place() -> Iterator[Faultd]:
    """Serve two files."""
    with Faultd() as server:
        server.on("/one.csv", file(b"id,x\n1,2\n"))
        server.on("/set.zip", file(_zip(MEMBERS)))
        yield server


def _home(tmp_path: Path, name: str, place: Faultd) -> Path:
    home = tmp_path / name
    home.mkdir()
    (home / "catalogue.toml").write_text(CATALOGUE.format(place.url("/one.csv"), place.url("/set.zip")))
    return home


@pytest.fixture
def home(tmp_path: Path, place: Faultd) -> Path:
    """Hold an open set, a gated one, and one that a person brought."""
    home = _home(tmp_path, "one", place)
    (tmp_path / "mine.csv").write_text("k,v\n")
    assert fetch(home, "get", "small").status == 0
    assert fetch(home, "grant", "gated", "--note", "by mail").status == 0
    assert fetch(home, "get", "gated").status == 0
    assert fetch(home, "adopt", "brought", str(tmp_path / "mine.csv")).status == 0
    return home


def _held(home: Path) -> dict[str, str]:
    with Manifest.open(home / "cache", write=False) as manifest:
        return {f"{row.dataset}/{row.path}": row.sha256 for row in manifest.files()}


def test_two_locks_of_one_state_are_equal(home: Path, tmp_path: Path) -> None:
    """In whatever order the names come; no day, no path of this machine."""
    first, second = tmp_path / "1.lock", tmp_path / "2.lock"
    told = fetch(home, "lock", "-o", str(first), "--json").document
    assert told == {"path": str(first), "datasets": 3, "files": 4, "members": 5, "exit": 0}
    assert fetch(home, "lock", "small", "gated", "brought", "-o", str(second)).status == 0
    assert first.read_bytes() == second.read_bytes()
    assert fetch(home, "lock", "-o", "-").out == first.read_text()
    text = first.read_text()
    assert str(tmp_path) not in text
    assert "2026" not in text
    for line in text.splitlines():
        json.loads(line)


def test_a_mixed_corpus_ends_in_data_and_tasks(home: Path, tmp_path: Path, place: Faultd) -> None:
    """What is open comes, what is gated becomes tasks, what a person brought is asked of a person."""
    lock = tmp_path / "fetch.lock"
    fetch(home, "lock", "-o", str(lock))
    other = _home(tmp_path, "two", place)
    done = fetch(other, "sync", str(lock), "--json")
    assert done.status == done.document["exit"] == 6
    brought, gated, small = done.document["datasets"]
    assert (brought["pending"], gated["pending"], small["pending"]) == (["mine.csv"], ["one.csv"], [])
    assert "fetch adopt brought" in done.err
    assert small["exit"] == 0
    assert "form" in fetch(other, "tasks", "gated").out
    fetch(other, "grant", "gated", "--note", "by mail")
    fetch(other, "adopt", "brought", str(tmp_path / "mine.csv"))
    assert fetch(other, "sync", str(lock)).status == 0
    assert _held(other) == _held(home)
    again = tmp_path / "again.lock"
    fetch(other, "lock", "-o", str(again))
    assert again.read_bytes() == lock.read_bytes()
    asked = len(place.asked)
    assert fetch(other, "sync", str(lock)).status == 0
    assert len(place.asked) == asked


def test_a_home_without_the_catalogue_knows_it_afterwards(home: Path, tmp_path: Path) -> None:
    """The lock describes what a home has never heard of."""
    lock, other = tmp_path / "fetch.lock", tmp_path / "two"
    fetch(home, "lock", "small", "-o", str(lock))
    other.mkdir()
    assert fetch(other, "sync", str(lock)).status == 0
    assert fetch(other, "verify", "small").status == 0
    assert fetch(other, "status", "--json").document["held"][0]["licence"] == "CC-BY-4.0"
    assert not (other / "catalogue.toml").exists()


def test_an_archive_that_is_packed_anew_is_the_same(home: Path, tmp_path: Path, place: Faultd) -> None:
    """Its members count, not its own bytes."""
    lock = tmp_path / "fetch.lock"
    fetch(home, "lock", "small", "-o", str(lock))
    place.on("/set.zip", file(_zip(MEMBERS, zipfile.ZIP_DEFLATED)))
    assert fetch(_home(tmp_path, "two", place), "sync", str(lock)).status == 0


@pytest.mark.parametrize("case", ["other", "more", "fewer"])
def test_other_members_are_refused(home: Path, tmp_path: Path, place: Faultd, case: str) -> None:
    """Nothing of another version is held; what is held of the lock stays."""
    lock = tmp_path / "fetch.lock"
    fetch(home, "lock", "small", "-o", str(lock))
    members = {
        "other": {**MEMBERS, "a/2.csv": b"other\n"},
        "more": {**MEMBERS, "a/3.csv": b"c,d\n"},
        "fewer": {"a/1.csv": MEMBERS["a/1.csv"]},
    }[case]
    place.on("/set.zip", file(_zip(members)))
    other = _home(tmp_path, "two", place)
    done = fetch(other, "sync", str(lock), "--json")
    assert done.status == 9  # one.csv is held
    assert done.document["datasets"][0]["changed"] == ["set.zip"]
    assert list(_held(other)) == ["small/one.csv"]


def test_changed_and_vanished_alone(tmp_path: Path, place: Faultd) -> None:
    """A single file of other bytes is 4, one that is gone 5."""
    home = _home(tmp_path, "one", place)
    lock = tmp_path / "fetch.lock"
    fetch(home, "get", "small", "--include", "one.csv")
    fetch(home, "lock", "small", "-o", str(lock))
    place.on("/one.csv", file(b"id,x\n9,9\n"))
    done = fetch(_home(tmp_path, "two", place), "sync", str(lock), "--json")
    assert (done.status, done.document["datasets"][0]["changed"]) == (4, ["one.csv"])
    place.on("/one.csv", lambda _asked: Answer(status=404))
    done = fetch(_home(tmp_path, "three", place), "sync", str(lock), "--json")
    assert (done.status, done.document["datasets"][0]["vanished"]) == (5, ["one.csv"])


def test_what_was_changed_here_is_put_right(home: Path, tmp_path: Path) -> None:
    """A lost file and one with other bytes come again; a dry run only says so."""
    lock = tmp_path / "fetch.lock"
    fetch(home, "lock", "small", "-o", str(lock))
    (home / "cache" / "small" / "a" / "1.csv").unlink()
    dry = fetch(home, "sync", str(lock), "--dry-run", "--json")
    assert dry.document["datasets"][0]["plan"]["files"] == 1
    assert not (home / "cache" / "small" / "a" / "1.csv").exists()
    assert fetch(home, "sync", str(lock)).status == 0
    assert (home / "cache" / "small" / "a" / "1.csv").read_bytes() == MEMBERS["a/1.csv"]


def test_outdated_names_what_is_otherwise(home: Path, place: Faultd) -> None:
    """By size, by ETag, by 404; no content is asked for."""
    same = fetch(home, "outdated", "--json")
    assert (same.status, [one["changed"] for one in same.document["datasets"]]) == (0, [[], [], []])
    place.on("/one.csv", lambda _asked: Answer(status=404))
    place.on("/set.zip", file(_zip({**MEMBERS, "a/3.csv": b"c,d\n"})))
    (home / "catalogue.toml").write_text(
        (home / "catalogue.toml").read_text()
        + f'[[datasets.small.files]]\nurl = "{place.url("/new.csv")}"\n'.replace("[[datasets", "\n[[datasets")
    )
    found = fetch(home, "outdated", "small", "--json")
    (small,) = found.document["datasets"]
    assert found.status == found.document["exit"] == 9
    assert (small["new"], small["changed"], small["withdrawn"]) == (["new.csv"], ["set.zip"], ["one.csv"])
    assert fetch(home, "outdated", "--offline").status == 5


def test_nothing_held_is_three(tmp_path: Path) -> None:
    """No lock of nothing, nothing to be outdated."""
    (tmp_path / "home").mkdir()
    assert fetch(tmp_path / "home", "lock", "-o", str(tmp_path / "x")).status == 3
    assert not (tmp_path / "x").exists()
    assert fetch(tmp_path / "home", "outdated", "--json").status == 3


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}\n",
        '{"lock":2}\n',
        '{"lock":1}',
        '{"lock":1}\n{"remote":"a"}\n',
        '{"lock":1}\n{"dataset":"x","source":"listed","table":{}}\n{"member":"../a","remote":"a","size":1}\n',
        '{"lock":1}\n{"dataset":"x","source":"listed","table":{}}\n{"remote":"/a"}\n',
        '{"lock":1}\n{"dataset":"x","source":"listed","table":{}}\n{"remote":"a","sha256":"zz"}\n',
        '{"lock":1}\n[[[[\n',
        "[" * 100_000 + "\n",
    ],
)
def test_a_lock_that_is_none_is_refused(text: str) -> None:
    """The line is named; nothing crashes."""
    with pytest.raises(CatalogueError):
        lock_file.read(io.BytesIO(text.encode()), "fetch.lock")


def test_a_lock_leads_nowhere_else(tmp_path: Path) -> None:
    """A dataset that the rules of a catalogue forbid is refused before anything is written."""
    lock = tmp_path / "fetch.lock"
    lock.write_text('{"lock":1}\n{"dataset":"../x","source":"listed","table":{"title":"X","access":"open"}}\n')
    (tmp_path / "home").mkdir()
    assert fetch(tmp_path / "home", "sync", str(lock)).status == 2
    assert fetch(tmp_path / "home", "sync", str(tmp_path / "nowhere")).status == 2
