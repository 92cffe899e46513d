"""Decompress without trusting what the bytes say of their size.

The decompressors are the standard library's and zstandard's, in one shape (`Decompressor`): every call is bounded in
what comes out of it. Every checksum is compared, and a stream must end where it says: a gzip without its trailer, a
zip's entry with bytes left over are no files.
"""

from __future__ import annotations

import bz2
import lzma
import struct
import zlib
from typing import TYPE_CHECKING, Protocol

from fetchers.errors import ContentError
from fetchers.storage.archive.refusal import refuse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fetchers.storage.archive.concat import Pieces
    from fetchers.storage.archive.zip_entries import Entry

_CHUNK = 1 << 20
_MEMORY = 256 << 20  # what a stranger's dictionary may take; xz -9 asks for 65 MiB, zstd --long=27 for 128
_ZSTD_STEP = 1 << 10  # a block of four bytes may become 128 KiB: so much at once becomes 32 MiB at most
BROKEN = (zlib.error, lzma.LZMAError, OSError, ValueError, EOFError)


class Decompressor(Protocol):
    """One stream, as `bz2` and `lzma` shape it: `needs_input` is false while more may come out of what was put in."""

    @property
    def eof(self) -> bool:
        """True if the stream's own end was read."""

    @property
    def needs_input(self) -> bool:
        """True if nothing more comes out before more is put in."""

    @property
    def unused_data(self) -> bytes:
        """Return what was put in beyond the stream's end."""

    def decompress(self, data: bytes, max_length: int = -1, /) -> bytes:
        """Decompress `data`; return at most `max_length` bytes."""


class _Deflate:
    """zlib in that shape. It may hold bytes back without any input left, when the room was used up exactly."""

    def __init__(self, window: int) -> None:
        self._one = zlib.decompressobj(window)
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return self._one.eof

    @property
    def unused_data(self) -> bytes:
        return self._one.unused_data

    def decompress(self, data: bytes, max_length: int = -1, /) -> bytes:
        tail = self._one.unconsumed_tail
        out = self._one.decompress(tail + data if tail else data, max_length)
        self.needs_input = not self._one.eof and not self._one.unconsumed_tail and len(out) < max_length
        return out


class _Deflate64:
    """inflate64 in that shape: it knows no limit either. 18 bits may become 64 KiB, so 1 KiB becomes 30 MiB at most."""

    def __init__(self) -> None:
        from inflate64 import Inflater

        self._one = Inflater()
        self._waiting = memoryview(b"")
        self.unused_data = b""  # it skips what follows its end; the size and the CRC prove that nothing is lost

    @property
    def eof(self) -> bool:
        return bool(self._one.eof)

    @property
    def needs_input(self) -> bool:
        return not self._waiting and not self.eof

    def decompress(self, data: bytes, max_length: int = -1, /) -> bytes:
        del max_length
        self._waiting = memoryview(bytes(self._waiting) + data) if data else self._waiting
        step, self._waiting = self._waiting[:_ZSTD_STEP], self._waiting[_ZSTD_STEP:]
        return bytes(self._one.inflate(bytes(step)))


