"""How does a text come onto the disk, whole or not at all?

Written beside its place, made durable, then renamed; the folder is made durable, too. A symbolic link stays, and what
it leads to is replaced. What is no file's place (a FIFO, a device, our own standard output) is written to as it is.
"""

from __future__ import annotations

import os
import secrets
import stat
from typing import TYPE_CHECKING

from fetchers.errors import StoreError
from fetchers.storage import layout
from fetchers.storage.publish.fsync import sync_folder

if TYPE_CHECKING:
    from pathlib import Path

_STDOUT = 1


def write_text(path: Path, text: str, mode: int = 0o644, *, replace: bool = True) -> None:
    """Write `text` as UTF-8; missing folders are made (0700 where the file is private).

    Raises `StoreError` for the disk, also where `path` is taken and `replace` is not set.
    """
    try:
        stream = _stream(path) if replace else None
        if stream is not None:
            with os.fdopen(stream, "w", encoding="utf-8", newline="") as file:
                file.write(text)
            return
        if replace and path.is_symlink():
            path = path.resolve()
    except OSError as error:
        raise layout.disk_error(error, path) from error
    _publish(path, text, mode, replace=replace)


def _stream(path: Path) -> int | None:
    """Open what can only be written to; None where a file may stand."""
    try:
        there = path.stat()
    except FileNotFoundError:
        return None
    if os.path.samestat(there, os.fstat(_STDOUT)):
        return os.dup(_STDOUT)  # opened anew it would begin at its start, and what is printed next would lie over it
    if stat.S_ISREG(there.st_mode) or stat.S_ISDIR(there.st_mode):
        return None
    return os.open(path, os.O_WRONLY | os.O_CLOEXEC | os.O_NOCTTY)


def _publish(path: Path, text: str, mode: int, *, replace: bool) -> None:
    temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        make_folder(path.parent, private=not mode & 0o077)
        try:
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
                os.fchmod(descriptor, mode)  # the umask is the user's; how private the text is, is ours to say
                file.write(text)
                file.flush()
                os.fsync(descriptor)
            if replace:
                temporary.replace(path)
            else:
                os.link(temporary, path)  # refuses a taken name, which a rename does not
        finally:
            temporary.unlink(missing_ok=True)
        sync_folder(path.parent)
    except FileExistsError as error:
        raise StoreError(f"{path} is there already, and was left alone", hint="move it away first") from error
    except OSError as error:
        raise layout.disk_error(error, path) from error


def make_folder(folder: Path, *, private: bool) -> None:
    """Make a folder with its parents; raises `OSError`, also where something else bears the name."""
    if folder.is_dir():
        return
    make_folder(folder.parent, private=False)
    try:
        folder.mkdir(mode=0o700 if private else 0o777)
    except FileExistsError:
        if not folder.is_dir():
            raise
    sync_folder(folder.parent)
