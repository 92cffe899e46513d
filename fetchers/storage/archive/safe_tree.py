"""Write an archive's members below one folder, where no name and no link can lead out.

Regular files and folders only, each opened relative to its folder's descriptor, without following links and without
overwriting. `tarfile.extractall(filter="data")` was bypassed in 2025 and twice in 2026, and Debian's Python 3.11.2 has
no filter at all; so nothing here calls `extractall`.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
from collections import OrderedDict
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from fetchers.records import HEAD
from fetchers.storage import layout
from fetchers.storage.archive.refusal import refuse
from fetchers.storage.safe_folder import SafeFolder
from fetchers.storage.sharing import give_mode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

_CHUNK = 1 << 20
_TWINS = 1000
_FOLDERS_OPEN = 64
_FOLDER = b"folder"


class Member(NamedTuple):
    """One member as it lies in the tree; `head` are its first bytes. `skipped` says why it was left out.

    `renamed` says why it has another name than in the archive, `guessed` in which encoding its name was read by guess.
    """

    path: str
    size: int = 0
    sha256: str = ""
    head: bytes = b""
    skipped: str | None = None
    md5: str | None = None
    mtime_ns: int = 0
    renamed: str | None = None
    guessed: str | None = None


class Tree:
    """A private folder that an archive is unpacked into; below `store` no link is followed on the way to it."""

    def __init__(
        self, root: Path, *, private: bool, fold: Callable[[str], str], hashes: bool = False, store: Path | None = None
    ) -> None:
        self._root = root
        self._private = private
        self._fold = fold
        self._hashes = hashes
        self._open: OrderedDict[str, int] = OrderedDict()
        self._taken: dict[str, tuple[str, bytes]] = {}  # folded name -> name, SHA-256 of the file
        try:
            with SafeFolder(store or root.parent.parent) as above:
                path = above.relative(os.fspath(root))
                self._modes = above.modes
                _, folder_mode = self._modes.under_way(private=private)
                above.make_all(path.rpartition("/")[0], folder_mode)
                if not above.make(path, folder_mode):
                    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path)
                self._open[""] = above.list_descriptor(path)
        except OSError as error:
            raise layout.disk_error(error, root) from error

    def read(self, path: str) -> bytes:
        """Return the bytes of a file that was written."""
        folder, _, name = path.rpartition("/")
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(name, flags, dir_fd=self._folder(folder)), "rb") as file:
            return file.read()

    def close(self) -> None:
        """Close the folders."""
        for descriptor in self._open.values():
            os.close(descriptor)
        self._open.clear()

    def write(self, path: str, chunks: Iterable[bytes]) -> Member:
        """Write one file.

        Where its name is taken, however it is spelt, the same bytes are skipped and others refused: raises
        `ContentError`.
        """
        key = self._fold(path)
        if key in self._taken:
            return self._again(key, path, chunks)
        return self._new(key, path, chunks)

    def copy(self, path: str, earlier: str) -> Member | None:
        """Write a copy of a file that was written under the name `earlier`; None where none was."""
        there = self._taken.get(self._fold(earlier))
        if there is None or there[0] != earlier or there[1] in (b"", _FOLDER):
            return None
        with self.opened(earlier) as file:
            return self.write(path, iter(lambda: file.read(_CHUNK), b""))

    def opened(self, path: str) -> BinaryIO:
        """Open a file that was written; raise `StoreError`."""
        folder, _, name = path.rpartition("/")
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            return os.fdopen(os.open(name, flags, dir_fd=self._folder(folder)), "rb")
        except OSError as error:
            raise layout.disk_error(error, self._root) from error

    def _new(self, key: str, path: str, chunks: Iterable[bytes]) -> Member:
        folder, _, name = path.rpartition("/")
        sha, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False) if self._hashes else None
        size, head = 0, b""
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            mode = self._modes.file(private=self._private)
            descriptor = os.open(name, flags, mode, dir_fd=self._folder(folder))
            if self._modes.shared:
                give_mode(descriptor, mode)
        except OSError as error:
            raise layout.disk_error(error, self._root) from error
        try:
            for chunk in chunks:
                sha.update(chunk)
                if md5 is not None:
                    md5.update(chunk)
                if len(head) < HEAD:
                    head += chunk[: HEAD - len(head)]
                size += len(chunk)
                self._put(descriptor, chunk)
            mtime = os.fstat(descriptor).st_mtime_ns
        finally:
            os.close(descriptor)
        self._taken[key] = (path, sha.digest())
        return Member(
            path=path,
            size=size,
            sha256=sha.hexdigest(),
            head=head,
            md5=md5.hexdigest() if md5 else None,
            mtime_ns=mtime,
        )

    def folder(self, path: str) -> None:
        """Make a folder that the archive names."""
        try:
            self._folder(path)
        except OSError as error:
            raise layout.disk_error(error, self._root) from error

    def leave_out(self, path: str) -> None:
        """Hold the name of what is not made: nothing else may bear it, or lie below it."""
        key = self._fold(path)
        if key in self._taken:
            raise refuse(f"the archive names {path!r} twice, once for what is no file")
        self._taken[key] = (path, b"")

    def _put(self, descriptor: int, chunk: bytes) -> None:
        written = 0
        try:
            while written < len(chunk):
                written += os.write(descriptor, chunk[written:] if written else chunk)
        except OSError as error:
            raise layout.disk_error(error, self._root) from error

    def _again(self, key: str, path: str, chunks: Iterable[bytes]) -> Member:
        """Pass over the same bytes once more; hold others apart where only some systems take the names for one."""
        earlier, digest = self._taken[key]
        if earlier != path and digest not in (b"", _FOLDER):
            return self._twin(path, earlier, chunks)
        sha = hashlib.sha256()
        for chunk in chunks if digest else ():
            sha.update(chunk)
        if sha.digest() != digest:
            raise refuse(f"the archive names {path!r} twice")
        return Member(path=path, skipped="named twice, with the same bytes: held once")

    def _twin(self, path: str, earlier: str, chunks: Iterable[bytes]) -> Member:
        folder, slash, name = path.rpartition("/")
        head, dot, ending = name.partition(".") if not name.startswith(".") else (name, "", "")
        names = (f"{folder}{slash}{head}~{number}{dot}{ending}" for number in range(2, _TWINS))
        other = next((one for one in names if self._fold(one) not in self._taken), None)
        if other is None:
            raise refuse(f"the archive names {path!r} and many more that are one name for some file systems")
        made = self._new(self._fold(other), other, chunks)
        why = f"held under this name, not as {path!r}: many systems take {earlier!r} for the same"
        return made._replace(renamed=why)

    def _folder(self, path: str) -> int:
        found = self._open.get(path)
        if found is not None:
            self._open.move_to_end(path)
            return found
        parent, _, name = path.rpartition("/")
        above = self._folder(parent)
        earlier, digest = self._taken.setdefault(self._fold(path), (path, _FOLDER))
        if digest != _FOLDER:
            raise refuse(f"{path!r} is both a folder and something else in the archive")
        if earlier != path:
            raise refuse(f"the folder {path!r} differs from {earlier!r} only in spelling")
        mode, made = self._modes.folder(private=self._private), False
        with contextlib.suppress(FileExistsError):
            os.mkdir(name, mode & 0o777, dir_fd=above)
            made = True
        descriptor = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=above)
        if made and self._modes.shared:
            give_mode(descriptor, mode)
        self._open[path] = descriptor
        if len(self._open) > _FOLDERS_OPEN:
            oldest = next(one for one in self._open if one and not path.startswith(f"{one}/") and one != path)
            os.close(self._open.pop(oldest))
        return descriptor


def remove_tree(path: Path) -> None:
    """Remove what was unpacked; a link in it is removed, not followed."""
    with contextlib.suppress(OSError), SafeFolder(path.parent) as above:
        above.remove_tree(path.name)
