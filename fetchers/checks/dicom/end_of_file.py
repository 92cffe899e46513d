"""Does a DICOM file end exactly where its last element ends?"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import BinaryIO

_LONG = frozenset((b"OB", b"OW", b"OF", b"OD", b"OL", b"OV", b"SQ", b"UN", b"UT", b"UC", b"UR", b"SV", b"UV"))
_UNDEFINED = 0xFFFFFFFF
_MOST = 200_000
_DEEPEST = 64
_CHUNK = 1 << 16
_AFTER = 8  # after deflated data: a byte that makes them even (PS3.5, A.5), or a gzip's trailer that a writer left
_DELIMITERS, _ITEM, _SEQUENCE_END = 0xFFFE, 0xFFFEE000, 0xFFFEE0DD
_SYNTAX, _ROWS = 0x00020010, 0x00280010
_PIXELS = frozenset((0x7FE00008, 0x7FE00009, 0x7FE00010, 0x00287FE0))  # the last one: they lie at another address
_BIG, _DEFLATED = b"1.2.840.10008.1.2.2", b"1.2.840.10008.1.2.1.99"


def ends_whole(stream: BinaryIO, size: int) -> bool:
    """Walk the elements, little or big endian, explicit or implicit, by their lengths; deflated ones are inflated.

    What has a length is stepped over; what has none is walked to its delimiter. A data set that has rows and no pixels
    broke off between two elements. False for whatever cannot be followed.
    """
    stream.seek(0)
    at = 132 if stream.read(132)[128:] == b"DICM" else 0
    syntax = b""
    while (head := _head(stream, at, "<", explicit=True)) is not None and head[0] >> 16 == 2:  # noqa: PLR2004 - meta
        tag, length, at = head
        if tag == _SYNTAX:
            stream.seek(at)
            syntax = stream.read(min(length, 64)).rstrip(b"\0 ")
        at += length
    if syntax == _DEFLATED:
        return _inflates(stream, at)
    order = ">" if syntax == _BIG else "<"
    stream.seek(at + 4)
    vr = stream.read(2)
    return _walk(stream, at, size, order, explicit=vr.isalpha() and vr.isupper())


def _walk(stream: BinaryIO, at: int, size: int, order: str, *, explicit: bool) -> bool:
    within: list[bool] = []  # one for each sequence without a length that we are in: whether its outside is explicit
    rows = pixels = False
    for count in range(_MOST):
        if at == size:
            return count > 0 and not within and (pixels or not rows)
        head = _head(stream, at, order, explicit=explicit)
        if head is None or len(within) > _DEEPEST:
            return False
        tag, length, start = head
        if tag == _SEQUENCE_END:
            if not within:
                return False
            explicit = within.pop()
        elif tag >> 16 != _DELIMITERS and not within:
            rows, pixels = rows or tag == _ROWS, pixels or tag in _PIXELS
        if length != _UNDEFINED:
            at = start + length
        else:
            at = start
            if tag != _ITEM:
                within.append(explicit)
                # UN without a length is implicit within (PS3.5, 6.2.2).
                explicit = explicit and not _is_unknown(stream, start)
        if at > size:
            return False
    return False


def _head(stream: BinaryIO, at: int, order: str, *, explicit: bool) -> tuple[int, int, int] | None:
    """Give an element's tag, its length, and where its value starts; None at the end."""
    stream.seek(at)
    raw = stream.read(12)
    if len(raw) < 8:  # noqa: PLR2004 - a tag and a length
        return None
    group, element, length = struct.unpack_from(f"{order}HHI", raw)
    if explicit and group != _DELIMITERS:
        if raw[4:6] not in _LONG:
            length = struct.unpack_from(f"{order}H", raw, 6)[0]
        elif len(raw) == 12:  # noqa: PLR2004 - and the longer length
            return group << 16 | element, struct.unpack_from(f"{order}I", raw, 8)[0], at + 12
        else:
            return None
    return group << 16 | element, length, at + 8


def _is_unknown(stream: BinaryIO, start: int) -> bool:
    stream.seek(start - 8)
    return stream.read(2) == b"UN"


def _inflates(stream: BinaryIO, at: int) -> bool:
    stream.seek(at)
    inflater = zlib.decompressobj(-15)
    try:
        while not inflater.eof and (chunk := inflater.unconsumed_tail or stream.read(_CHUNK)):
            inflater.decompress(chunk, _CHUNK)
    except zlib.error:
        return False
    return inflater.eof and len(inflater.unused_data) <= _AFTER
