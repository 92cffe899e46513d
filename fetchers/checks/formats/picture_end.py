"""Follow a PNG, JPEG or GIF to its end while its bytes pass by.

PNG (third edition, 5 and 11): chunks with their CRC, to IEND. JPEG (ITU-T T.81, annex B): segments by their lengths,
then the scans, to the marker EOI; the thumbnail in a segment has an EOI of its own, which is none of the picture's.
GIF (89a): blocks to the trailer. What comes after the end is counted.
"""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING

from fetchers.checks.formats.ending import Ending, cut

if TYPE_CHECKING:
    from collections.abc import Generator

_PNG_HEAD = 8
_IDAT, _IEND, _IHDR = b"IDAT", b"IEND", b"IHDR"
_marker = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]").search  # in a scan: no stuffed byte, no restart (B.1.1)
_EOI, _SOS, _BARE = 0xD9, 0xDA, frozenset((0x01, *range(0xD0, 0xD9)))


class _Asking:
    """Runs a generator that asks for bytes: `n` wants exactly so many, `-n` wants so many skipped."""

    def __init__(self, what: str) -> None:
        self.taken = self.trailing = 0
        self._what = what
        self._done = False
        self._wrong: str | None = None
        self._held = b""
        self._steps = self._walk()
        self._wanted = next(self._steps)

    def _walk(self) -> Generator[int, bytes, str | None]:
        raise NotImplementedError

    def update(self, data: bytes | memoryview) -> None:
        """Take the next bytes."""
        self.taken += len(data)
        at, count = 0, len(data)
        while at < count:
            if self._done:
                self.trailing += count - at
                return
            if self._wanted < 0:
                step = min(-self._wanted, count - at)
                self._skipped(data[at : at + step])
                self._wanted += step
                at += step
                if self._wanted < 0:
                    return
                self._next(b"")
                continue
            need = self._wanted - len(self._held)
            piece = bytes(data[at : at + need])
            at += len(piece)
            self._held += piece
            if len(self._held) < self._wanted:
                return
            held, self._held = self._held, b""
            self._next(held)

    def ending(self) -> Ending:
        """Return the answer, when no more bytes come."""
        if self._wrong is not None:
            return cut(f"damaged: {self._wrong}")
        if not self._done:
            return cut(f"cut off: {self.taken:,} bytes are here, and the end of the {self._what} is not among them")
        return Ending("whole", trailing=self.trailing)

    def _next(self, data: bytes) -> None:
        try:
            self._wanted = self._steps.send(data)
        except StopIteration as stop:
            self._done, self._wrong = True, stop.value

    def _skipped(self, data: bytes | memoryview) -> None:
        """Look at bytes that are skipped."""


class PngEnd(_Asking):
    """Follows one PNG."""

    def __init__(self) -> None:
        self._crc = 0
        super().__init__("PNG (its chunk IEND)")

    def _walk(self) -> Generator[int, bytes, str | None]:
        yield _PNG_HEAD
        data = False
        while True:
            head = yield 8
            length, name = int.from_bytes(head[:4], "big"), head[4:]
            if length > 0x7FFFFFFF or not name.isalpha():  # noqa: PLR2004 - 5.3: at most 2^31 - 1
                return f"where a chunk should begin at byte {self.taken:,} there is none"
            self._crc = zlib.crc32(name)
            if length:
                yield -length
            if int.from_bytes((yield 4), "big") != self._crc:
                return f"the CRC of its chunk {name.decode('ascii')} is wrong"
            data = data or name == _IDAT
            if name == _IEND:
                return None if data else "it has no pixels (no chunk IDAT)"

    def _skipped(self, data: bytes | memoryview) -> None:
        self._crc = zlib.crc32(data, self._crc)


class GifEnd(_Asking):
    """Follows one GIF."""

    def __init__(self) -> None:
        super().__init__("GIF (its trailer)")

    def _walk(self) -> Generator[int, bytes, str | None]:
        head = yield 13
        if head[10] & 0x80:
            yield -3 * (2 << (head[10] & 7))
        while True:
            (kind,) = yield 1
            if kind == 0x3B:  # noqa: PLR2004 - the trailer
                return None
            if kind == 0x2C:  # noqa: PLR2004 - an image
                image = yield 9
                if image[8] & 0x80:
                    yield -3 * (2 << (image[8] & 7))
            elif kind != 0x21:  # noqa: PLR2004 - an extension
                return f"where a block should begin at byte {self.taken:,} there is none"
            yield 1  # the code size of an image, the label of an extension
            while True:
                (length,) = yield 1
                if not length:
                    break
                yield -length


class JpegEnd:
    """Follows one JPEG."""

    def __init__(self) -> None:
        self._taken = self._trailing = 0
        self._skip = 2  # the marker SOI
        self._held = b""
        self._scan = self._done = self._seen = False

    def update(self, data: bytes | memoryview) -> None:
        """Take the next bytes."""
        self._taken += len(data)
        rest = self._held + bytes(data) if self._held else bytes(data)
        self._held, at = b"", 0
        while at < len(rest):
            if self._done:
                self._trailing += len(rest) - at
                return
            if self._skip:
                step = min(self._skip, len(rest) - at)
                self._skip -= step
                at += step
                continue
            found = _marker(rest, at)
            if found is None:
                last = rest[at:].rstrip(b"\xff")
                self._held = rest[at + len(last) :]  # a marker may be cut in two
                return
            code = rest[found.end() - 1]
            if code == _EOI:
                self._done, at = True, found.end()
            elif code in _BARE:
                at = found.end()
            elif found.end() + 2 > len(rest):
                self._held = rest[found.start() :]
                return
            else:
                self._seen = self._seen or code == _SOS
                length = int.from_bytes(rest[found.end() : found.end() + 2], "big")
                at, self._skip = found.end() + 2, max(length - 2, 0)

    def ending(self) -> Ending:
        """Return the answer, when no more bytes come."""
        if not self._done:
            return cut(f"cut off: {self._taken:,} bytes are here, and the JPEG's end (EOI) is not among them")
        if not self._seen:
            return cut("damaged: the JPEG ends before its picture begins")
        return Ending("whole", trailing=self._trailing)
