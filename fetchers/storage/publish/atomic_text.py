"""Write a text as a file, whole or not at all: for a person (pages, calendars), or as an account in the home.

Written beside its place, made durable, then renamed; the folder is made durable, too. A symbolic link in the place of
the file is refused and stays. What is no file's place (a FIFO, a device, our own standard output) is written to as it
is.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from typing import TYPE_CHECKING

from fetchers import system
from fetchers.errors import StoreError
from fetchers.storage import layout
from fetchers.storage.link_errors import LinkInTheWayError
from fetchers.storage.safe_folder import NEW, SafeFolder

if TYPE_CHECKING:
    from pathlib import Path

_STDOUT = 1
_SYSTEMS = ("/dev/", "/proc/")  # where links are the system's own: /dev/stdout leads to /proc/self/fd/1


def write_text(path: Path, text: str) -> None:
    """Write `text` as UTF-8 to a file that a person named; its mode is what the umask leaves. Missing folders are made.

    Raises `StoreError` for the disk and for a link in the file's place.
    """
    try:
        stream = _stream(path)
        if stream is not None:
            with os.fdopen(stream, "w", encoding="utf-8", newline="") as file:
                file.write(text)
            return
        make_home(path.parent)
        with SafeFolder(path.parent) as folder:
            _publish(folder, path.name, text, None)
    except OSError as error:
        raise layout.disk_error(error, path) from error


def keep_text(home: Path, path: str, text: str, *, replace: bool = True, group: bool = False) -> None:
    """Write `text` to `path` below the home, in a private folder (0700), as a private file (0600).

    In a `group`'s home any member can add to the folder, and read the file (0640).

    Raises `StoreError` for the disk, for a link, and where `path` is taken and `replace` is not set.
    """
    folder = path.rpartition("/")[0]
    try:
        make_home(home)
        with SafeFolder(home) as opened:
            for above in opened.make_all(folder, 0o700) if folder else ():
                opened.sync(above)
                if group:
                    opened.chmod(folder, 0o2770)
            _publish(opened, path, text, 0o640 if group else 0o600, replace=replace)
    except FileExistsError as error:
        raise StoreError(f"{home / path} exists already and was left as it is", hint=f"ls -l {home / path}") from error
    except OSError as error:
        raise layout.disk_error(error, home / path) from error


def _stream(path: Path) -> int | None:
    """Open what can only be written to; None where a file may stand."""
    try:
        there = path.stat()
    except OSError as error:
        if path.is_symlink():
            raise _link(path) from error
        if isinstance(error, FileNotFoundError):
            return None
        raise
    if os.path.samestat(there, os.fstat(_STDOUT)):
        return os.dup(_STDOUT)  # opened anew it would begin at its start, and what is printed next would lie over it
    if path.is_symlink() and not str(path.absolute()).startswith(_SYSTEMS):
        raise _link(path)
    if stat.S_ISREG(there.st_mode) or stat.S_ISDIR(there.st_mode):
        return None
    return os.open(path, os.O_WRONLY | os.O_CLOEXEC | os.O_NOCTTY)


def _link(path: Path) -> LinkInTheWayError:
    return LinkInTheWayError(errno.ELOOP, "a symbolic link, which is not followed", str(path))


def _publish(folder: SafeFolder, path: str, text: str, mode: int | None, *, replace: bool = True) -> None:
    above, _, _ = path.rpartition("/")
    temporary = f"{above}/.{secrets.token_hex(8)}.tmp" if above else f".{secrets.token_hex(8)}.tmp"
    try:
        with folder.file(temporary, NEW, "wb", 0o666 if mode is None else mode) as file:
            if mode is not None:
                os.fchmod(file.fileno(), mode)  # how private the text is, is not the umask's to say
            file.write(text.encode())
            file.flush()
            system.fsync(file.fileno())
        folder.rename(temporary, path, replace=replace)
    finally:
        folder.unlink(temporary, missing_ok=True)
    folder.sync(above)


def make_home(folder: Path) -> None:
    """Make a home, or the folder of a person's file, with its parents; raise `OSError`.

    It and what lies above it may be reached by links: they are a person's word.
    """
    if folder.is_dir():
        return
    make_home(folder.parent)
    with SafeFolder(folder.parent) as above:
        above.make(folder.name, 0o777)
        above.sync("")
