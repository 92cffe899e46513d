"""Find and open the files that a person wants to have taken in, without following a link that was not asked for.

A named folder may be reached by a link: it is the person's word. Below it every step is by descriptor, so that what is
read and, with `--move`, removed is the file that was found, whatever bears its name by then.
"""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from fetchers.storage.safe_folder import SafeFolder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_GIT = ".git"


class SourceFile(NamedTuple):
    """One file on its way in: `name` below `folder`, where it lies, and `path`, the name that it will have.

    `identity` is device and inode. `followed` says that `name` is a link, of whose target a copy is taken.
    """

    folder: Path
    name: str
    path: str
    size: int
    identity: tuple[int, int]
    followed: bool = False

    @property
    def source(self) -> Path:
        """Return where it lies."""
        return self.folder / self.name


class SourceWalk:
    """Finds the regular files of what a person names.

    What is no file is told to `left_out` with its path and the reason, what cannot be read to `unreadable`.
    """

    def __init__(
        self,
        *,
        follow: bool,
        left_out: Callable[[str, str], object],
        unreadable: Callable[[str, OSError], object],
    ) -> None:
        self._follow = follow
        self._left_out = left_out
        self._unreadable = unreadable

    def files(self, named: Path) -> Iterator[SourceFile]:
        """Yield the regular files of `named`, a file or a folder, in order; `path` is relative to it."""
        single = not named.is_dir()
        root = named.parent if single else named
        try:
            with SafeFolder(root) as folder:
                if single:
                    yield from self._entry(root, named.name, folder.stat(named.name))
                else:
                    yield from self._inside(folder, root, "")
        except OSError as error:
            self._unreadable(named.name, error)

    def _inside(self, folder: SafeFolder, root: Path, below: str) -> Iterator[SourceFile]:
        try:
            entries = folder.scan(below)
        except OSError as error:
            self._unreadable(below or root.name, error)
            return
        folders = []
        for name, found in entries:
            path = f"{below}/{name}" if below else name
            if not stat.S_ISDIR(found.st_mode):
                yield from self._entry(root, path, found)
            elif self._follow and name == _GIT:
                self._left_out(path, "git's own folder: with --follow the files come in by the links that lead into it")
            else:
                folders.append(path)
        for path in folders:
            yield from self._inside(folder, root, path)

    def _entry(self, root: Path, path: str, found: os.stat_result) -> Iterator[SourceFile]:
        if stat.S_ISREG(found.st_mode):
            yield SourceFile(root, path, path, found.st_size, _identity(found))
        elif not stat.S_ISLNK(found.st_mode):
            self._left_out(path, "a device or a pipe is not taken in")
        elif not self._follow:
            self._left_out(path, "a symbolic link is not taken in; --follow takes a copy of the file that it leads to")
        else:
            try:
                target = (root / path).stat()
            except OSError as error:
                self._unreadable(path, error)
                return
            if stat.S_ISREG(target.st_mode):
                yield SourceFile(root, path, path, target.st_size, _identity(target), followed=True)
            else:
                self._left_out(path, "a link to what is no regular file is not taken in")


def opened(item: SourceFile) -> BinaryIO:
    """Open the very file that was found, to be read; raise `OSError`, also where another one bears its name now."""
    if item.followed:
        target = item.source.resolve(strict=True)
        with SafeFolder(target.parent) as folder:
            return _checked(folder.read(target.name), item)
    with SafeFolder(item.folder) as folder:
        return _checked(folder.read(item.name), item)


def remove(item: SourceFile) -> None:
    """Remove the file that was found; a link stays, and so does another file under its name. Raises `OSError`."""
    with SafeFolder(item.folder) as folder:
        try:
            found = folder.stat(item.name)
        except FileNotFoundError:  # it may have been named twice
            return
        if item.followed or _identity(found) != item.identity:
            raise OSError(errno.ESTALE, "another file bears its name now", str(item.source))
        folder.unlink(item.name)


def _identity(found: os.stat_result) -> tuple[int, int]:
    return found.st_dev, found.st_ino


def _checked(file: BinaryIO, item: SourceFile) -> BinaryIO:
    if _identity(os.fstat(file.fileno())) != item.identity:
        file.close()
        raise OSError(errno.ESTALE, "another file bears its name now", str(item.source))
    return file
