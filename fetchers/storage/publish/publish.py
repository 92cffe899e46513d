"""How does a file come under its final name, whole or not at all?

The order, and no other: bytes in a temporary file on the same file system -> fsync of the file -> rename that
overwrites nothing -> fsync of the folder and of every new parent. Only then may a row be committed. Measured with
power cuts on ext4: "write, rename" left 47,413 of 63,981 final files corrupt, without the folder's fsync 10 were lost,
with it none.

Many files go in one group, so that the durable end (`durable`), the folder's fsync and the journal's commit are paid
once for all of them.
"""

from __future__ import annotations

import ctypes
import errno
import hashlib
import itertools
import os
import secrets
import stat
from typing import TYPE_CHECKING, NamedTuple

from fetchers.errors import ContentError
from fetchers.storage import layout
from fetchers.storage.partial import ownership
from fetchers.storage.publish import fsync

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

_RENAME_NOREPLACE = 1  # linux/fs.h
_AT_FDCWD = -100  # linux/fcntl.h
_LARGE = 128 << 10  # bytes from which on it pays to let the disk begin at once
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
# PyDLL keeps the interpreter while it calls: for a rename of microseconds, giving it up and waiting for it again
# beside a busy thread cost more than the call.
_libc = ctypes.PyDLL(None, use_errno=True)
_run = secrets.token_hex(8)  # two interpreters may share a process id over time
_count = itertools.count()


class Piece(NamedTuple):
    """One file to be published: the temporary file that holds its bytes, and its final path.

    `sha256` is of the whole content: where the final name is taken, it decides whether that is this very file.
    `size` is bytes, `mtime_ns` as the disk has it. Paths are plain text: a run makes a hundred thousand of them.
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
    refused: ContentError | None = None


def publish(
    store: Path, pieces: Sequence[Piece], meanwhile: Callable[[], Iterable[Piece | ContentError]] | None = None
) -> list[Placed]:
    """Publish a group durably; raises `StoreError` for the disk, which leaves no wrong byte under a final name.

    `meanwhile` looks at the pieces while the disk is at work, and gives each back, or the reason why it gets no name.
    """
    judged: list[Piece | ContentError] = []
    judge = (lambda: judged.extend(meanwhile())) if meanwhile is not None else None
    try:
        fsync.sync_files([piece.source for piece in pieces], sum(piece.size for piece in pieces), judge)
        folders: set[str] = set()
        placed = [
            _place(store, found, folders) if isinstance(found, Piece) else _turned_away(piece, found)
            for piece, found in zip(pieces, judged or pieces, strict=True)
        ]
        for folder in folders:
            fsync.sync_folder(folder)
    except OSError as error:
        raise layout.disk_error(error, store) from error
    return placed


def move(store: Path, names: Iterable[tuple[str, str]], *, private: bool) -> None:
    """Give held files other names, durably; raises `StoreError` for the disk and for a name that is taken."""
    folders: set[str] = set()
    try:
        for source, target in names:
            folder = os.path.dirname(target)  # noqa: PTH120 - see `Piece`
            _make_folder(os.fspath(store), folder, private=private, folders=folders)
            rename(source, target, replace=False)
            folders |= {folder, os.path.dirname(source)}  # noqa: PTH120 - see `Piece`
        for folder in folders:
            fsync.sync_folder(folder)
    except OSError as error:
        raise layout.disk_error(error, store) from error


def sha256_of(path: str | Path) -> str:
    """SHA-256 of a file on the disk, hexadecimal; a link at `path` is not followed."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def stage(store: Path, body: bytes | memoryview, *, private: bool) -> tuple[str, int]:
    """Write a small body to a temporary file; give the file and its `mtime_ns`.

    Raises `StoreError` for the disk.
    """
    path = f"{store}/{layout.PARTIAL}/{_run}-{next(_count)}.{ownership.me()}"
    mode = 0o600 if private else 0o644
    try:
        descriptor = os.open(path, _NEW, mode)
        try:
            written = os.write(descriptor, body)
            while written < len(body):
                written += os.write(descriptor, memoryview(body)[written:])
            if written >= _LARGE:
                fsync.begin(descriptor)
            found = os.fstat(descriptor)
            if found.st_mode & 0o777 != mode:
                os.fchmod(descriptor, mode)  # the umask is the user's; the terms say who may read
            return path, found.st_mtime_ns
        finally:
            os.close(descriptor)
    except OSError as error:
        raise layout.disk_error(error, store) from error


