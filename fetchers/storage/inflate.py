"""How are packed bytes unpacked without trusting what they say of their size?

The decompressors are the standard library's and zstandard's. Every call is bounded, every checksum is compared, and the
stream must end where it says: a gzip without its trailer, a zip member with bytes left over are no files.
"""

from __future__ import annotations

import bz2
import io
import lzma
import zlib
from typing import TYPE_CHECKING

from fetchers.errors import ContentError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, Self

    from fetchers.storage.pieces import Pieces
    from fetchers.storage.zips import Entry

_CHUNK = 1 << 20


def inflated(archive: Pieces, entry: Entry) -> Iterator[bytes]:
    """Yield the bytes of a zip's entry; raises `ContentError` unless size and CRC-32 are as promised at its end."""
    crc, size = 0, 0
    for chunk in _entry_chunks(archive, entry):
        size += len(chunk)
        if size > entry.size:
            raise ContentError(f"{entry.name!r}: more than the promised {entry.size:,} bytes come out of it")
        crc = zlib.crc32(chunk, crc)
        yield chunk
    if size != entry.size:
        raise ContentError(f"{entry.name!r}: {size:,} bytes came out of it, {entry.size:,} were promised")
    if crc != entry.crc:
        raise ContentError(f"{entry.name!r}: CRC-32 {crc:08x} came out of it, {entry.crc:08x} was promised")


def _entry_chunks(archive: Pieces, entry: Entry) -> Iterator[bytes]:
    read = _packed(archive, entry)
    if entry.method == 0:
        yield from read
        return
    make = _MAKERS.get(entry.method)
    if make is None:
        from zstandard import ZstdDecompressor  # noqa: PLC0415 - few zips need it

        decompressor: Any = ZstdDecompressor().decompressobj()
    else:
        decompressor = make(archive, entry)
    try:
        for chunk in read:
            yield from _fed(decompressor, chunk, entry.size)
    except (zlib.error, lzma.LZMAError, OSError, ValueError, EOFError) as error:
        raise ContentError(f"{entry.name!r}: broken: {error}") from error
    if not getattr(decompressor, "eof", True):
        raise ContentError(f"{entry.name!r}: truncated: its packed bytes end too early")


def _packed(archive: Pieces, entry: Entry) -> Iterator[bytes]:
    at, left = entry.data, entry.packed
    if entry.method == 14:  # noqa: PLR2004 - LZMA: APPNOTE 5.8.8, two bytes of version, two of property length
        skip = 4 + int.from_bytes(archive.at(at + 2, 2), "little")
        at, left = at + skip, left - skip
    while left > 0:
        chunk = archive.at(at, min(left, _CHUNK))
        if not chunk:
            raise ContentError(f"truncated: {entry.name!r} is cut off")
        at, left = at + len(chunk), left - len(chunk)
        yield chunk


def _fed(decompressor: Any, chunk: bytes, most: int) -> Iterator[bytes]:  # noqa: ANN401 - three libraries' objects
    """Feed one chunk, never taking more than 1 MiB out at a time."""
    if isinstance(decompressor, _ZLIB):
        out = decompressor.decompress(chunk, min(most + 1, 8 * _CHUNK))
        while out:
            yield out
            if not decompressor.unconsumed_tail:
                return
            out = decompressor.decompress(decompressor.unconsumed_tail, _CHUNK)
    elif isinstance(decompressor, (bz2.BZ2Decompressor, lzma.LZMADecompressor)):
        out = decompressor.decompress(chunk, _CHUNK)
        while out:
            yield out
            if decompressor.eof or decompressor.needs_input:
                return
            out = decompressor.decompress(b"", _CHUNK)
    else:
        yield decompressor.decompress(chunk)


_ZLIB = type(zlib.decompressobj())


def _lzma_of(archive: Pieces, entry: Entry) -> lzma.LZMADecompressor:
    head = archive.at(entry.data, 9)
    properties = head[4 : 4 + int.from_bytes(head[2:4], "little")]
    described = lzma._decode_filter_properties(lzma.FILTER_LZMA1, properties)  # type: ignore[attr-defined]  # noqa: SLF001 - as zipfile does
    return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[described])


