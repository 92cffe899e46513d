"""Destroy a local copy, and nothing else.

Only files that the record names are removed, each found by walking down from the store folder by folder without ever
following a link: a folder that was swapped for a link leads nowhere. What else lies in the folders is left and said.
Removing takes the name away; whether the disk overwrites the blocks is the disk's affair, and other hard links to the
same bytes (of `adopt --link`) keep them.
"""

from __future__ import annotations

import stat
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from fetchers.errors import StoreError
from fetchers.storage import layout
from fetchers.storage.link_errors import LinkInTheWayError, OutsideError
from fetchers.storage.safe_folder import SafeFolder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from fetchers.records import HeldFile


class Fate(NamedTuple):
    """What became of one held file: `destroyed`, `missing`, or why it was left. `links` counts its other names."""

    file: HeldFile
    outcome: str
    links: int = 0


def refuse_links(store: Path, files: Iterable[HeldFile]) -> None:
    """Raise `StoreError` where a link stands in place of a held file or above it: then nothing is destroyed."""
    with layout.opened(store) as opened:
        for file in files:
            path = f"{layout.below(file.dataset, file.part)}/{file.path}"
            try:
                opened.refuse_link(path)
            except (LinkInTheWayError, OutsideError) as error:
                raise layout.disk_error(error, store) from error
            except OSError:
                continue  # what is not there is missing, and said so


def destroy(store: Path, files: Iterable[HeldFile]) -> Iterator[Fate]:
    """Remove held files, one after the other; raise `StoreError` for the disk."""
    with layout.opened(store) as opened:
        for file in files:
            path = f"{layout.below(file.dataset, file.part)}/{file.path}"
            try:
                yield _removed(opened, path, file)
            except PermissionError as error:
                raise StoreError(
                    f"{store}/{path} cannot be destroyed: {error.strerror}",
                    hint="make its folder yours (chmod u+rwx), and type the same command again: it goes on from here",
                ) from error
            except OSError as error:
                raise layout.disk_error(error, store / path) from error


def drop(store: Path, keys: Iterable[str]) -> None:
    """Remove downloads under way, by the keys of `layout.partial_id`."""
    starts = tuple(f"{key}." for key in keys)
    with suppress(OSError), SafeFolder(store) as opened:
        for name, _ in opened.scan(layout.PARTIAL):
            if name.startswith(starts):
                opened.remove_tree(f"{layout.PARTIAL}/{name}")


def drop_terms(store: Path, dataset: str, texts: Iterable[str]) -> None:
    """Remove the kept texts of the terms (paths relative to the store), and the folders if nothing is left in them.

    A path that does not lie in the folder of this dataset's terms is none that was written here, and is left alone.
    """
    folder = layout.below(dataset, None)
    terms = f"{folder}/{layout.TERMS}"
    with layout.opened(store) as opened:
        for text in texts:
            with suppress(OSError):  # what stays is said to be left
                if text.rpartition("/")[0] == terms:
                    opened.unlink(text)
        for emptied in (terms, folder):
            with suppress(OSError):
                opened.rmdir(emptied)


def prune(store: Path, dataset: str, part: str | None) -> None:
    """Remove the empty folders of a copy; links are not followed."""
    with suppress(OSError), SafeFolder(store) as opened:
        for folder in opened.walk_up(layout.below(dataset, part)):
            with suppress(OSError):
                opened.rmdir(folder)


def left(store: Path, dataset: str, part: str | None) -> list[str]:
    """Return what lies in a copy's folder all the same, relative to the store; the kept terms were dropped before."""
    found: list[str] = []
    with suppress(OSError), SafeFolder(store) as opened:
        for folder in opened.walk_up(layout.below(dataset, part)):
            found += [f"{folder}/{name}" for name, one in opened.scan(folder) if not stat.S_ISDIR(one.st_mode)]
    return sorted(found)


def _removed(store: SafeFolder, path: str, file: HeldFile) -> Fate:
    folder = path.rpartition("/")[0]
    try:
        found = store.stat(path)
        if stat.S_ISDIR(found.st_mode):
            return Fate(file=file, outcome="left: a folder bears its name now")
        store.unlink(path)
    except FileNotFoundError:
        return Fate(file=file, outcome="missing")
    except OutsideError:
        return Fate(file=file, outcome="left: its path in the record leads out of the store")
    except (LinkInTheWayError, NotADirectoryError) as error:
        where = str(error.filename).removeprefix(f"{store.root}/")
        return Fate(file=file, outcome=f"left: {where} is no folder of the store any more")
    store.sync(folder)
    return Fate(file=file, outcome="destroyed", links=found.st_nlink - 1)
