"""Look inside a file that is packed by itself (gzip, bzip2, xz): its first bytes, its size and its hash."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import lzma
import zlib
from typing import IO, TYPE_CHECKING, NamedTuple

from fetchers.records import HEAD

if TYPE_CHECKING:
    from collections.abc import Callable

_PACKED = (b"\x1f\x8b", b"BZ", b"\xfd7")
_CHUNK = 1 << 20
TROUBLE = (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError)


class Inside(NamedTuple):
    """`head` is the first 64 KiB; `sha256` is None where more came out than was asked for."""

    head: bytes
    size: int
    sha256: str | None


def is_packed(head: bytes) -> bool:
    """Return True for a file that begins like one that is packed by itself."""
    return head[:2] in _PACKED


def inside(file: IO[bytes], head: bytes, most: int, wanted: Callable[[bytes, int], bool]) -> Inside | None:
    """Unpack a file up to `most` bytes; None where nobody wants it.

    `wanted` is asked with the first bytes and the size that a gzip names at its end (-1 for the others). Raises
    `TROUBLE`.
    """
    promised = -1
    if head[:2] == b"\x1f\x8b":
        file.seek(-4, 2)
        promised = int.from_bytes(file.read(4), "little")
    file.seek(0)
    with _opened(file, head) as plain:
        begin = plain.read(HEAD)
        if not wanted(begin, promised):
            return None
        digest, size = hashlib.sha256(begin), len(begin)
        while chunk := plain.read(_CHUNK):
            size += len(chunk)
            if size > most:
                return Inside(begin, size, None)
            digest.update(chunk)
    return Inside(begin, size, digest.hexdigest())


def _opened(file: IO[bytes], head: bytes) -> gzip.GzipFile | bz2.BZ2File | lzma.LZMAFile:
    if head[:2] == b"\x1f\x8b":
        return gzip.GzipFile(fileobj=file)
    return bz2.BZ2File(file) if head[:2] == b"BZ" else lzma.LZMAFile(file)