_MAKERS: dict[int, Callable[[Pieces, Entry], Any]] = {
    8: lambda _archive, _entry: zlib.decompressobj(-15),
    12: lambda _archive, _entry: bz2.BZ2Decompressor(),
    14: _lzma_of,
    95: lambda _archive, _entry: lzma.LZMADecompressor(lzma.FORMAT_XZ),
}


class Plain(io.RawIOBase):
    """A decompressed stream, at most `longest` bytes of it, whose end must be an end."""

    def __init__(self, archive: Pieces, kind: str, longest: int) -> None:
        super().__init__()
        self._archive = archive
        self._make = _STREAMS.get(kind)
        self._object: Any = self._make() if self._make else None
        self._left = longest + (1 << 20)  # a tar's own blocks come on top of its members
        self._ready = b""
        self._tail: list[bytes] = []

    def __enter__(self) -> Self:
        return self

    def readable(self) -> bool:
        """Say yes."""
        return True

    def readinto(self, buffer: object) -> int:
        """Fill `buffer` with decompressed bytes; raises `ContentError` for more than there may be."""
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]  # whatever has a buffer
        if not self._ready:
            self._ready = self._next()
        body, self._ready = self._ready[: len(view)], self._ready[len(view) :]
        view[: len(body)] = body
        self._left -= len(body)
        if self._left < 0:
            raise ContentError("refused: more bytes come out of it than its size can honestly hold")
        self._tail = [*self._tail[-3:], body[-1024:]] if body else self._tail
        return len(body)

    def finish(self) -> None:
        """Read to the end; raises `ContentError` unless the two zero blocks and the packing's trailer are there."""
        while self.read(_CHUNK):
            pass
        if b"".join(self._tail)[-1024:].strip(b"\0") or not self._tail:
            raise ContentError("truncated: the archive's end is missing")

    def _next(self) -> bytes:
        if self._object is None:
            return self._archive.read(_CHUNK) or b""
        while True:
            try:
                out = self._step()
            except (zlib.error, lzma.LZMAError, OSError, ValueError) as error:
                raise ContentError(f"broken archive: {error}") from error
            if out is not None:
                return out

    def _step(self) -> bytes | None:
        """Take one step; b"" is the end, None that nothing came out yet."""
        one = self._object
        if getattr(one, "eof", False):
            rest = getattr(one, "unused_data", b"") or self._archive.read(_CHUNK) or b""
            if not rest.strip(b"\0"):
                return b""
            self._object = one = self._make() if self._make else None
            return self._taken(one, rest)
        if isinstance(one, _ZLIB) and one.unconsumed_tail:
            return one.decompress(one.unconsumed_tail, _CHUNK) or None
        if isinstance(one, (bz2.BZ2Decompressor, lzma.LZMADecompressor)) and not one.needs_input:
            return one.decompress(b"", _CHUNK) or None
        packed = self._archive.read(1 << 17)
        if not packed:
            raise ContentError("truncated: the packed stream ends too early")
        return self._taken(one, packed)

    def _taken(self, one: Any, packed: bytes) -> bytes | None:  # noqa: ANN401 - three libraries' objects
        if isinstance(one, (_ZLIB, bz2.BZ2Decompressor, lzma.LZMADecompressor)):
            return one.decompress(packed, _CHUNK) or None
        return one.decompress(packed) or None


def _zstd() -> Any:  # noqa: ANN401 - the library's own object
    from zstandard import ZstdDecompressor  # noqa: PLC0415 - few archives need it

    return ZstdDecompressor(max_window_size=1 << 27).decompressobj()


_STREAMS: dict[str, Callable[[], Any]] = {
    "gzip": lambda: zlib.decompressobj(31),
    "bz2": bz2.BZ2Decompressor,
    "xz": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=256 << 20),
    "zstd": _zstd,
}


def stream(archive: Pieces, kind: str, *, longest: int) -> Plain:
    """Open the decompressed stream of an archive of `kind`; raises `ContentError` when it is read, not here."""
    return Plain(archive, kind, longest)
