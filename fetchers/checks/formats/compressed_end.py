"""Follow a gzip, bzip2, xz or zstd file to its last checksum while its bytes pass by.

Every member is inflated, as `gzip -t` does, and compared with its own CRC; several members may stand end to end, with
zero bytes between and after them. What comes out is thrown away but for its beginning (`head`) and its length.
"""

from __future__ import annotations

import bz2
import lzma
import zlib
from typing import TYPE_CHECKING, Any, NamedTuple

from fetchers.checks.formats.ending import UNKNOWN, Ending, cut

if TYPE_CHECKING:
    from collections.abc import Callable

_HEAD = 1 << 16
_OUT = 1 << 20
_LIMIT = 4 << 30  # bytes that may come out of any file; beyond that, so many times what was put in:
_RATIO = 200
_ZSTD_STEP = 1 << 10  # zstandard knows no limit for what comes out: a block of four bytes may become 128 KiB
_BROKEN = (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError)


class _Format(NamedTuple):
    magic: tuple[bytes, ...]
    make: Callable[[], Any]
    step: int = 0  # bytes that are put in together; 0: all of them


def _zstd() -> Any:  # noqa: ANN401 - the objects of four libraries
    from zstandard import ZstdDecompressor

    return ZstdDecompressor(max_window_size=128 << 20).decompressobj()


_FORMATS = {
    "gzip": _Format((b"\x1f\x8b",), lambda: zlib.decompressobj(31)),
    "bz2": _Format((b"BZh",), bz2.BZ2Decompressor),
    "xz": _Format((b"\xfd7zXZ\0",), lambda: lzma.LZMADecompressor(memlimit=256 << 20)),
    "zstd": _Format((b"\x28\xb5\x2f\xfd",), _zstd, _ZSTD_STEP),
}


class CompressedEnd:
    """Follows one file of `kind`. `inflated` counts what came out, `head` is the first 64 KiB of it."""

    def __init__(self, kind: str) -> None:
        self.head = b""
        self.inflated = 0
        self._kind = kind
        self._format = _FORMATS[kind]
        self._one: Any = self._format.make()
        self._taken = 0
        self._left = b""  # what was put in behind the end of a member
        self._begins = b""  # what may become the magic number of the next member
        self._zeros = self._trailing = 0
        self._fault: Ending | None = None

    def update(self, data: bytes | memoryview) -> None:
        """Take the next bytes."""
        if self._fault is not None:
            return
        self._taken += len(data)
        try:
            rest = data
            while rest:
                rest = self._between(rest) if self._one is None else self._within(rest)
        except _BROKEN as error:
            self._fault = cut(f"damaged {self._kind}: {_words(error)}, within the first {self._taken:,} bytes")
        except Exception as error:  # noqa: BLE001 - zstandard has an error of its own, and is seldom loaded
            self._fault = cut(f"damaged {self._kind}: {_words(error)}, within the first {self._taken:,} bytes")

    def ending(self) -> Ending:
        """Return the answer, when no more bytes come."""
        if self._fault is not None:
            return self._fault
        if self._one is not None:
            return cut(f"cut off: {self._taken:,} bytes are here, and the {self._kind} stream goes on")
        if self._begins and any(magic.startswith(self._begins) for magic in self._format.magic):
            return cut(f"cut off: {self._taken:,} bytes are here, and another {self._kind} member begins")
        return Ending("whole", trailing=self._zeros + self._trailing + len(self._begins))

    def _within(self, data: bytes | memoryview) -> bytes | memoryview:
        """Inflate within a member; return what comes after its end."""
        step = self._format.step or len(data)
        for start in range(0, len(data), step):
            self._inflate(data[start : start + step])
            if self._one is None or self._fault is not None:
                return self._left + bytes(data[start + step :]) if self._fault is None else b""
        return b""

    def _inflate(self, data: bytes | memoryview) -> None:
        one = self._one
        bounded = () if self._format.step else (_OUT,)
        while True:
            out = one.decompress(data, *bounded)
            self.inflated += len(out)
            if len(self.head) < _HEAD:
                self.head += out[: _HEAD - len(self.head)]
            if self.inflated > _LIMIT and self.inflated > _RATIO * self._taken:
                self._fault = UNKNOWN  # what it would cost to follow it is out of proportion
                return
            if one.eof:
                self._left = bytes(one.unused_data)
                self._one, self._begins = None, b""
                return
            data = getattr(one, "unconsumed_tail", b"")  # zlib keeps it outside, the others within
            if not data and (self._format.step or getattr(one, "needs_input", len(out) < _OUT)):
                return

    def _between(self, data: bytes | memoryview) -> bytes | memoryview:
        """Look for the next member; return its bytes where one begins."""
        if self._trailing:
            self._trailing += len(data)
            return b""
        rest = self._begins + bytes(data)
        if not self._begins:
            plain = rest.lstrip(b"\0")
            self._zeros += len(rest) - len(plain)
            rest = plain
        longest = max(map(len, self._format.magic))
        if rest.startswith(self._format.magic):
            self._one, self._begins, self._zeros = self._format.make(), b"", 0
            return rest
        self._begins = rest
        if len(rest) >= longest:
            self._trailing, self._begins = len(rest), b""
        return b""


def _words(error: Exception) -> str:
    """Return a library's message without its numbers."""
    said = str(error).lower()
    if "crc" in said or "incorrect data check" in said or "checksum" in said:
        return "its checksum is wrong"
    if "length check" in said:
        return "its length is not the one that it names"
    return "its data cannot be unpacked"
