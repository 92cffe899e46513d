"""Walks keep the record's order, and survive changes meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.inspection.walk import walk
from fetchers.storage.safe_folder import SafeFolder

if TYPE_CHECKING:
    from pathlib import Path


def _put(root: Path, *paths: str) -> list[str]:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(path.encode())
    return sorted(paths)


def test_the_order_is_that_of_whole_paths(tmp_path: Path) -> None:
    """As SQLite sorts them: a folder's slash counts."""
    paths = _put(tmp_path, "a/b", "a-b", "a.b", "ab", "a/b.c/d", "a/b-c", "z", "B/a")
    assert [path for path, _ in walk(SafeFolder(tmp_path.parent), tmp_path.name, lambda *_: True)] == paths


def test_a_folder_that_is_not_entered_is_passed_over(tmp_path: Path) -> None:
    """It is asked for once, with its path."""
    _put(tmp_path, "a/b/c", "a/d", "e")
    asked: list[str] = []

    def enter(_: object, path: str) -> bool:
        asked.append(path)
        return path != "a/b/"

    found = [path for path, _ in walk(SafeFolder(tmp_path.parent), tmp_path.name, enter)]
    assert found == ["a/d", "e"]
    assert asked == ["a/", "a/b/"]


def test_what_goes_away_meanwhile_stops_nothing(tmp_path: Path) -> None:
    """Somebody works in the store: what was seen is still known, what was not is passed over."""
    _put(tmp_path, "a", "b", "c/d", "e")
    found = []
    for path, entry in walk(SafeFolder(tmp_path.parent), tmp_path.name, lambda *_: True, stat=True):
        for gone in ("b", "c/d"):
            (tmp_path / gone).unlink(missing_ok=True)
        found.append((path, entry.stat(follow_symlinks=False).st_size))
    assert found == [("a", 1), ("b", 1), ("e", 1)]
