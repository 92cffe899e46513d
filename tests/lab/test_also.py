"""Stores that are only read: what one holds is not fetched again, and nothing is written there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

import fetchers
from fetchers.storage import sharing
from tests.cli.run import fetch
from tests.faultd import Answer, Faultd

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def _catalogue(place: Faultd) -> str:
    return f"""
[datasets.mimic]
title = "Held above"
access = "open"
licence = "CC-BY-4.0"
[[datasets.mimic.files]]
url = "{place.url("/a.csv")}"
[[datasets.mimic.files]]
url = "{place.url("/b.csv")}"
[datasets.own]
title = "Own"
access = "open"
licence = "CC-BY-4.0"
[[datasets.own.files]]
url = "{place.url("/c.csv")}"
[datasets.theirs]
title = "Theirs"
source = "byhand"
access = "open"
container = "mixed"
[datasets.ours]
title = "Ours"
source = "byhand"
access = "open"
container = "mixed"
licence = "CC-BY-4.0"
[datasets.gated]
title = "Gated"
access = "application"
licence = "CC-BY-4.0"
[[datasets.gated.files]]
url = "{place.url("/d.csv")}"
"""


@pytest.fixture(name="place")
def _place() -> Iterator[Faultd]:
    with Faultd() as place:
        for name in "abcd":
            place.on(f"/{name}.csv", Answer(f"{name},1\n".encode()))
        yield place


@pytest.fixture(name="homes")
def _homes(tmp_path: Path, place: Faultd) -> tuple[Path, Path]:
    lab, mine = tmp_path / "lab", tmp_path / "mine"
    for home in (lab, mine):
        (home / "cache").mkdir(parents=True)
        (home / "catalogue.toml").write_text(_catalogue(place), encoding="utf-8")
    assert fetch("get", "mimic", home=lab).status == 0
    assert fetch("grant", "gated", "--note", "the lab's", home=lab).status == 0
    assert fetch("get", "gated", home=lab).status == 0
    return lab, mine


def _state(folder: Path) -> dict[str, tuple[int, int, int]]:
    found = {}
    for path in sorted(folder.rglob("*")):
        state = path.lstat()
        found[str(path)] = (state.st_size, state.st_mtime_ns, state.st_ino)
    return found


def test_what_is_held_above_is_not_fetched_again(homes: tuple[Path, Path], place: Faultd) -> None:
    """`get` gives its root, `verify` and `audit` answer for it, `status` names its store; own things stay own."""
    lab, mine = homes
    before, asked = _state(lab), len(place.asked)
    also = ("--also", str(lab))
    (got,) = fetch("get", "mimic", "--json", *also, home=mine).document["datasets"]
    assert (got["root"], got["files"], got["downloaded_files"]) == (f"{lab}/cache/mimic", 2, 0)
    assert len(place.asked) == asked
    (got,) = fetch("get", "own", "--json", *also, home=mine).document["datasets"]
    assert (got["root"], got["files"]) == (f"{mine}/cache/own", 1)
    held = fetch("status", "--json", *also, home=mine).document["held"]
    assert {row["dataset"]: row["store"] for row in held} == {
        "own": f"{mine}/cache", "mimic": f"{lab}/cache", "gated": f"{lab}/cache",
    }  # fmt: skip
    checked = fetch("verify", "--json", *also, home=mine).document
    assert (checked["checked_files"], checked["exit"]) == (4, 0)
    judged = fetch("audit", "--use", "research", "--json", *also, home=mine).document
    assert {row["dataset"]: row["verdict"] for row in judged["verdicts"]} == dict.fromkeys(
        ("own", "mimic", "gated"), "allowed-with-duties"
    )
    assert _state(lab) == before, "something was written to a store that is only read"


def test_the_environment_names_several(homes: tuple[Path, Path]) -> None:
    """A store's folder or a home, `:` between; one that is not there is named."""
    lab, mine = homes
    told = fetch("verify", "mimic", "--json", home=mine, FETCH_ALSO=f"{mine}/cache:{lab}/cache")
    assert told.document["checked_files"] == 2
    told = fetch("status", home=mine, FETCH_ALSO=f"{lab}:{mine}/nowhere")
    assert (told.status, "nowhere" in told.err) == (2, True)


def test_a_gated_set_of_the_labs_is_given_and_ones_own_denial_stays(homes: tuple[Path, Path]) -> None:
    """The lab's grant answers for the lab's copy; what I was denied I am denied."""
    lab, mine = homes
    (got,) = fetch("get", "gated", "--json", "--also", str(lab), home=mine).document["datasets"]
    assert (got["exit"], got["root"]) == (0, f"{lab}/cache/gated")
    assert fetch("deny", "gated", "--note", "x", home=mine).status == 0
    assert fetch("get", "gated", "--also", str(lab), home=mine).status == 6


def test_a_part_of_it_lost_above_comes_to_ones_own_store(homes: tuple[Path, Path]) -> None:
    """Only what is missing is fetched, and not to the store above."""
    lab, mine = homes
    (lab / "cache" / "mimic" / "a.csv").unlink()
    (got,) = fetch("get", "mimic", "--json", "--also", str(lab), home=mine).document["datasets"]
    assert (got["exit"], got["downloaded_files"], got["root"]) == (0, 1, f"{mine}/cache/mimic")
    assert not (lab / "cache" / "mimic" / "a.csv").exists()


def test_this_process_remembers_which_store_it_only_reads(tmp_path: Path) -> None:
    """By its path as it was opened."""
    sharing.only_read(tmp_path)
    assert sharing.is_only_read(os.fspath(tmp_path))


