"""Give a file its final name, complete or not at all.

The order, and no other: bytes in a temporary file on the same file system -> fsync of the file -> rename that
overwrites nothing -> fsync of the folder and of every new parent. Only then may a row be committed. Measured with
power cuts on ext4: "write, rename" left 47,413 of 63,981 final files corrupt, without the folder's fsync 10 were lost,
with it none.

Many files go in one group, so that the durable end (`durable`), the folder's fsync and the journal's commit are paid
once for all of them.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import secrets
import stat
from typing import TYPE_CHECKING, NamedTuple

from fetchers.errors import ContentError, FetchError
from fetchers.storage import layout
from fetchers.storage.link_errors import LinkInTheWayError
from fetchers.storage.partial import ownership
from fetchers.storage.publish import fsync
from fetchers.storage.safe_folder import NEW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from fetchers.storage.safe_folder import SafeFolder

_LARGE = 128 << 10  # bytes from which on it pays to let the disk begin at once
_run = secrets.token_hex(8)  # two interpreters may share a process id over time
_count = itertools.count()


class Piece(NamedTuple):
    """One file to be published: the temporary file that holds its bytes, and its final path.

    Both are relative to the store. `sha256` is of the whole content: where the final name is taken, it decides whether
    that is this very file. `size` is bytes, `mtime_ns` as the disk has it.
    """

    source: str
    target: str
    sha256: str
    size: int
    mtime_ns: int
    private: bool = False
    replace: bool = False


class Placed(NamedTuple):
    """What became of a piece: times and inode of what stands under its name now, or why it was refused.

    `ctime_ns` is taken after the rename, which counts as a change: what changes the file later moves it on.
    """

    piece: Piece
    mtime_ns: int = 0
    ctime_ns: int | None = None
    inode: int | None = None
    refused: FetchError | None = None


def publish(
    store: SafeFolder, pieces: Sequence[Piece], meanwhile: Callable[[], Iterable[Piece | ContentError]] | None = None
) -> list[Placed]:
    """Publish a group durably; raise `StoreError` for the disk, which leaves no wrong byte under a final name.

    A link where a folder should be is such an error, too, and so is a folder that was replaced meanwhile.

    `meanwhile` looks at the pieces while the disk is at work, and gives each back, or the reason why it gets no name.
    """
    judged: list[Piece | ContentError] = []
    judge = (lambda: judged.extend(meanwhile())) if meanwhile is not None else None
    try:
        fsync.sync_files(store, [piece.source for piece in pieces], sum(piece.size for piece in pieces), judge)
        store.forget()
        folders: set[str] = set()
        placed = [
            _place(store, found, folders) if isinstance(found, Piece) else _turned_away(store, piece, found)
            for piece, found in zip(pieces, judged or pieces, strict=True)
        ]
        for folder in folders:
            store.sync(folder)
    except OSError as error:
        raise layout.disk_error(error, store.root) from error
    return placed


def move(store: SafeFolder, names: Iterable[tuple[str, str]], *, private: bool) -> None:
    """Rename held files, durably; raise `StoreError` for the disk and for a name that is taken."""
    folders: set[str] = set()
    try:
        for source, target in names:
            folder = target.rpartition("/")[0]
            folders.update(store.make_all(folder, store.modes.folder(private=private)))
            store.rename(source, target, replace=False)
            folders |= {folder, source.rpartition("/")[0]}
        for folder in folders:
            store.sync(folder)
    except OSError as error:
        raise layout.disk_error(error, store.root) from error


def sha256_of(store: SafeFolder, path: str) -> str:
    """Return the SHA-256 of a regular file below the store, hexadecimal; raise `OSError`, also for a link."""
    with store.read(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # a buffered reader has it


def stage(store: SafeFolder, body: bytes | memoryview, *, private: bool) -> tuple[str, int]:
    """Write a small body to a temporary file; return its path relative to the store, and its `mtime_ns`.

    Raises `StoreError` for the disk.
    """
    path = f"{layout.PARTIAL}/{_run}-{next(_count)}.{ownership.me()}"
    mode = store.modes.file(private=private)
    try:
        descriptor = store.open(path, NEW, mode)
        try:
            written = os.write(descriptor, body)
            while written < len(body):
                written += os.write(descriptor, memoryview(body)[written:])
            if written >= _LARGE:
                fsync.begin(descriptor)
            found = os.fstat(descriptor)
            if stat.S_IMODE(found.st_mode) != mode:
                os.fchmod(descriptor, mode)  # the umask is the user's; the terms say who may read
            return path, found.st_mtime_ns
        finally:
            os.close(descriptor)
    except OSError as error:
        raise layout.disk_error(error, store.root) from error


def adopt_modes(store: SafeFolder, path: str, *, private: bool) -> int:
    """Set the mode of a temporary file to that of its final name; return its `mtime_ns`. Raises `StoreError`."""
    try:
        with store.read(path) as file:
            found, mode = os.fstat(file.fileno()), store.modes.file(private=private)
            if stat.S_IMODE(found.st_mode) != mode:
                os.fchmod(file.fileno(), mode)
            return found.st_mtime_ns
    except OSError as error:
        raise layout.disk_error(error, store.root) from error


def _turned_away(store: SafeFolder, piece: Piece, reason: ContentError) -> Placed:
    store.unlink(piece.source)
    return Placed(piece=piece, refused=reason)


def _place(store: SafeFolder, piece: Piece, folders: set[str]) -> Placed:
    folder = piece.target.rpartition("/")[0]
    try:
        if folder not in folders:
            folders.update(store.make_all(folder, store.modes.folder(private=piece.private)))
            folders.add(folder)
        store.rename(piece.source, piece.target, replace=piece.replace)
    except (FileExistsError, NotADirectoryError, IsADirectoryError):
        store.unlink(piece.source)
        refused = _taken(store, piece)
        if refused is not None:
            return Placed(piece=piece, refused=refused)
    found = store.stat(piece.target)
    return Placed(piece, found.st_mtime_ns, found.st_ctime_ns, inode_of(found))


def inode_of(found: os.stat_result) -> int:
    """Return the inode's number as the record can keep it: some file systems use all 64 bits."""
    return found.st_ino & 0x7FFF_FFFF_FFFF_FFFF


def _taken(store: SafeFolder, piece: Piece) -> FetchError | None:
    """Return why a taken name refuses the file; None if it is this very file."""
    try:
        if sha256_of(store, piece.target) == piece.sha256:
            return None
        found = "another file has this name already"
    except NotADirectoryError:
        found = "there is a file where its folder should be"
    except LinkInTheWayError as error:
        return layout.disk_error(error, store.root)
    except OSError:
        found = "something that is not a regular file has this name already"
    name = piece.target.rpartition("/")[2]
    return ContentError(
        f"{name}: {found}; it was kept, and the new one was refused",
        hint="compare them, then move yours away, or let it be replaced with --force",
    )
