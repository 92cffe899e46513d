"""Stores that are only read: what one holds is not fetched again, and nothing is written there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

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
