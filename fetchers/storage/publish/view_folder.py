"""Make a folder of links or copies of held files, whole or not at all; the store is only read."""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import shutil
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal

from fetchers.errors import CatalogueError, StoreError
from fetchers.storage import layout

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fetchers.storage.safe_folder import SafeFolder

Link = Literal["hard", "sym", "copy", "reflink"]
LINKS: tuple[Link, ...] = ("hard", "sym", "copy", "reflink")
MARK = ".fetch-view.json"  # says that a folder is a view, and of what
_CLONE = 0x40049409  # FICLONE of linux/fs.h


class ViewFolder:
    """The folder while it is made; `add` puts a held file into it, `write` a text."""

    def __init__(self, root: Path, link: Link, stack: ExitStack) -> None:
        self._root = root
        self._stores: dict[str, SafeFolder] = {}
        self._link = link
        self._stack = stack

    def add(self, store: str, source: str, target: str) -> None:
        """Add the held file `source`, relative to its store, as `target`, relative to the folder."""
        opened = self._stores.get(store)
        if opened is None:
            opened = self._stores[store] = self._stack.enter_context(layout.opened(Path(store)))
        path = self._root / target
        path.parent.mkdir(parents=True, exist_ok=True)
        if self._link == "sym":
            opened.refuse_link(source)
            path.symlink_to(f"{opened.root}/{source}")
            return
        with opened.read(source) as file:
            if self._link == "hard":
                _link(file, path)
            else:
                self._copy(file, path)

    def write(self, target: str, text: str) -> None:
        """Write a text of the folder's own."""
        (self._root / target).parent.mkdir(parents=True, exist_ok=True)
        with (self._root / target).open("x", encoding="utf-8", newline="") as file:
            file.write(text)

    def _copy(self, file: BinaryIO, path: Path) -> None:
        with path.open("xb") as copy:
            try:
                fcntl.ioctl(copy.fileno(), _CLONE, file.fileno())
            except OSError as error:
                if self._link == "reflink":
                    raise OSError(errno.ENOTSUP, "the file system has no reflinks here", str(path)) from error
                shutil.copyfileobj(file, copy, 1 << 20)


def _link(file: BinaryIO, path: Path) -> None:
    """Link an open file to a second name; Python follows the kernel's link to it only with a folder's descriptor."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.link(f"/proc/self/fd/{file.fileno()}", path.name, dst_dir_fd=folder, follow_symlinks=True)
    finally:
        os.close(folder)


@contextmanager
def view_folder(to: Path, link: Link, *, private: bool) -> Iterator[ViewFolder]:
    """Make the folder under another name, and give it its own when the block ends; what fails leaves nothing.

    Raise `CatalogueError` for a folder that has something in it already, `StoreError` for the disk.
    """
    _refuse_taken(to)
    temporary = to.with_name(f".{to.name}.{secrets.token_hex(4)}.tmp")
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        temporary.mkdir(mode=0o700 if private else 0o777)
        try:
            with ExitStack() as stack:
                yield ViewFolder(temporary, link, stack)
            temporary.rename(to)
        finally:
            if temporary.exists():
                shutil.rmtree(temporary, ignore_errors=True)
    except OSError as error:
        if error.errno in (errno.EXDEV, errno.EPERM, errno.ENOTSUP):
            raise StoreError(
                f"{to}: no {link} links from the store to there: {error.strerror}", hint="--link sym, or --link copy"
            ) from error
        raise layout.disk_error(error, to) from error


def _refuse_taken(to: Path) -> None:
    if to.is_symlink() or (to.exists() and not to.is_dir()):
        raise CatalogueError(f"{to} is there already, and is no folder", hint="name another folder")
    if to.is_dir() and next(to.iterdir(), None) is not None:
        raise CatalogueError(f"{to} is not empty; a view is made in a new folder", hint=f"name another: --to {to}-2")
