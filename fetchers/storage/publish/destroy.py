"""How is a local copy destroyed, and nothing else?

Only files that the record names are removed, each found by walking down from the store folder by folder without ever
following a link: a folder that was swapped for a link leads nowhere. What else lies in the folders is left and said.
Removing takes the name away; whether the disk overwrites the blocks is the disk's affair, and other hard links to the
same bytes (of `adopt --link`) keep them.
"""

from __future__ import annotations

import os
import shutil
import stat
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from fetchers.errors import StoreError
from fetchers.storage import layout

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from fetchers.records import HeldFile

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class Fate(NamedTuple):
    """What became of one held file: `destroyed`, `missing`, or why it was left. `links` counts its other names."""

    file: HeldFile
    outcome: str
    links: int = 0


def destroy(store: Path, files: Iterable[HeldFile]) -> Iterator[Fate]:
    """Remove held files, one after the other; raises `StoreError` for the disk."""
    for file in files:
        folder = layout.root(store, file.dataset, file.part)
        steps = [*folder.relative_to(store).parts, *file.path.split("/")]
        try:
            yield _removed(store, steps, file)
        except PermissionError as error:
            raise StoreError(
                f"{folder / file.path} cannot be destroyed: {error.strerror}",
                hint="make its folder yours (chmod u+rwx), and type the same command again: it goes on from here",
            ) from error
        except OSError as error:
            raise layout.disk_error(error, folder / file.path) from error


def drop(store: Path, keys: Iterable[str]) -> None:
    """Remove downloads under way, by the keys of `partial.key_of`."""
    for key in keys:
        for found in (store / layout.PARTIAL).glob(f"{key}.*"):
            shutil.rmtree(found, ignore_errors=True)


def drop_terms(store: Path, dataset: str, texts: Iterable[str]) -> None:
    """Remove the kept texts of the terms (paths relative to the store), and the folders if nothing is left in them."""
    folder = layout.root(store, dataset, None)
    terms = folder / layout.TERMS
    if folder.is_symlink() or terms.is_symlink():
        return
    for text in texts:
        with suppress(OSError):  # what stays is said to be left
            (store / text).unlink()
    for emptied in (terms, folder):
        with suppress(OSError):
            emptied.rmdir()


def prune(store: Path, dataset: str, part: str | None) -> None:
    """Remove the empty folders of a copy; links are not followed."""
    folder = layout.root(store, dataset, part)
    if folder.is_symlink() or folder.parent.is_symlink():
        return
    for below, _, _ in os.walk(folder, topdown=False):
        with suppress(OSError):
            os.rmdir(below)  # noqa: PTH106 - os.walk speaks text


def left(store: Path, dataset: str, part: str | None) -> list[str]:
    """Give what lies in a copy's folder all the same, relative to the store; the kept terms were dropped before."""
    folder = layout.root(store, dataset, part)
    if folder.is_symlink():
        return [folder.relative_to(store).as_posix()]
    found = []
    for below, folders, names in os.walk(folder):
        here = os.path.relpath(below, store)
        links = [name for name in folders if os.path.islink(f"{below}/{name}")]  # noqa: PTH114 - os.walk speaks text
        found += [f"{here}/{name}" for name in (*names, *links)]
    return sorted(found)


def _removed(store: Path, steps: list[str], file: HeldFile) -> Fate:
    folder = os.open(store, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for step in steps[:-1]:
            try:
                below = os.open(step, _DIRECTORY, dir_fd=folder)
            except FileNotFoundError:
                return Fate(file=file, outcome="missing")
            except NotADirectoryError:
                return Fate(file=file, outcome=f"left: {step} is no folder of the store any more")
            except PermissionError:
                raise
            except OSError as error:
                return Fate(file=file, outcome=f"left: {step}: {error.strerror}")
            os.close(folder)
            folder = below
        return _unlinked(folder, steps[-1], file)
    finally:
        os.close(folder)


def _unlinked(folder: int, name: str, file: HeldFile) -> Fate:
    try:
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return Fate(file=file, outcome="missing")
    if stat.S_ISDIR(found.st_mode):
        return Fate(file=file, outcome="left: a folder bears its name now")
    os.unlink(name, dir_fd=folder)
    os.fsync(folder)
    return Fate(file=file, outcome="destroyed", links=found.st_nlink - 1)
