"""Probe what the store's file system can do.

Tried in a hidden folder of the store that is removed again: what a manual promises, this
mount need not keep.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from fetchers.storage import layout
from fetchers.storage.safe_folder import SafeFolder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


_OWN = 0o600
# Refused by Windows and by what is mounted from there; archives hold such names all the same.
_FORBIDDEN = ("aux.dcm", "a:b", "x.", "x ", "q?", "tab\t")


class Probed(NamedTuple):
    """One ability: what it is, whether it is there, and what follows where it is not (empty: nothing)."""

    name: str
    able: bool
    follows: str


def probe(store: Path) -> Iterator[Probed]:
    """Try each ability; raise `StoreError` where the store cannot be written at all."""
    try:
        folder = Path(tempfile.mkdtemp(prefix=".probe-", dir=store))
    except OSError as error:
        raise layout.disk_error(error, store) from error
    try:
        for name, trial, follows in _TRIALS:
            yield Probed(name=name, able=_tried(trial, folder), follows=follows)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _tried(trial: Callable[[Path], bool], folder: Path) -> bool:
    try:
        return trial(folder)
    except OSError:
        return False


def _no_replace(folder: Path) -> bool:
    (folder / "a").write_bytes(b"a")
    (folder / "b").write_bytes(b"b")
    try:
        with SafeFolder(folder) as opened:
            opened.rename("a", "b", replace=False)
    except FileExistsError:
        return (folder / "b").read_bytes() == b"b"
    return False


def _fsync(folder: Path) -> bool:
    with SafeFolder(folder) as opened:
        opened.sync("")
    return True


def _locks(folder: Path) -> bool:
    with (folder / "lock").open("w") as first, (folder / "lock").open("w") as second:
        fcntl.flock(first, fcntl.LOCK_EX | fcntl.LOCK_NB)
        try:
            fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _case(folder: Path) -> bool:
    (folder / "Case").write_bytes(b"")
    return not (folder / "case").exists()


def _normal_forms(folder: Path) -> bool:
    (folder / "\u00e9").write_bytes(b"")
    return not (folder / "e\u0301").exists()


def _any_name(folder: Path) -> bool:
    for name in _FORBIDDEN:
        (folder / name).write_bytes(b"")
    return set(_FORBIDDEN) <= {found.name for found in folder.iterdir()}


def _links(folder: Path) -> bool:
    (folder / "link").symlink_to("nowhere")
    return (folder / "link").is_symlink()


def _hard_links(folder: Path) -> bool:
    (folder / "one").write_bytes(b"")
    os.link(folder / "one", folder / "two")
    return True


def _modes(folder: Path) -> bool:
    (folder / "mode").write_bytes(b"")
    (folder / "mode").chmod(_OWN)
    return (folder / "mode").stat().st_mode & 0o777 == _OWN


_TRIALS: tuple[tuple[str, Callable[[Path], bool], str], ...] = (
    (
        "rename that overwrites nothing",
        _no_replace,
        "two runs at once might replace each other's files: run one at a time",
    ),
    ("folders made durable", _fsync, "after a power cut the last files may be missing: run the command again"),
    ("locks that exclude", _locks, "two runs at once fetch some bytes twice; what is held stays right"),
    ("names that differ in case only", _case, "archives with such names are refused"),
    ("names that differ in their normal form only", _normal_forms, "archives with such names are refused"),
    ("names that Windows forbids", _any_name, "such names are held under another one, and said"),
    ("symbolic links", _links, ""),
    ("hard links", _hard_links, "adopt --link does not work here: use --copy or --move"),
    ("files for one user only", _modes, "copies under terms that forbid sharing are readable by others here"),
)
