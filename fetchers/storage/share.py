"""Make a store of one's own a group's: modes first, then the mark.

So a run that dies on the way leaves a store that says of itself what it is, and the same command goes on.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, NamedTuple

from fetchers import system
from fetchers.errors import StoreError
from fetchers.storage import layout, sharing
from fetchers.storage.blame import denied
from fetchers.storage.safe_folder import SafeFolder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path


class Private(NamedTuple):
    """The copies that stay private: their folders relative to the store, and how what is under way of them is named."""

    folders: frozenset[str]
    under_way: tuple[str, ...]


def share(store: Path, private: Private, *, home: Path | None) -> Iterator[str]:
    """Set the modes of everything below the store for its group; yield what belongs to others and was left.

    In a store that is shared already any member does so for what is their own. Raises `StoreError` for a store that is
    another's alone, and for the disk.
    """
    try:
        state = store.stat()
        mine = os.geteuid() in (0, state.st_uid)
        founded = sharing.is_shared(store)
        if not (mine or founded or state.st_uid == 0):
            raise denied(str(store), "only its owner can share it")
        with SafeFolder(store) as folder:
            yield from _given(folder, "", _Rules(private).mode)
            if mine or not founded:
                _mark(folder)
        if mine or not founded:
            store.chmod(stat.S_IMODE(state.st_mode) | 0o2070)
        if home is not None and stat.S_IMODE(home.stat().st_mode) & stat.S_IWGRP:
            with SafeFolder(home) as folder:
                for name in ("evidence", "certificates"):
                    if folder.exists(name):
                        folder.chmod(name, sharing.GROUP.own_folder)
                        yield from _given(folder, name, _of_home)
    except OSError as error:
        raise layout.disk_error(error, store) from error
    finally:
        sharing.look_again()


class _Rules:
    """The modes that files and folders of the store should have."""

    def __init__(self, private: Private) -> None:
        self._private = private

    def mode(self, path: str, *, folder: bool) -> int:
        first, _, rest = path.partition("/")
        modes = sharing.GROUP
        if path == sharing.TAG:
            return modes.copy_file
        if first.startswith(".") or (not folder and not rest):
            arrives = first == layout.PARTIAL
            if arrives and self._private.under_way and rest.startswith(self._private.under_way):
                return modes.private_folder if folder else modes.private_file
            arriving = modes.copy_file if arrives else modes.own_file
            return modes.own_folder if folder else arriving
        private = any(path == one or path.startswith(f"{one}/") for one in self._private.folders)
        return modes.folder(private=private) if folder else modes.file(private=private)


def _of_home(_path: str, *, folder: bool) -> int:
    return sharing.GROUP.own_folder if folder else sharing.GROUP.private_file


def _given(store: SafeFolder, below: str, mode: Callable[..., int]) -> Iterator[str]:
    """Walk down; a link is no folder and has no mode of its own."""
    for name, found in store.scan(below):
        path = f"{below}/{name}" if below else name
        folder = stat.S_ISDIR(found.st_mode)
        if not folder and not stat.S_ISREG(found.st_mode):
            continue
        wanted = mode(path, folder=folder)
        others = os.geteuid() not in (0, found.st_uid)
        if others and folder and not wanted & stat.S_IRWXG and not found.st_mode & stat.S_IRWXO:
            continue  # a copy that its owner keeps, or has opened to its readers: nobody else has a say in it
        if stat.S_IMODE(found.st_mode) != wanted:
            if others:
                yield f"{store.root}/{path}"
                continue
            descriptor = store.list_descriptor(path) if folder else store.open(path, os.O_RDONLY)
            try:
                os.fchmod(descriptor, wanted)
            finally:
                os.close(descriptor)
        if folder:
            yield from _given(store, path, mode)


def _mark(store: SafeFolder) -> None:
    with store.file(sharing.TAG, os.O_RDWR | os.O_CREAT | os.O_APPEND, "rb+", sharing.GROUP.copy_file) as tag:
        text = tag.read()
        if sharing.MARK not in text:
            os.write(tag.fileno(), (b"" if text.endswith(b"\n") or not text else b"\n") + sharing.MARK)
            system.fsync(tag.fileno())
        os.fchmod(tag.fileno(), sharing.GROUP.copy_file)


def refuse_strangers(gid: int) -> None:
    """Raise `StoreError` where this account cannot give its files to a group, because it is not of it."""
    if os.geteuid() != 0 and gid not in (os.getegid(), *os.getgroups()):
        me, group = sharing.account(os.geteuid()), sharing.group_name(gid)
        raise StoreError(
            f"[readers] names the group {group}, and {me} is not of it: no copy can be opened to it",
            hint=f"an administrator would have to type: usermod -aG {group} {me}",
        )


def let_read(store: SafeFolder, root: str, paths: Iterable[str], gid: int) -> None:
    """Make the files of a private copy readable for a group; what belongs to others is left as it is."""
    folders = {root: None, root.partition("/")[0]: None}
    for path in paths:
        above = f"{root}/{path}".rpartition("/")[0]
        while above not in folders:
            folders[above] = None
            above = above.rpartition("/")[0]
        descriptor = store.open(f"{root}/{path}", os.O_RDONLY)
        _for_readers(descriptor, 0o640, gid)
    for folder in folders:
        _for_readers(store.list_descriptor(folder), 0o2750, gid)


def _for_readers(descriptor: int, mode: int, gid: int) -> None:
    try:
        found = os.fstat(descriptor)
        open_to_all = found.st_mode & stat.S_IXOTH  # a folder above that holds other parts, too
        if found.st_uid == os.geteuid() and not open_to_all:
            if found.st_gid != gid:
                os.fchown(descriptor, -1, gid)
            os.fchmod(descriptor, mode)
    finally:
        os.close(descriptor)
