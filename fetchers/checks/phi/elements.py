"""Walk the elements of a DICOM file for what may name somebody: to its end, whatever the size of the pixel data.

Not pydicom's reader: that one ends at an odd value representation or a missing delimiter, and keeps what it reads. Here
a value is looked at by its first bytes, pixel data are stepped over, and what cannot be followed ends the walk with the
reason; what came until then has been told.
"""

from __future__ import annotations

import io
import struct
import time
import zlib
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from fetchers.checks.dicom.signature import begins_at
from fetchers.checks.dicom.vr import LONG, SHORT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

SECONDS = 2.0
_MOST = 200_000  # elements and items
_DEEPEST = 64
_VALUE = 1024  # bytes of a value that are looked at
_INFLATED = 16 << 20
_PACKED = 32 << 20
_UNDEFINED = 0xFFFFFFFF
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_PIXELS = frozenset((0x7FE00008, 0x7FE00009, 0x7FE00010))
_SYNTAX = 0x00020010
_IMPLICIT, _BIG, _DEFLATED = b"1.2.840.10008.1.2", b"1.2.840.10008.1.2.2", b"1.2.840.10008.1.2.1.99"
_CLOCK = 64  # elements between two looks at the clock


class Element(NamedTuple):
    """One element: `value` is its first bytes, `filled` whether a sequence has an item with anything in it."""

    tag: int
    vr: str
    value: bytes
    depth: int
    filled: bool = False


class EndedError(ValueError):
    """The walk cannot go on; the text says why, and how far it came."""


class _Frame(NamedTuple):
    """A sequence that we are in: where it ends, if it has a length, and how its outside is encoded."""

    end: int | None
    explicit: bool
    order: str


def walk(stream: BinaryIO, size: int) -> Iterator[Element]:
    """Yield the elements, those of sequences included; raise `EndedError` where it can go no further."""
    stream.seek(0)
    at, syntax = begins_at(stream.read(1024)), b""
    meta = _Walk(stream, size, at, "<", explicit=True)
    for one in meta.run(only_meta=True):
        if one.tag == _SYNTAX:
            syntax = one.value.rstrip(b"\0 ")
        yield one
    if syntax == _DEFLATED:
        yield from _inflated(stream, meta.at)
        return
    stream.seek(meta.at)
    first = stream.read(6)
    order = ">" if syntax == _BIG or (not syntax and first[:2] == b"\0\x08") else "<"
    explicit = syntax != _IMPLICIT and (bool(syntax) or first[4:6] in SHORT or first[4:6] in LONG)
    yield from _Walk(stream, size, meta.at, order, explicit=explicit).run()


def _inflated(stream: BinaryIO, at: int) -> Iterator[Element]:
    stream.seek(at)
    inflater = zlib.decompressobj(-15)
    try:
        plain = inflater.decompress(stream.read(_PACKED), _INFLATED)
    except zlib.error as error:
        raise EndedError("its deflated data cannot be unpacked") from error
    yield from _Walk(io.BytesIO(plain), len(plain), 0, "<", explicit=True).run()
    if not inflater.eof:
        raise EndedError(f"its deflated data go on after {len(plain):,} bytes")


