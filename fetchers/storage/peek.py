"""What is inside an archive that lies somewhere on this machine?

Members of zip and tar files are read as a stream: nothing is unpacked to the disk, nothing kept in memory beyond a
chunk, and what unpacks to far more than it is, is left after `LIMIT` bytes. Links, devices and encrypted members are
passed over. One level deep: an archive within an archive is a member like any other.
"""

from __future__ import annotations

import lzma
import tarfile
import zipfile
import zlib
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LIMIT = 1 << 40  # bytes unpacked from one archive: more than any archive of the listed sources holds
_MEMBERS = 5_000_000
TROUBLE = (
    OSError,
    EOFError,
    ValueError,
    RuntimeError,  # NotImplementedError is one: a method of packing that zipfile does not know
    KeyError,
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
)


@dataclass(frozen=True, slots=True)
class Member:
    """One regular file in an archive. `open` gives its bytes and may be called until the next member is asked for."""

    name: str
    size: int
    open: Callable[[], IO[bytes]]


class Unreadable(Exception):  # noqa: N818 - it says what the archive is; callers turn it into a finding
    """The archive cannot be read, or not further; the text says why."""


def members(archive: IO[bytes], name: str) -> Iterator[Member]:
    """Yield the regular files in an archive; raises `Unreadable` where it ends badly, after what could be read."""
    try:
        if name.lower().endswith(".zip"):
            yield from _of_zip(archive)
        else:
            yield from _of_tar(archive)
    except TROUBLE as error:
        raise Unreadable(f"{type(error).__name__}: {error}") from error


def _of_zip(file: IO[bytes]) -> Iterator[Member]:
    with zipfile.ZipFile(file) as archive:
        total = 0
        for number, info in enumerate(archive.infolist()):
            total += info.file_size
            if number >= _MEMBERS or total > LIMIT:
                raise Unreadable(f"more than {_MEMBERS} members or {LIMIT} bytes; the rest was not looked at")
            if not info.is_dir() and not info.flag_bits & 1:  # bit 0: encrypted
                yield Member(info.filename, info.file_size, lambda info=info: archive.open(info))  # type: ignore[misc]  # the default binds this member


def _of_tar(file: IO[bytes]) -> Iterator[Member]:
    with tarfile.open(fileobj=file, mode="r|*") as archive:  # a stream: no seeking back, so no second unpacking
        total = 0
        for number, info in enumerate(archive):
            total += info.size
            if number >= _MEMBERS or total > LIMIT:
                raise Unreadable(f"more than {_MEMBERS} members or {LIMIT} bytes; the rest was not looked at")
            if info.isreg():
                yield Member(info.name, info.size, lambda info=info: _opened(archive, info))  # type: ignore[misc]  # the same


def _opened(archive: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    opened = archive.extractfile(info)
    if opened is None:
        raise Unreadable(f"{info.name}: no bytes to read")
    return opened
