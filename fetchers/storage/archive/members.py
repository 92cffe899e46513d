"""List and read what is inside an archive outside the store.

Members of zip and tar files are read as a stream, by the same bounded readers that unpack one: nothing is unpacked to
the disk, nothing kept in memory beyond a chunk, and what unpacks to far more than it is, is left. Links, devices and
encrypted members are skipped. One level deep: an archive within an archive is a member like any other.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from fetchers.errors import ContentError
from fetchers.storage.archive.concat import Pieces
from fetchers.storage.archive.decompress import Plain, inflated
from fetchers.storage.archive.tar_entries import Tar
from fetchers.storage.archive.zip_entries import LOCAL, METHODS, Entry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LIMIT = 1 << 40  # bytes unpacked from one archive: more than any archive of the listed sources holds
_MEMBERS = 5_000_000
_RATIO, _HARMLESS = 200, 10 << 20  # a look at a stranger's archive is to be short
_BUFFER = 1 << 16
_PACKED = {b"\x1f\x8b": "gzip", b"BZ": "bz2", b"\xfd7": "xz", b"\x28\xb5": "zstd"}
TROUBLE = (
    OSError,
    EOFError,
    ValueError,
    RuntimeError,  # NotImplementedError is one
    LookupError,  # `zipfile` reads the last sign of a name that has none
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
    ContentError,
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
    """Yield the regular files in an archive; raise `Unreadable` where it ends badly, after what could be read."""
    try:
        if name.lower().endswith(".zip"):
            yield from _of_zip(archive)
        else:
            yield from _of_tar(Pieces([archive]))
    except ContentError as error:
        raise Unreadable(error.what) from error
    except TROUBLE as error:
        raise Unreadable(f"{type(error).__name__}: {error}") from error


def _of_zip(file: IO[bytes]) -> Iterator[Member]:
    pieces = Pieces([file])
    with zipfile.ZipFile(file) as archive:
        total = 0
        for number, info in enumerate(archive.infolist()):
            total += info.file_size
            if number >= _MEMBERS or total > LIMIT:
                raise Unreadable(f"more than {_MEMBERS} members or {LIMIT} bytes; the rest was not looked at")
            if not info.is_dir() and not info.flag_bits & 1:  # bit 0: encrypted
                yield Member(info.filename, info.file_size, lambda info=info: _entry(pieces, info))  # type: ignore[misc]  # the default binds this member


def _entry(pieces: Pieces, info: zipfile.ZipInfo) -> IO[bytes]:
    """Open a zip's entry. `ZipFile.open` would give a few packed bytes all the memory that they ask for."""
    if info.compress_type not in METHODS:
        raise Unreadable(f"{info.filename}: packed by method {info.compress_type}, which is not known here")
    local = LOCAL.unpack(pieces.at(info.header_offset, LOCAL.size))
    return _stream(
        inflated(
            pieces,
            Entry(
                name=info.filename,
                method=info.compress_type,
                crc=info.CRC,
                packed=info.compress_size,
                size=info.file_size,
                data=info.header_offset + LOCAL.size + local[-2] + local[-1],
                mode=0,
                folder=False,
            ),
        )
    )


def _of_tar(pieces: Pieces) -> Iterator[Member]:
    kind = _PACKED.get(pieces.at(0, 2), "tar")
    tar, total = Tar(Plain(pieces, kind, longest=min(LIMIT, max(_RATIO * pieces.size, _HARMLESS)))), 0
    for number, item in enumerate(tar):
        total += item.size
        if number >= _MEMBERS or total > LIMIT:
            raise Unreadable(f"more than {_MEMBERS} members or {LIMIT} bytes; the rest was not looked at")
        if item.kind == "file":
            yield Member(item.name, item.size, lambda: _stream(tar.body()))


def _stream(chunks: Iterator[bytes]) -> IO[bytes]:
    return io.BufferedReader(_Chunks(chunks), _BUFFER)


class _Chunks(io.RawIOBase):
    """Chunks, to be read as a file."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        super().__init__()
        self._chunks = chunks
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: object) -> int:
        """Fill `buffer` from the chunk that is under way, or from the next one."""
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]  # whatever has a buffer
        self._ready = self._ready or memoryview(next(self._chunks, b""))
        count = min(len(view), len(self._ready))
        view[:count], self._ready = self._ready[:count], self._ready[count:]
        return count