def adopt_modes(path: Path, *, private: bool) -> int:
    """Give a temporary file the mode of its final name; give its `mtime_ns`. Raises `StoreError`."""
    try:
        path.chmod(0o600 if private else 0o644)
        return path.stat(follow_symlinks=False).st_mtime_ns
    except OSError as error:
        raise layout.disk_error(error, path) from error


def _turned_away(piece: Piece, reason: ContentError) -> Placed:
    os.unlink(piece.source)  # noqa: PTH108 - see `Piece`
    return Placed(piece=piece, refused=reason)


def _place(store: Path, piece: Piece, folders: set[str]) -> Placed:
    folder = os.path.dirname(piece.target)  # noqa: PTH120 - see `Piece`
    try:
        if folder not in folders:
            _make_folder(os.fspath(store), folder, private=piece.private, folders=folders)
            folders.add(folder)
        rename(piece.source, piece.target, replace=piece.replace)
    except (FileExistsError, NotADirectoryError, IsADirectoryError):
        os.unlink(piece.source)  # noqa: PTH108 - see `Piece`
        refused = _taken(piece)
        if refused is not None:
            return Placed(piece=piece, refused=refused)
    found = os.lstat(piece.target)
    return Placed(piece, found.st_mtime_ns, found.st_ctime_ns, inode_of(found))


def inode_of(found: os.stat_result) -> int:
    """Return the inode's number as the record can keep it: some file systems use all 64 bits."""
    return found.st_ino & 0x7FFF_FFFF_FFFF_FFFF


def _taken(piece: Piece) -> ContentError | None:
    """Say why a taken name refuses the piece; None where what stands there is this very file."""
    try:
        if sha256_of(piece.target) == piece.sha256:
            return None
        found = "another file stands under this name already"
    except NotADirectoryError:
        found = "a file stands where its folder should be"
    except OSError:
        found = "something that is no regular file stands under this name already"
    name = piece.target.rpartition("/")[2]
    return ContentError(
        f"{name}: {found}; it was left alone, the new one was not taken",
        hint="compare them, then move yours away, or let it be replaced with --force",
    )


def _make_folder(store: str, folder: str, *, private: bool, folders: set[str]) -> None:
    if folder in folders or folder == store or _is_folder(folder):
        return
    above = os.path.dirname(folder)  # noqa: PTH120 - see `Piece`
    _make_folder(store, above, private=private, folders=folders)
    try:
        os.mkdir(folder, 0o700 if private else 0o755)  # noqa: PTH102 - see `Piece`
    except FileExistsError:
        if not _is_folder(folder):
            raise
    else:
        folders.add(above)  # the new folder's own name must survive a power cut, too


def _is_folder(path: str) -> bool:
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except FileNotFoundError:
        return False


def rename(source: str, target: str, *, replace: bool) -> None:
    """Give a file its final name; raises `FileExistsError` for a taken one unless `replace`."""
    if replace:
        os.replace(source, target)  # noqa: PTH105 - see `Piece`
        return
    result = _libc.renameat2(_AT_FDCWD, os.fsencode(source), _AT_FDCWD, os.fsencode(target), _RENAME_NOREPLACE)
    if result == 0:
        return
    code = ctypes.get_errno()
    if code in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):
        # NFS and some FUSE file systems know no RENAME_NOREPLACE; a hard link refuses a taken name as well.
        os.link(source, target, follow_symlinks=False)
        os.unlink(source)  # noqa: PTH108 - see `Piece`
        return
    raise OSError(code, os.strerror(code), target)
