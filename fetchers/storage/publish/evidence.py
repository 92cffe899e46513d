"""Copy documents that prove something into the home.

    <home>/evidence/<dataset>/<first 12 digits of its SHA-256>-<name>        0600, the folders 0700

The copy is whole and durable before the event that names it is recorded. It is never sent anywhere and never replaced:
the same document again is the same file.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
from typing import TYPE_CHECKING, BinaryIO

from fetchers import system
from fetchers.errors import CatalogueError
from fetchers.records import Evidence
from fetchers.storage import layout
from fetchers.storage.publish.atomic_text import make_home
from fetchers.storage.safe_folder import NEW, SafeFolder

if TYPE_CHECKING:
    from pathlib import Path

FOLDER = "evidence"
_CHUNK = 1 << 20
_LONGEST = 120  # bytes of a name; file systems end at 255
_DIGITS = 12


def check(file: Path) -> None:
    """Raise `CatalogueError` where there is no such document, so that nothing else is begun."""
    _open(file).close()


def keep(home: Path, dataset: str, file: Path, *, group: bool = False) -> Evidence:
    """Copy a document into the home; gives its path relative to the home, and its SHA-256.

    In a `group`'s home any member can add one; each stays with whom it belongs (0600).

    Raises `CatalogueError` where it is not there or is no regular file, `StoreError` for the disk.
    """
    folder = f"{FOLDER}/{layout.below(dataset, None)}"
    with _open(file) as source:
        try:
            make_home(home)
            with SafeFolder(home) as opened:
                for private in (FOLDER, folder):
                    made = opened.make(private, 0o700)
                    if made:
                        opened.sync(private.rpartition("/")[0])
                    if made or not group:
                        opened.chmod(private, 0o2770 if group else 0o700)
                return _copied(source, opened, folder, file.name)
        except OSError as error:
            raise layout.disk_error(error, home / folder) from error


def _open(file: Path) -> BinaryIO:
    try:
        source = os.fdopen(os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb")
    except OSError as error:
        raise CatalogueError(
            f"the evidence {file} cannot be read: {error.strerror}", hint="check the path; nothing was recorded"
        ) from error
    if not stat.S_ISREG(os.fstat(source.fileno()).st_mode):
        source.close()
        raise CatalogueError(f"the evidence {file} is no file", hint="name the document itself; nothing was recorded")
    return source


def _copied(source: BinaryIO, home: SafeFolder, folder: str, name: str) -> Evidence:
    temporary = f"{folder}/.{secrets.token_hex(8)}.tmp"
    digest = hashlib.sha256()
    try:
        with home.file(temporary, NEW, "wb", 0o600) as copy:
            while chunk := source.read(_CHUNK):
                digest.update(chunk)
                copy.write(chunk)
            copy.flush()
            system.fsync(copy.fileno())
        sha256 = digest.hexdigest()
        target = f"{folder}/{sha256[:_DIGITS]}-{_plain(name)}"
        if home.exists(target) and home.stat(target).st_uid != os.geteuid():
            target = f"{folder}/{sha256[:_DIGITS]}-{os.geteuid()}-{_plain(name)}"  # another member's copy stays
        home.rename(temporary, target, replace=True)
    finally:
        home.unlink(temporary, missing_ok=True)
    home.sync(folder)
    return Evidence(path=target, sha256=sha256)


def _plain(name: str) -> str:
    """Make a name that every file system bears and every terminal shows."""
    plain = "".join(sign if sign.isalnum() or sign in "-_. " else "_" for sign in name).strip(" .") or "document"
    encoded = plain.encode("utf-8", "replace")
    if len(encoded) <= _LONGEST:
        return encoded.decode()
    stem, dot, suffix = plain.rpartition(".")
    ending = f"{dot}{suffix}" if stem and len(suffix.encode()) < _DIGITS else ""
    room = _LONGEST - len(ending.encode())
    return encoded[:room].decode("utf-8", "ignore") + ending