def test_the_configuration_names_them_for_good(homes: tuple[Path, Path]) -> None:
    """A store that is only read is a setting: nothing is agreed to, written or sent by it."""
    lab, mine = homes
    (mine / "config.toml").write_text(f'also = ["{lab}"]\n', encoding="utf-8")
    told = fetch("verify", "mimic", "--json", home=mine)
    assert (told.status, told.document["checked_files"]) == (0, 2)


def test_every_verb_that_reads_a_corpus_looks_into_the_stores_above(homes: tuple[Path, Path], tmp_path: Path) -> None:
    """The table, the lock, the folder for training, the overlap, the statement and the export; nothing is written."""
    lab, mine = homes
    before = _state(lab)
    assert fetch("get", "own", home=mine).status == 0

    def told(*words: str) -> dict[str, Any]:
        done = fetch(*words, "--json", "--also", str(lab), home=mine)
        assert done.status == 0, done.err
        return dict(done.document)

    rows = {row["absolute"]: row for row in told("files")["files"]}
    assert set(rows) == {
        f"{lab}/cache/gated/d.csv", f"{lab}/cache/mimic/a.csv", f"{lab}/cache/mimic/b.csv", f"{mine}/cache/own/c.csv",
    }  # fmt: skip
    assert rows[f"{lab}/cache/mimic/a.csv"]["url"].endswith("/a.csv")
    locked = told("lock", "-o", str(tmp_path / "fetch.lock"))
    assert (locked["datasets"], locked["files"], locked["members"]) == (3, 4, 4)
    bag = tmp_path / "bag"
    assert told("export", "--bagit", str(bag))["files"] == 4
    assert {path.name for path in (bag / "data").rglob("*.csv")} == {"a.csv", "b.csv", "c.csv", "d.csv"}
    assert told("statement", "mimic")["numbers"]["files"] == 2
    assert "access was granted" in told("statement", "gated")["text"]
    assert _state(lab) == before


def test_a_file_that_two_stores_hold_is_one(homes: tuple[Path, Path], tmp_path: Path) -> None:
    """One's own copy answers for it; counts, lock and folder have it once."""
    lab, mine = homes
    assert fetch("get", "mimic", "--include", "b.csv", home=mine).status == 0
    alone = fetch("lock", "mimic", "-o", str(tmp_path / "one.lock"), home=lab)
    also = ("--json", "--also", str(lab))
    rows = fetch("files", "mimic", *also, home=mine).document["files"]
    assert {row["absolute"] for row in rows} == {f"{lab}/cache/mimic/a.csv", f"{mine}/cache/mimic/b.csv"}
    assert len(rows) == 2
    assert fetch("lock", "mimic", "-o", str(tmp_path / "two.lock"), *also, home=mine).status == alone.status == 0
    assert (tmp_path / "one.lock").read_bytes() == (tmp_path / "two.lock").read_bytes()
    assert fetch("statement", "mimic", *also, home=mine).document["numbers"]["files"] == 2


def test_images_are_found_and_shown_across_stores(homes: tuple[Path, Path], tmp_path: Path) -> None:
    """A set of one's own shares an image with one that the lab holds; both go into one folder."""
    lab, mine = homes
    Image.new("L", (8, 8), 7).save(tmp_path / "1.png")
    for home, name in ((lab, "theirs"), (mine, "ours")):
        assert fetch("adopt", name, str(tmp_path / "1.png"), home=home).status == 0
    compared = fetch("overlap", "--json", "--also", str(lab), home=mine).document
    (pair,) = compared["pairs"]
    assert [one["hint"].partition("   ")[0] for one in compared["findings"]] == [f"fetch --cache {lab}/cache overlap"]
    assert fetch("overlap", "--cache", f"{lab}/cache", home=lab).status == 0
    assert (pair["a"], pair["b"], pair["files"]) == ("ours", "theirs", 1)
    told = fetch("audit", "ours", "--use", "commercial", "--json", "--also", str(lab), home=mine).document
    assert [(one["dataset"], one["verdict"]) for one in told["verdicts"]] == [("ours", "unknown")]
    made = fetch("view", "--to", str(tmp_path / "view"), "--json", "--also", str(lab), home=mine)
    assert made.document["files"] == 2, made.err
    assert len(list((tmp_path / "view").rglob("*.png"))) == 2


def test_a_program_names_them_too(homes: tuple[Path, Path], tmp_path: Path) -> None:
    """`also` is an argument of each function that reads what is held, and of a workspace."""
    lab, mine = homes
    for also in (str(lab), [lab]):
        assert len(fetchers.files("mimic", home=mine, also=also)) == 2
    assert fetchers.lock("mimic", home=mine, also=lab, output=tmp_path / "x.lock").members == 2
    assert fetchers.statement("mimic", home=mine, also=lab).numbers.files == 2
    assert fetchers.overlap("mimic", home=mine, also=lab).pairs == ()
    assert fetchers.export("mimic", home=mine, also=lab, bagit=tmp_path / "bag").files == 2
    assert fetchers.verify("mimic", home=mine, also=lab).checked_files == 2
    assert [one.dataset for one in fetchers.status("mimic", home=mine, also=lab).held] == ["mimic"]
    assert fetchers.get("mimic", home=mine, also=lab).datasets[0].downloaded_files == 0
    space = fetchers.Workspace(mine, also=lab)
    assert [row.verdict for row in space.audit("mimic", use="research").verdicts] == ["allowed-with-duties"]
    assert len(space.files("mimic")) == 2
