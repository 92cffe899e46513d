"""How bytes are made durable: each by itself, or a crowd at once where that keeps the promise."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fetchers import system
from fetchers.storage.publish import fsync as durable
from fetchers.storage.safe_folder import SafeFolder

if TYPE_CHECKING:
    from collections.abc import Iterator

MEMINFO = ["MemTotal:       24638460 kB\n", "Dirty:              1000 kB\n", "Writeback:            24 kB\n"]


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Note which files are fsynced, by their names."""
    names: list[str] = []
    fsync = os.fsync

    def noted(descriptor: int) -> None:
        names.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    system.hide()
    yield names
    system.hide()


@pytest.fixture
def allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing but the test stand against a syncfs: whatever this disk is, and whoever writes beside."""
    answer = (ctypes.c_long * 64)()
    descriptor = os.open(tmp_path, os.O_RDONLY)
    ctypes.CDLL(None, use_errno=True).fstatfs(descriptor, answer)
    os.close(descriptor)
    monkeypatch.setattr(durable, "_LOCAL", frozenset({answer[0] & 0xFFFFFFFF}))
    monkeypatch.setattr(durable, "_OTHERS", 1 << 60)


def _files(folder: Path, count: int) -> list[str]:
    paths = [folder / f"{number:03}" for number in range(count)]
    for path in paths:
        path.write_bytes(b"x" * 100)
    return [path.name for path in paths]


def test_a_few_are_synced_each(tmp_path: Path, synced: list[str]) -> None:
    """Waiting for a whole file system is not worth it for three files."""
    durable.sync_files(SafeFolder(tmp_path), _files(tmp_path, 3), 300)
    assert synced == ["000", "001", "002"]


@pytest.mark.usefixtures("allowed")
@pytest.mark.parametrize(
    ("name", "value"),
    [("_REPORTS_ERRORS", (99, 0)), ("_LOCAL", frozenset()), ("_OTHERS", -(1 << 60)), ("_CROWD", 1000)],
    ids=["an older kernel", "a network disk", "others write", "no crowd"],
)
def test_a_crowd_is_synced_each_where_syncfs_may_not_do(
    tmp_path: Path, synced: list[str], monkeypatch: pytest.MonkeyPatch, name: str, value: object
) -> None:
    """Where a failed write would not be reported, or somebody else's gigabytes would be waited for."""
    monkeypatch.setattr(system if name == "_REPORTS_ERRORS" else durable, name, value)
    durable.sync_files(SafeFolder(tmp_path), _files(tmp_path, 230), 23_000)
    assert synced == [f"{number:03}" for number in range(230)]


@pytest.mark.usefixtures("allowed")
def test_a_crowd_is_synced_at_once(tmp_path: Path, synced: list[str]) -> None:
    """No fsync at all where one syncfs does it."""
    durable.sync_files(SafeFolder(tmp_path), _files(tmp_path, 50), 5000)
    assert synced == []


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    """What cannot be opened was not made durable."""
    with pytest.raises(FileNotFoundError):
        durable.sync_files(SafeFolder(tmp_path), [*_files(tmp_path, 2), "gone"], 200)


def test_what_is_unwritten_is_read_from_the_system() -> None:
    """Kilobytes of proc(5), dirty and on their way."""
    assert durable.unwritten(MEMINFO) == 1024 << 10


@pytest.mark.parametrize(
    ("text", "release"), [("6.1.0-18-amd64", (6, 1)), ("5.8", (5, 8)), ("4.19.0", (4, 19)), ("unknown", (0,))]
)
def test_a_kernels_release_is_read(text: str, release: tuple[int, ...]) -> None:
    """What is no version counts as older than all."""
    assert system._release(text) == release