class _Zstd:
    """zstandard in that shape: it knows no limit for what comes out, so little is put in at a time."""

    def __init__(self) -> None:
        from zstandard import ZstdDecompressor

        self._one = ZstdDecompressor(max_window_size=_MEMORY // 2).decompressobj()
        self._waiting = memoryview(b"")

    @property
    def eof(self) -> bool:
        return bool(self._one.eof)

    @property
    def needs_input(self) -> bool:
        return not self._waiting and not self.eof

    @property
    def unused_data(self) -> bytes:
        return bytes(self._one.unused_data) + bytes(self._waiting)

    def decompress(self, data: bytes, max_length: int = -1, /) -> bytes:
        del max_length
        self._waiting = memoryview(bytes(self._waiting) + data) if data else self._waiting
        step, self._waiting = self._waiting[:_ZSTD_STEP], self._waiting[_ZSTD_STEP:]
        try:
            return bytes(self._one.decompress(step))
        except Exception as error:
            if type(error).__module__.partition(".")[0] == "zstandard" or type(error).__name__ == "ZstdError":
                raise ValueError(str(error)) from error
            raise


def inflated(archive: Pieces, entry: Entry) -> Iterator[bytes]:
    """Yield the bytes of a zip's entry; raise `ContentError` unless size and CRC-32 are as promised at its end."""
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
    if entry.method == 0:
        yield from _packed(archive, entry.data, entry.packed, entry.name)
        return
    one: Decompressor | None = None
    try:
        at, left = entry.data, entry.packed
        if entry.method == _LZMA:
            one, skipped = _lzma(archive, entry)
            at, left = at + skipped, left - skipped
        else:
            one = _METHODS[entry.method]()
        # A whole member of ordinary size comes out of one call; one byte more shows that it was promised too small.
        yield from _expanded(one, _packed(archive, at, left, entry.name), min(entry.size + 1, 8 * _CHUNK))
    except BROKEN as error:
        raise ContentError(f"{entry.name!r}: broken: {error}") from error
    if not one.eof and entry.method != _LZMA:  # raw LZMA may go without an end mark; size and CRC prove it
        raise ContentError(f"{entry.name!r}: truncated: its packed bytes end too early")


def _expanded(one: Decompressor, chunks: Iterator[bytes], most: int) -> Iterator[bytes]:
    """Decompress `chunks` and yield `most` bytes at a time; nothing may follow the stream's end."""
    for chunk in chunks:
        if one.eof:
            raise ValueError("bytes are left over after its packed stream ended")
        out = one.decompress(chunk, most)
        while out or not (one.eof or one.needs_input):
            yield out
            if one.eof or one.needs_input:
                break
            out = one.decompress(b"", most)
    if one.eof and one.unused_data:
        raise ValueError("bytes are left over after its packed stream ended")


def _packed(archive: Pieces, at: int, left: int, name: str) -> Iterator[bytes]:
    while left > 0:
        chunk = archive.at(at, min(left, _CHUNK))
        if not chunk:
            raise ContentError(f"truncated: {name!r} is cut off")
        at, left = at + len(chunk), left - len(chunk)
        yield chunk


def _lzma(archive: Pieces, entry: Entry) -> tuple[Decompressor, int]:
    """Read the properties that stand before the packed bytes (APPNOTE 5.8.8); return how many bytes they are."""
    head = archive.at(entry.data, 9)
    length = int.from_bytes(head[2:4], "little")
    if length != _LZMA_PROPERTIES or len(head) < 4 + length:
        raise ValueError("its LZMA properties are missing")
    packed, size = head[4], struct.unpack_from("<I", head, 5)[0]
    lc, rest = packed % 9, packed // 9
    # A dictionary beyond the member's own size is never looked into; it is only memory.
    filters = [
        {
            "id": lzma.FILTER_LZMA1,
            "lc": lc,
            "lp": rest % 5,
            "pb": rest // 5,
            "dict_size": max(4096, min(size, entry.size, _MEMORY)),
        }
    ]
    return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=filters), 4 + length


_LZMA, _LZMA_PROPERTIES = 14, 5
_METHODS: dict[int, Callable[[], Decompressor]] = {
    8: lambda: _Deflate(-15),
    9: _Deflate64,
    12: bz2.BZ2Decompressor,
    93: _Zstd,
    95: lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MEMORY),
}
_STREAMS: dict[str, Callable[[], Decompressor]] = {
    "gzip": lambda: _Deflate(31),
    "bz2": bz2.BZ2Decompressor,
    "xz": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MEMORY),
    "zstd": _Zstd,
}


class Plain:
    """A tar's stream, decompressed where it is packed; at most `longest` bytes come out of it."""

    def __init__(self, archive: Pieces, kind: str, longest: int) -> None:
        self._archive = archive
        self._make = _STREAMS.get(kind)
        self._one = self._make() if self._make else None
        self._longest = longest
        self._left = longest + _CHUNK  # a tar's own blocks come on top of its members
        self._ready = b""
        self._at = 0

    def take(self, count: int) -> bytes:
        """Return up to `count` bytes, fewer where that saves a copy, none at the end."""
        if self._at == len(self._ready):
            self._ready, self._at = self._next(), 0
            self._left -= len(self._ready)
            if self._left < 0:
                raise refuse("more bytes come out of it than are unpacked unasked", "cost", 2 * self._longest)
        start = self._at
        self._at = min(start + count, len(self._ready))
        return self._ready if not start and self._at == len(self._ready) else self._ready[start : self._at]

    def exactly(self, count: int) -> bytes:
        """Return `count` bytes; raise `ContentError` where there are fewer."""
        found = self.take(count)
        while len(found) < count:
            more = self.take(count - len(found))
            if not more:
                raise ContentError("truncated: the archive ends too early")
            found += more
        return found

    def _next(self) -> bytes:
        if self._one is None or self._make is None:
            return self._archive.read(_CHUNK) or b""
        try:
            return self._step(self._one, self._make)
        except BROKEN as error:
            raise ContentError(f"broken archive: {error}") from error

    def _step(self, one: Decompressor, make: Callable[[], Decompressor]) -> bytes:
        packed = b""
        while True:
            if one.eof:
                # Streams may be put end to end (pigz, pbzip2, xz -T), and zeros may fill up a tape's last block.
                packed = one.unused_data.lstrip(b"\0")
                while not packed:
                    more = self._archive.read(_CHUNK)
                    if not more:
                        return b""
                    packed = more.lstrip(b"\0")
                self._one = one = make()
            elif one.needs_input:
                packed = self._archive.read(1 << 17) or b""
                if not packed:
                    raise ContentError("truncated: the packed stream ends too early")
            out = one.decompress(packed, _CHUNK)
            packed = b""
            if out:
                return out
