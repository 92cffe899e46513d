"""Reach what lies below a folder by descriptors, so that no symbolic link is followed and no path leads out of it.

The folder itself may be reached by a link (a store on another disk is). Below it every step is opened relative to the
folder before, as a folder and not through a link: by `openat2` with RESOLVE_BENEATH where the kernel has it, else
component by component. The descriptors of folders are kept, so links are looked for once per folder, not once per file.

Everything of ours that opens, renames or removes something in a store or a home goes through here; a test sees to it.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections import OrderedDict
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

from fetchers import system
from fetchers.storage.link_errors import LinkInTheWayError, OutsideError
from fetchers.storage.sharing import give_mode, modes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Self

    from fetchers.storage.sharing import Modes

_ONLY = system.path_only() or os.O_RDONLY
_PATH = _ONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_LIST = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL
_KEPT = 256  # descriptors of folders; a process may have 1,024 open


class SafeFolder:
    """An open folder; a context manager. Paths are relative to it, with `/`. Use it from one thread at a time."""

    def __init__(self, root: str | os.PathLike[str]) -> None:
        self.root = os.fspath(root)
        self._kept: OrderedDict[str, int] = OrderedDict()
        self._own = os.open(self.root, _ONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all descriptors."""
        self.forget()
        if self._own >= 0:
            os.close(self._own)
            self._own = -1

    def forget(self) -> None:
        """Close the cached folders: the next path is looked up anew."""
        while self._kept:
            os.close(self._kept.popitem()[1])

    def relative(self, path: str) -> str:
        """Return an absolute path below the root as seen from it; raise `OutsideError` for any other."""
        start = f"{self.root}/"
        if not path.startswith(start):
            raise OutsideError(errno.EXDEV, "it does not lie below the folder", path)
        return path[len(start) :]

    @property
    def modes(self) -> Modes:
        """The modes of what is made here, if it is a store."""
        return modes(self.root)

    # --- folders

    def at(self, folder: str) -> int:
        """Return the descriptor of a folder below, which stays ours; only good for calls with `dir_fd`."""
        if not folder:
            return self._own
        found = self._kept.get(folder)
        if found is not None:
            self._kept.move_to_end(folder)
            return found
        found = self._resolved(folder)
        self._kept[folder] = found
        if len(self._kept) > _KEPT:
            os.close(self._kept.popitem(last=False)[1])
        return found

    def make(self, folder: str, mode: int = 0o755) -> bool:
        """Make a folder whose parent is there; return whether it was made now. In a shared store no umask counts."""
        above, name = self._split(folder)
        try:
            os.mkdir(name, mode & 0o777, dir_fd=above)
        except FileExistsError:
            self.at(folder)  # a folder, and no link
            return False
        if self.modes.shared:
            self.chmod(folder, mode)
        return True

    def make_all(self, folder: str, mode: int = 0o755) -> list[str]:
        """Make a folder with its parents; return the folders that got a new name in them, to be synced."""
        try:
            self.at(folder)
        except FileNotFoundError:
            above = folder.rpartition("/")[0]
            changed = self.make_all(above, mode) if above else []
            return [*changed, above] if self.make(folder, mode) else changed
        return []

    def sync(self, folder: str) -> None:
        """Make durable which names a folder holds. Raises `OSError`, also where another one bears its name by now."""
        fresh = os.open(".", _LIST, dir_fd=self._own) if not folder else self._resolved(folder, _LIST)
        try:
            if not os.path.samestat(os.fstat(fresh), os.fstat(self.at(folder))):
                raise OSError(errno.ESTALE, "the folder was replaced while it was written to", self._full(folder))
            sync_descriptor(fresh)
        finally:
            os.close(fresh)

    def scan(self, folder: str) -> list[tuple[str, os.stat_result]]:
        """Return what lies in a folder, by name, each with its own state; what is gone meanwhile is left out."""
        found = []
        descriptor = self.list_descriptor(folder)
        try:
            for name in sorted(os.listdir(descriptor)):  # noqa: PTH208 - of what is open, not of a name
                with suppress(FileNotFoundError):
                    found.append((name, os.stat(name, dir_fd=descriptor, follow_symlinks=False)))
        finally:
            os.close(descriptor)
        return found

    def list_descriptor(self, folder: str) -> int:
        """Return a new descriptor of a folder, for `os.scandir`; the caller closes it."""
        return os.open(".", _LIST, dir_fd=self.at(folder))

    def walk_up(self, folder: str) -> Iterator[str]:
        """Yield every folder below `folder`, the deepest first, itself last; links are no folders."""
        for name, found in self.scan(folder):
            if stat.S_ISDIR(found.st_mode):
                yield from self.walk_up(f"{folder}/{name}" if folder else name)
        yield folder

    def chmod(self, folder: str, mode: int) -> None:
        """Set the mode of a folder, whatever the umask says."""
        descriptor = self.list_descriptor(folder)
        try:
            os.fchmod(descriptor, mode)
        finally:
            os.close(descriptor)

    # --- files

    def open(self, path: str, flags: int = os.O_RDONLY, mode: int = 0o600) -> int:
        """Open a file; a link in its place or above it raises `LinkInTheWayError`. A pipe does not block."""
        above, name = self._split(path)
        try:
            descriptor = os.open(name, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, mode, dir_fd=above)
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.EEXIST, errno.EMLINK) and self._is_link(name, above):
                raise self._link(path) from error
            error.filename = self._full(path)
            raise
        if flags & os.O_CREAT and self.modes.shared:
            give_mode(descriptor, mode)
        return descriptor

    def read(self, path: str) -> BinaryIO:
        """Open a regular file to be read; anything else in its place raises `OSError`."""
        return self.file(path, os.O_RDONLY, "rb")

    def file(self, path: str, flags: int, how: str, mode: int = 0o600) -> BinaryIO:
        """Open a regular file as Python has files; anything else in its place raises `OSError`."""
        descriptor = self.open(path, flags, mode)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise OSError(errno.EINVAL, "there is something else in its place, not a regular file", self._full(path))
        opened: BinaryIO = os.fdopen(descriptor, how)  # type: ignore[assignment]  # the mode is binary
        return opened

    def stat(self, path: str) -> os.stat_result:
        """Return the state of what bears the name itself, a link's own."""
        above, name = self._split(path)
        return os.stat(name, dir_fd=above, follow_symlinks=False)

    def within(self, folder: str) -> Callable[[str], os.stat_result]:
        """Return what tells the state of a name in a folder, a link's own; good until another folder is asked for."""
        return partial(os.stat, dir_fd=self.at(folder), follow_symlinks=False)

    def refuse_link(self, path: str) -> None:
        """Raise `LinkInTheWayError` for a link that bears the name, or stands above it; else what `stat` raises."""
        if stat.S_ISLNK(self.stat(path).st_mode):
            raise self._link(path)

    def exists(self, path: str) -> bool:
        """Return True if anything bears the name, be it a dangling link; raise `LinkInTheWayError` for one above."""
        try:
            self.stat(path)
        except LinkInTheWayError:
            raise
        except OSError:
            return False
        return True

    def nothing_at(self, path: str) -> bool:
        """Return True if nothing bears the name, not even a dangling link; raise `OSError` for a folder on the way.

        Asked before each file of a download: a look that fails costs no exception here.
        """
        above, name = self._split(path)
        return system.nothing_at(name, above)

    def rename(self, source: str, target: str, *, replace: bool) -> None:
        """Rename a file; raise `FileExistsError` for a taken one unless `replace`.

        A link that bears the new name raises `LinkInTheWayError`, and stays.
        """
        from_, name = self._split(source)
        to, new = self._split(target)
        if replace:
            if self._is_link(new, to):
                raise self._link(target)
            os.replace(name, new, src_dir_fd=from_, dst_dir_fd=to)
            return
        system.rename_exclusive(name, new, from_, to, self._full(target))

    def link(self, descriptor: int, target: str, source: str | os.PathLike[str]) -> None:
        """Link an open file to a second name: this very file, even if `source` names another one by now."""
        above, name = self._split(target)
        system.link_open(descriptor, os.fspath(source), name, above)

    def unlink(self, path: str, *, missing_ok: bool = False) -> None:
        """Remove a file's name; of a link the link."""
        try:
            above, name = self._split(path)
            os.unlink(name, dir_fd=above)
        except FileNotFoundError:
            if not missing_ok:
                raise

    def rmdir(self, folder: str) -> None:
        """Remove an empty folder."""
        above, name = self._split(folder)
        self._drop(folder)
        os.rmdir(name, dir_fd=above)

    def remove_tree(self, path: str) -> None:
        """Remove a folder with all that is in it, as well as may be; links in it are removed, not followed."""
        with suppress(OSError):
            above, name = self._split(path)
            self._drop(path)
            if stat.S_ISDIR(os.stat(name, dir_fd=above, follow_symlinks=False).st_mode):
                shutil.rmtree(name, ignore_errors=True, dir_fd=above)
            else:
                os.unlink(name, dir_fd=above)

    # --- inside

    def _split(self, path: str) -> tuple[int, str]:
        folder, _, name = path.rpartition("/")
        if name in ("", ".", "..") or path[0] == "/":
            raise OutsideError(errno.EXDEV, "the path leads out of its folder", path)
        return self.at(folder), name

    def _drop(self, folder: str) -> None:
        """Forget a folder that goes, and what lies below it."""
        for kept in [one for one in self._kept if one == folder or one.startswith(f"{folder}/")]:
            os.close(self._kept.pop(kept))

    def _resolved(self, folder: str, flags: int = _PATH) -> int:
        """Open a folder below, by no link; the caller owns the descriptor."""
        parts = folder.split("/")
        if not {"", ".", ".."}.isdisjoint(parts):
            raise OutsideError(errno.EXDEV, "the path leads out of its folder", folder)
        above, _, name = folder.rpartition("/")
        if above in self._kept or not above:
            return self._step(self.at(above), name, folder, flags)
        descriptor = system.open_beneath(self._own, folder, flags)
        if descriptor is not None:
            return descriptor
        here = os.dup(self._own)
        try:
            for number, part in enumerate(parts, 1):
                last = number == len(parts)
                below = self._step(here, part, "/".join(parts[:number]), flags if last else _PATH)
                os.close(here)
                here = below
        except BaseException:
            os.close(here)
            raise
        return here

    def _step(self, above: int, name: str, path: str, flags: int) -> int:
        try:
            return os.open(name, flags, dir_fd=above)
        except OSError as error:
            if error.errno in (errno.ENOTDIR, errno.ELOOP) and self._is_link(name, above):
                raise self._link(path) from error
            error.filename = self._full(path)
            raise

    @staticmethod
    def _is_link(name: str, above: int) -> bool:
        try:
            return stat.S_ISLNK(os.stat(name, dir_fd=above, follow_symlinks=False).st_mode)
        except OSError:
            return False

    def _link(self, path: str) -> LinkInTheWayError:
        return LinkInTheWayError(errno.ELOOP, "a symbolic link, which is not followed", self._full(path))

    def _full(self, path: str) -> str:
        return f"{self.root}/{path}" if path else self.root


def sync_descriptor(descriptor: int) -> None:
    """Make durable which names an open folder holds; raise `OSError`."""
    try:
        system.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:  # a few network file systems cannot; there it is durable already
            raise