class _Walk:
    def __init__(self, stream: BinaryIO, size: int, at: int, order: str, *, explicit: bool) -> None:
        self.at = at
        self._stream = stream
        self._size = size
        self._order = order
        self._explicit = explicit
        self._frames: list[_Frame] = []
        self._until = time.monotonic() + SECONDS

    def run(self, *, only_meta: bool = False) -> Iterator[Element]:
        for count in range(_MOST):
            while self._frames and self._frames[-1].end is not None and self.at >= self._frames[-1].end:
                self._leave()
            if self.at + 8 > self._size:
                return
            if not count % _CLOCK and time.monotonic() > self._until:
                raise EndedError(f"it takes more than {SECONDS:.0f} s: looked through up to byte {self.at:,}")
            tag, vr, length, start = self._head()
            if only_meta and tag >> 16 != 2:  # noqa: PLR2004 - the meta header
                return
            if tag in (_ITEM, _ITEM_END):
                self.at = start
            elif tag == _SEQUENCE_END:
                self.at = start
                if self._frames:
                    self._leave()
            else:
                yield from self._element(tag, vr, length, start)
        raise EndedError(f"it has more than {_MOST:,} elements: looked through up to byte {self.at:,}")

    def _element(self, tag: int, vr: str, length: int, start: int) -> Iterator[Element]:
        if tag in _PIXELS:
            self.at = start + length if length != _UNDEFINED else self._fragments(start)
        elif vr == "SQ" or length == _UNDEFINED:
            self._enter(length, start)
            first = self._read(start, 8).ljust(8, b"\0")
            filled = struct.unpack_from(f"{self._order}HH", first) == (0xFFFE, 0xE000) and first[4:] != bytes(4)
            yield Element(tag, "SQ", b"", len(self._frames) - 1, filled)
        else:
            value = self._read(start, min(length, _VALUE))
            self.at = start + length
            yield Element(tag, vr, value, len(self._frames))
            if self.at > self._size:
                raise EndedError(f"it ends within element ({tag >> 16:04x},{tag & 0xFFFF:04x}), at byte {self._size:,}")

    def _head(self) -> tuple[int, str, int, int]:
        raw = self._read(self.at, 12)
        group, element, length = struct.unpack_from(f"{self._order}HHI", raw)
        tag = group << 16 | element
        if group == 0xFFFE:  # noqa: PLR2004 - items and delimiters have no value representation
            return tag, "", length, self.at + 8
        if not self._explicit:
            return tag, known_vr(tag), length, self.at + 8
        vr = raw[4:6]
        if vr in LONG and len(raw) == 12:  # noqa: PLR2004 - and the longer length
            named = known_vr(tag) if vr == b"UN" else vr.decode("ascii")
            return tag, named, struct.unpack_from(f"{self._order}I", raw, 8)[0], self.at + 12
        # What is no VR has a length of two bytes, too: so all the short ones have.
        named = vr.decode("ascii") if vr in SHORT else known_vr(tag)
        return tag, "UN" if named == "SQ" else named, struct.unpack_from(f"{self._order}H", raw, 6)[0], self.at + 8

    def _enter(self, length: int, start: int) -> None:
        if len(self._frames) >= _DEEPEST:
            raise EndedError(f"it is nested more than {_DEEPEST} deep: looked through up to byte {self.at:,}")
        end = None if length == _UNDEFINED else start + length
        self._frames.append(_Frame(end, self._explicit, self._order))
        if self._explicit and self._read(self.at + 4, 2) == b"UN":  # implicit little endian within (PS3.5, 6.2.2)
            self._explicit = False
            self._order = ">" if self._read(start, 4) == b"\xff\xfe\xe0\x00" else "<"
        self.at = start

    def _leave(self) -> None:
        frame = self._frames.pop()
        self._explicit, self._order = frame.explicit, frame.order

    def _fragments(self, at: int) -> int:
        """Step over encapsulated pixel data; raise `EndedError` where they have no end."""
        for count in range(_MOST):
            raw = self._read(at, 8)
            if len(raw) < 8:  # noqa: PLR2004 - a tag and a length
                raise EndedError("its pixel data have no end; all before them was looked through")
            group, element, length = struct.unpack(f"{self._order}HHI", raw)
            if (group, element) == (0xFFFE, 0xE0DD):
                return at + 8
            if (group, element) != (0xFFFE, 0xE000) or (not count % _CLOCK and time.monotonic() > self._until):
                raise EndedError("its pixel data have no end; all before them was looked through")
            at += 8 + length
        raise EndedError("its pixel data have too many fragments; all before them was looked through")

    def _read(self, at: int, count: int) -> bytes:
        self._stream.seek(at)
        return self._stream.read(count)


@lru_cache(4096)
def known_vr(tag: int) -> str:
    """Return the value representation that the standard gives a tag; UN for what it does not know."""
    from pydicom.datadict import dictionary_has_tag, dictionary_VR

    return dictionary_VR(tag) if dictionary_has_tag(tag) else "UN"
