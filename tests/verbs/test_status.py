"""`fetch status` shows what is held, under way, applied for, and about to lapse."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from fetchers.dataset import RemoteFile
from fetchers.errors import CatalogueError
from fetchers.inspection.under_way import UnderWay
from fetchers.storage import layout
from fetchers.storage.record.manifest import Manifest
from fetchers.verbs import status
from tests.storage.record import arrival, event, held, wanted
from tests.verbs.contexts import NOW, context

if TYPE_CHECKING:
    from pathlib import Path

CATALOGUE = """\
[datasets.lungs]
title = "Lungs"
access = "open"
[[datasets.lungs.files]]
url = "https://data.example.org/0.zip"

[datasets.hearts]
title = "Hearts"
access = "application"
[[datasets.hearts.steps]]
key = "form"
title = "Send the form"
expected_days = 14
[[datasets.hearts.steps]]
key = "course"
title = "Take the course"
lapses_after_days = 365
[datasets.hearts.parts.1]
title = "One"
[datasets.hearts.parts.2]
title = "Two"
"""


def _record(home: Path) -> None:
    with Manifest.open(home / "cache", write=True) as manifest:
        manifest.record([arrival(0)], [held(number) for number in range(10)])
        manifest.record([], [held(1, dataset="hearts", part=part) for part in ("1", "2")])
        manifest.want([wanted(number) for number in range(3, 6)])
        manifest.want([wanted(4, message="503: the context cannot answer now")])


def test_a_fresh_workspace_is_empty_and_stays_so(tmp_path: Path) -> None:
    """Nothing is held, and looking makes nothing."""
    found = status.run(context(tmp_path / "home"), ())
    assert (found.held, found.under_way, found.applications, found.lapsing) == ((), (), (), ())
    assert not list(tmp_path.iterdir())


def test_what_is_held_and_under_way(tmp_path: Path) -> None:
    """Sums by dataset and part; what is queued, what failed and why, and the bytes that are here already."""
    home = tmp_path / "home"
    here = context(home, catalogue=CATALOGUE)
    _record(home)
    key = layout.partial_id("lungs", None, RemoteFile(url="", path="5.zip"))
    for name in (f"{key}.host-1-1", "0" * 32 + ".host-1-1"):
        (home / "cache" / ".partial" / name).mkdir(parents=True)
        (home / "cache" / ".partial" / name / "body").write_bytes(b"x" * 700)
    found = status.run(here, ())
    assert [(row.dataset, row.part, row.files, row.bytes, row.acquired_on) for row in found.held] == [
        ("hearts", "1", 1, 2, "2026-11-25"),
        ("hearts", "2", 1, 2, "2026-11-25"),
        ("lungs", None, 10, 55, "2026-11-25"),
    ]
    assert found.under_way == (
        UnderWay(
            dataset="lungs",
            part=None,
            queued=2,
            failed=1,
            bytes=1003 + 1004 + 1005,
            arrived_bytes=700,
            message="503: the context cannot answer now",
        ),
    )


@pytest.mark.parametrize(
    ("names", "parts"),
    [
        (("hearts",), [("hearts", "1"), ("hearts", "2")]),
        (("hearts/2",), [("hearts", "2")]),
        (("hearts/*",), [("hearts", "1"), ("hearts", "2")]),
        (("lungs", "hearts/1"), [("hearts", "1"), ("lungs", None)]),
        (("LUNGS",), [("lungs", None)]),
    ],
    ids=str,
)
def test_only_what_was_named(tmp_path: Path, names: tuple[str, ...], parts: list[tuple[str, str | None]]) -> None:
    """A dataset means all its parts, a part itself; the others are left out of every list."""
    here = context(tmp_path / "home", catalogue=CATALOGUE)
    _record(tmp_path / "home")
    found = status.run(here, names)
    assert [(row.dataset, row.part) for row in found.held] == parts
    assert bool(found.under_way) == (("lungs", None) in parts)


def test_an_unknown_name_is_refused_before_anything_is_recorded(tmp_path: Path) -> None:
    """A slip of the keyboard is no lapse."""
    here = context(tmp_path / "home", catalogue=CATALOGUE)
    with Manifest.open(tmp_path / "home" / "cache", write=True) as manifest:
        manifest.append([event("granted", dataset="hearts", until="2026-11-01")])
    with pytest.raises(CatalogueError, match="lugns"):
        status.run(here, ["lugns"])
    with Manifest.open(tmp_path / "home" / "cache", write=False) as manifest:
        assert len(manifest.events()) == 1


def test_an_application_names_its_next_task(tmp_path: Path) -> None:
    """Open: the first step, with the day it is due."""
    here = context(tmp_path / "home", catalogue=CATALOGUE)
    with Manifest.open(tmp_path / "home" / "cache", write=True) as manifest:
        manifest.append([event("applied", dataset="hearts", owner="ada")])
    (found,) = status.run(here, ()).applications
    assert (found.dataset, found.part, found.state, found.next_task) == ("hearts", None, "open", "form")
    assert found.due == NOW.date() + timedelta(days=14)
    assert (found.granted_on, found.until, found.owner) == (None, None, "ada")


@pytest.mark.parametrize(("days", "announced"), [(0, True), (30, True), (31, False)])
def test_a_grant_that_ends_is_announced(tmp_path: Path, days: int, *, announced: bool) -> None:
    """Thirty days ahead, with what to type."""
    here = context(tmp_path / "home", catalogue=CATALOGUE)
    until = NOW.date() + timedelta(days=days)
    with Manifest.open(tmp_path / "home" / "cache", write=True) as manifest:
        manifest.append([event("applied", dataset="hearts"), event("granted", dataset="hearts", until=str(until))])
    found = status.run(here, ())
    assert [(row.dataset, row.on) for row in found.lapsing] == ([("hearts", until)] if announced else [])
    assert all("fetch renew hearts" in row.hint for row in found.lapsing)
    assert found.applications[0].state == "granted"


def test_a_lapse_once_seen_never_un_lapses(tmp_path: Path) -> None:
    """Whoever looks first writes it down; a clock that goes back afterwards cannot make it good."""
    home = tmp_path / "home"
    here = context(home, catalogue=CATALOGUE)
    with Manifest.open(home / "cache", write=True) as manifest:
        manifest.append([event("applied", dataset="hearts"), event("granted", dataset="hearts", until="2026-12-01")])
    assert status.run(here, ()).applications[0].state == "granted"
    later = context(home, now=NOW + timedelta(days=30))
    assert status.run(later, ()).applications[0].state == "lapsed"
    assert status.run(here, ()).applications[0].state == "lapsed"
    with Manifest.open(home / "cache", write=False) as manifest:
        lapses = [one for one in manifest.events() if one.what == "lapsed"]
        assert [(one.dataset, one.on) for one in lapses] == [("hearts", str(date(2026, 12, 1)))]
        assert not manifest.chain_faults()
